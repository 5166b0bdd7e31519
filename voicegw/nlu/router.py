"""Routing: which of the dialplan's intents a turn is, by its sentence vector and those of the examples.

Pure numpy over given unit vectors. An intent scores by its nearest example and by the mean of its nearest three;
the sum is turned into a probability by a fixed logistic. ``confident`` asks for a high score and a lead over every
other intent, so that what is unlike all examples goes to reasoning instead of to the nearest of them.
"""

from collections.abc import Mapping

import numpy as np

from voicegw.nlu.understanding import IntentScore

NEAREST = 3
MIDDLE = 0.52
"""Similarity at which an intent is as likely as not (MiniLM, sentences of one domain)."""
STEEPNESS = 14.0
SURE = 0.66
"""Probability that the best intent must have."""
LEAD = 0.15
"""And how far it must lie before the next."""
SHOWN = 5


class Router:
    """Examples of one dialplan."""

    def __init__(self, examples: Mapping[str, np.ndarray]) -> None:
        self._names = tuple(examples)
        self._vectors = tuple(examples.values())

    @classmethod
    def fit(cls, examples: Mapping[str, np.ndarray]) -> "Router":
        """
        :param examples: intent to float32 ``[sentences, dimensions]``, rows of length 1.
        """
        return cls(examples)

    def route(self, vector: np.ndarray) -> tuple[tuple[IntentScore, ...], bool]:
        """The likeliest intents, best first, and whether the reflex stands by them."""
        similarities = [_similarity(vectors, vector) for vectors in self._vectors]
        probabilities = 1 / (1 + np.exp(-STEEPNESS * (np.array(similarities) - MIDDLE)))
        order = np.argsort(-probabilities, kind="stable")[:SHOWN]
        scores = tuple(IntentScore(self._names[place], round(float(probabilities[place]), 3)) for place in order)
        return scores, _is_sure(scores)


def _similarity(examples: np.ndarray, vector: np.ndarray) -> float:
    nearest = np.sort(examples @ vector)[::-1][:NEAREST]
    return float(0.7 * nearest[0] + 0.3 * nearest.mean())


def _is_sure(scores: tuple[IntentScore, ...]) -> bool:
    if not scores or scores[0].score < SURE:
        return False
    return len(scores) == 1 or scores[0].score - scores[1].score >= LEAD
