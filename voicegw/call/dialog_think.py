"""What the language model is asked when the reflex is not sure: a small question with few answers."""

from collections.abc import Sequence

from voicegw.call.commands import Think
from voicegw.call.dialog_intents import likely
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_state import Thought
from voicegw.call.dialog_values import values_in
from voicegw.dialplan import talk
from voicegw.dialplan.model import Dialplan
from voicegw.nlu.understanding import IntentScore, Understanding

PERSON = talk.PERSON
NONE = "none"
LEAST_WORDS = 2
"""Fewer words than this the model could only guess at."""
HEARD_WELL = 0.45
"""Words that were heard less surely are often not what was said ("You're all been in your own", 0.3, for "What are your
opening hours?"): who is asked to say it again is not led elsewhere."""
MOST_CHOICES = 6
"""Small models choose well among few."""
CONTEXT_LINES = 4


def worth_it(reply: Reply, understanding: Understanding, confidence: float) -> bool:
    """Whether the model may and can help.

    :param confidence: with which the words were heard.
    """
    question = reply.state.question
    asks_value = question is not None and question.kind in ("slot", "check", "write")
    enough = len(understanding.text.split()) >= LEAST_WORDS + 2 * asks_value
    may = reply.plan.reasoning.allowed and confidence >= HEARD_WELL
    return may and enough and not values_in(understanding)


def think(reply: Reply, understanding: Understanding, lines: Sequence[tuple[str, str]]) -> None:
    """Ask the model which of the likeliest is meant."""
    choices = choices_of(reply.plan, understanding)
    thought = Thought(reply.state.next_id(), understanding.text, tuple(choices), tuple(likely(understanding)))
    reply.state.thought = thought
    reply.commands.append(ask(reply.plan, choices, lines, thought.id))


def ask(plan: Dialplan, choices: Sequence[str], lines: Sequence[tuple[str, str]], number: int = 0) -> Think:
    """The question: the last lines of the conversation, and what the caller's last words may mean."""
    said = "\n".join(f"{who}: {text}" for who, text in lines[-CONTEXT_LINES:])
    listed = "\n".join(f"- {choice}: {_about(plan, choice)}" for choice in choices)
    schema: dict[str, object] = {
        "type": "object",
        "properties": {"choice": {"enum": list(choices)}},
        "required": ["choice"],
        "additionalProperties": False,
    }
    return Think(number, system(plan), f"{said}\n\nChoices:\n{listed}", schema)


def system(plan: Dialplan) -> str:
    """The fixed beginning of every question, which a server keeps cached."""
    persona = plan.persona or "You answer the phone for a company."
    return (
        f"{persona}\nDecide what the caller wants. Answer with JSON: the choice that fits the caller's last words "
        f"best. Choose {NONE!r} if no other choice fits."
    )


def understanding_of(thought: Thought, decision: dict[str, object] | None) -> Understanding:
    """What the model decided, as if the reflex had been sure of it."""
    choice = str((decision or {}).get("choice", NONE))
    if choice == NONE or choice not in thought.choices:
        return Understanding(thought.text)
    return Understanding(thought.text, (IntentScore(choice, 1.0),), confident=True)


def choices_of(plan: Dialplan, understanding: Understanding) -> list[str]:
    """The likeliest by the reflex, then a person, then none of them."""
    ranked = [intent.name for intent in understanding.intents if intent.name.startswith(("task.", "answer."))]
    known = [name for name in plan.examples() if not name.startswith("talk.")]
    return [*list(dict.fromkeys([*ranked, *known]))[:MOST_CHOICES], PERSON, NONE]


def _about(plan: Dialplan, choice: str) -> str:
    kind, _, name = choice.partition(".")
    if kind == "task":
        task = plan.tasks[name]
        return task.about or task.title
    if kind == "answer":
        return f"asks: {plan.knowledge.answers[name].questions[0]}"
    return "wants to talk to a person" if choice == PERSON else "something else, or unclear"
