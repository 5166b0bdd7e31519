"""Which intents count: those that the reflex stands by, and those that are worth a guess."""

from voicegw.nlu.understanding import Understanding

SURE = 0.5
"""An intent that the reflex stands by has at least this score."""
GUESS = 0.3
"""An intent with this score is worth asking about, or fits a value that it would ask for."""


def wanted(understanding: Understanding) -> list[str]:
    """Intents that the reflex stands by, best first."""
    return _above(understanding, SURE) if understanding.confident else []


def likely(understanding: Understanding) -> list[str]:
    """Intents that may be meant, best first."""
    return _above(understanding, GUESS)


def _above(understanding: Understanding, score: float) -> list[str]:
    return [intent.name for intent in understanding.intents if intent.score >= score and not intent.negated]
