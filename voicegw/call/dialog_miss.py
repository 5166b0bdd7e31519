"""When the caller was not understood, or says nothing: other words each time, then a way out."""

from collections.abc import Sequence
from dataclasses import replace

from voicegw.call.dialog_intents import tasks
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_state import Question
from voicegw.call.dialog_steps import begin_block, hand_over, run
from voicegw.nlu.understanding import Completeness, Understanding

MOST_THINKING = 2
"""How often a caller who thinks aloud is waited for, at one question."""
MOST_UNKNOWN = 3
"""How often the agent says that it does not know, before it takes this for misunderstanding."""
ASKING = {
    "en": ("what", "what's", "when", "where", "where's", "who", "who's", "why", "how", "which", "do", "does", "did",
           "is", "are", "can", "could", "will", "would", "may", "have", "has"),
    "ko": ("언제", "어디", "누가", "왜", "어떻게", "무엇", "뭐", "몇"),
}  # fmt: skip
"""Words that begin questions."""
MOST_GUESSES = 2
"""How often one guess is asked about in a call."""


def thinking_aloud(reply: Reply, understanding: Understanding) -> bool:
    """ "Um, let me see": the caller is not done, and is waited for without a word. Not for ever."""
    if understanding.completeness is not Completeness.INCOMPLETE or not understanding.text.strip():
        return False
    return reply.state.count(f"thinking {reply.state.question_name} {reply.state.task}") < MOST_THINKING


def missed(reply: Reply, text: str, likely: Sequence[str]) -> None:
    """Nothing was understood: ask about a guess, or admit it, or ask again in other words, or take the way out.

    :param likely: intents that may be meant.
    """
    if ask_about_guess(reply, likely):
        return
    question = reply.state.question
    aside = question is None or question.kind in ("open", "more")
    if aside and is_question(text, reply.plan.language) and not reply.state.count("unknown") >= MOST_UNKNOWN:
        reply.say(reply.plan.knowledge.unknown or reply.plan.wordings("unknown"))
        reply.come_back()
        return
    miss(reply)


def is_question(text: str, language: str) -> bool:
    """Whether something is asked, as far as the words tell."""
    words = text.casefold().split()
    return len(words) > 2 and (text.rstrip().endswith("?") or words[0] in ASKING.get(language, ()))


def miss(reply: Reply, *, led: bool = False) -> None:
    """One more answer that was not understood.

    :param led: what is wrong has been said already.
    """
    question = reply.state.question or Question("more")
    reply.state.question = question = replace(question, misses=question.misses + 1)
    no_match = reply.plan.limits.no_match
    slot = reply.plan.slots.get(question.name) if question.kind == "slot" else None
    allowed = slot.tries if slot else len(no_match.say) + 1
    if question.misses >= allowed:
        give_up(reply, question)
        return
    if not led:
        reply.say([no_match.say[min(question.misses, len(no_match.say)) - 1]])
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


def ask_about_guess(reply: Reply, likely: Sequence[str]) -> bool:
    """ "Is it about a refund?", when that is likely but not sure."""
    question = reply.state.question
    if question and question.kind not in ("open", "more", "meant"):
        return False
    fresh = [task for task in tasks(likely) if reply.state.counts.get(f"guess {task}", 0) < MOST_GUESSES][:2]
    if not fresh or (question and question.kind == "meant" and question.name.split() == fresh):
        return False
    for task in fresh:
        reply.state.count(f"guess {task}")
    titles = [reply.plan.tasks[task].title for task in fresh]
    values = {"title": titles[0]} | ({"other": titles[1]} if len(titles) == 2 else {})
    phrase = "meant_either" if len(titles) == 2 else "meant"
    reply.ask_phrase("meant", phrase, name=" ".join(fresh), **values)
    return True
