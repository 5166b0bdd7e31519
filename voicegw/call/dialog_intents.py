"""Which intents count: those that the reflex stands by, and those that are worth a guess."""

from collections.abc import Sequence

from voicegw.dialplan.model import Dialplan
from voicegw.nlu.understanding import Understanding

SURE = 0.5
"""The intent that the reflex stands by has at least this score."""
ALSO = 0.75
"""Another one in the same sentence counts from this score: that it is sure of the first says nothing of others."""
GUESS = 0.3
"""An intent with this score is worth asking about, or fits a value that it would ask for."""

CLEAR, LEAD = 0.7, 0.3
"""An intent with this score, and so much more than the next, is right in six of seven turns that the reflex is not sure
of; the small language model in half of them (docs/decisions/0010)."""


def wanted(understanding: Understanding) -> list[str]:
    """Intents that the reflex stands by, best first."""
    return _above(understanding, SURE)[:1] + _above(understanding, ALSO)[1:] if understanding.confident else []


def probable(understanding: Understanding) -> list[str]:
    """Intents that are rather meant than not, best first, also where the reflex does not stand by them."""
    return _above(understanding, SURE)


def likely(understanding: Understanding) -> list[str]:
    """Intents that may be meant, best first."""
    return _above(understanding, GUESS)


def favourite(understanding: Understanding) -> str:
    """The intent that may be meant where no other comes near; empty: there is none."""
    scores = [intent for intent in understanding.intents if not intent.negated]
    if not scores or scores[0].score < CLEAR:
        return ""
    return scores[0].name if len(scores) < 2 or scores[0].score - scores[1].score >= LEAD else ""


def urgent(plan: Dialplan, understanding: Understanding) -> str:
    """The task that a danger calls for, if one is likely: too often is better than once too late."""
    return next((task for task in tasks(likely(understanding)) if plan.tasks[task].urgent), "")


def tasks(names: Sequence[str]) -> list[str]:
    """The tasks among intents, in their order."""
    return [name.removeprefix("task.") for name in names if name.startswith("task.")]


def _above(understanding: Understanding, score: float) -> list[str]:
    return [intent.name for intent in understanding.intents if intent.score >= score and not intent.negated]
