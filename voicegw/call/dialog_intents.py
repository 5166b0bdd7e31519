"""Which intents count: those that the reflex stands by, and those that are worth a guess."""

from voicegw.nlu.understanding import Understanding

SURE = 0.5
"""The intent that the reflex stands by has at least this score."""
ALSO = 0.75
"""Another one in the same sentence counts from this score: that it is sure of the first says nothing of others."""
GUESS = 0.3
"""An intent with this score is worth asking about, or fits a value that it would ask for."""


def wanted(understanding: Understanding) -> list[str]:
    """Intents that the reflex stands by, best first."""
    return _above(understanding, SURE)[:1] + _above(understanding, ALSO)[1:] if understanding.confident else []


def likely(understanding: Understanding) -> list[str]:
    """Intents that may be meant, best first."""
    return _above(understanding, GUESS)


def _above(understanding: Understanding, score: float) -> list[str]:
    return [intent.name for intent in understanding.intents if intent.score >= score and not intent.negated]
