"""When the caller was not understood, or says nothing: other words each time, then a way out."""

from dataclasses import replace

from voicegw.call.dialog_intents import likely
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_state import Question
from voicegw.call.dialog_steps import begin_block, hand_over, run
from voicegw.nlu.understanding import Understanding

MOST_GUESSES = 2
"""How often one guess is asked about in a call."""


def missed(reply: Reply, understanding: Understanding) -> None:
    """Nothing was understood: ask about a guess, or ask again in other words, or take the way out."""
    if ask_about_guess(reply, understanding):
        return
    miss(reply)


def miss(reply: Reply) -> None:
    """One more answer that was not understood."""
    question = reply.state.question or Question("more")
    reply.state.question = question = replace(question, misses=question.misses + 1)
    no_match = reply.plan.limits.no_match
    slot = reply.plan.slots.get(question.name) if question.kind == "slot" else None
    allowed = slot.tries if slot else len(no_match.say) + 1
    if question.misses >= allowed:
        give_up(reply, question)
        return
    lead = no_match.say[min(question.misses, len(no_match.say)) - 1]
    reply.say([lead])
    if slot and question.misses > 1:
        reply.say(slot.help or reply.plan.wordings("key_it_in"))
    reply.ask_again()


def silent(reply: Reply) -> None:
    """The caller said nothing."""
    question = reply.state.question or Question("more")
    reply.state.question = question = replace(question, silences=question.silences + 1)
    no_input = reply.plan.limits.no_input
    if question.silences > len(no_input.say):
        begin_block(reply, "limits", "no_input", "then")
        run(reply)
        return
    reply.say([no_input.say[question.silences - 1]])
    if question.kind not in ("open", "more"):
        reply.ask_again()


def give_up(reply: Reply, question: Question) -> None:
    """A question was asked as often as it may be."""
    slot = reply.plan.slots.get(question.name) if question.kind == "slot" else None
    if slot and slot.otherwise:
        begin_block(reply, "slots", question.name, "otherwise")
    elif slot:
        hand_over(reply, f"{question.name} was not understood")
        return
    else:
        begin_block(reply, "limits", "no_match", "then")
    run(reply)


def ask_about_guess(reply: Reply, understanding: Understanding) -> bool:
    """ "Is it about a refund?", when that is likely but not sure."""
    question = reply.state.question
    if question and question.kind not in ("open", "more", "meant"):
        return False
    guesses = [name.removeprefix("task.") for name in likely(understanding) if name.startswith("task.")]
    fresh = [task for task in guesses if reply.state.counts.get(f"guess {task}", 0) < MOST_GUESSES][:2]
    if not fresh or (question and question.kind == "meant" and question.name.split() == fresh):
        return False
    for task in fresh:
        reply.state.count(f"guess {task}")
    titles = [reply.plan.tasks[task].title for task in fresh]
    values = {"title": titles[0]} | ({"other": titles[1]} if len(titles) == 2 else {})
    phrase = "meant_either" if len(titles) == 2 else "meant"
    reply.ask_phrase("meant", phrase, name=" ".join(fresh), **values)
    return True
