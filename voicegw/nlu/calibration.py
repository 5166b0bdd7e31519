"""Turns a model's margins into probabilities that can be believed, and finds how sure is sure enough."""

from dataclasses import dataclass

import numpy as np

from voicegw.nlu.arrays import Array, sigmoid

PRECISION = 0.97
"""Share of right answers asked for on held-out examples, a little above what is promised on new sentences."""
LEAST, MOST = 0.92, 0.97
"""Bounds of the threshold: held-out examples are easier than calls, and few of them say little."""
UNSEEN = 0.5
"""Log odds taken off: half of the turns in calls are near the domain and yet no intent ("a room for three, please"),
which examples cannot show."""


@dataclass(frozen=True)
class Platt:
    """Probability = sigmoid(slope * margin + offset) (Platt 1999), shared by all intents."""

    slope: float = 1.0
    offset: float = 0.0

    def probabilities(self, margins: Array) -> Array:
        return sigmoid(self.slope * margins + self.offset)

    @classmethod
    def fit(cls, margins: Array, labels: Array) -> "Platt":
        """By Newton's method over every pair of sentence and intent, held close to the identity."""
        x, y = margins.ravel().astype(np.float64), labels.ravel().astype(np.float64)
        columns = np.stack([x, np.ones_like(x)], axis=1)
        start = np.array([1.0, 0.0])
        point = start.copy()
        for _ in range(20):
            p = sigmoid(columns @ point)
            slope = columns.T @ (p - y) + (point - start)
            curvature = (columns.T * (p * (1 - p))) @ columns + np.eye(2)
            point -= np.linalg.solve(curvature, slope)
        return cls(max(0.2, float(point[0])), float(point[1]) - UNSEEN)


def threshold(best: Array, right: Array) -> float:
    """Smallest probability above which held-out answers were right often enough.

    :param best: probability of the best intent, one per held-out sentence.
    :param right: whether it was one of the sentence's intents.
    """
    if not len(best):
        return LEAST
    order = np.argsort(-best, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= PRECISION)
    if not len(enough):
        return MOST
    return float(np.clip(best[order][enough[-1]], LEAST, MOST))
