"""Fits a ``DigitNetwork`` to labelled states. Deterministic, numpy alone; a minute on one core for 2,000 strings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from voicegw.audio.spoken_digits.network import DigitNetwork, in_reach
from voicegw.audio.spoken_digits.words import CLASSES, Array

COMPONENTS = 64
UNITS = 160
EPOCHS = 4
BATCH = 512
RATE = 2e-3
DROPPED = 0.3
"""Share of hidden units left out of each step (Srivastava et al. 2014)."""
DECAY = 1e-5
SAMPLED = 7
"""Every so manyth frame is enough to find the main components."""


@dataclass(frozen=True)
class Labelled:
    """One recording."""

    states: Array
    """``[frames, width]``."""
    classes: Array
    """Of each frame."""


def fit(recordings: Sequence[Labelled], seed: int = 1) -> DigitNetwork:
    """A network that tells these recordings' classes."""
    rng = np.random.default_rng(seed)
    mean, basis = _components(recordings)
    rows = np.concatenate([in_reach((one.states.astype(np.float32) - mean) @ basis) for one in recordings])
    classes = np.concatenate([one.classes for one in recordings])
    weights = [
        rng.normal(0, np.sqrt(2 / rows.shape[1]), (rows.shape[1], UNITS)).astype(np.float32),
        np.zeros(UNITS, np.float32),
        rng.normal(0, np.sqrt(1 / UNITS), (UNITS, CLASSES)).astype(np.float32),
        np.zeros(CLASSES, np.float32),
    ]
    steps = EPOCHS * (len(rows) // BATCH)
    adam = _Adam(weights)
    for step, chosen in enumerate(_batches(len(rows), rng)):
        slopes = _slopes(weights, rows[chosen], classes[chosen], rng)
        adam.move(slopes, RATE * (1 - step / steps))
    priors = np.bincount(classes, minlength=CLASSES) / len(classes)
    hidden, hidden_offsets, output, output_offsets = weights
    return DigitNetwork(mean, basis, hidden, hidden_offsets, output, output_offsets, priors.astype(np.float32))


def _components(recordings: Sequence[Labelled]) -> tuple[Array, Array]:
    """Mean, and whitened main components."""
    states = np.concatenate([one.states[::SAMPLED] for one in recordings]).astype(np.float32)
    mean = states.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((states - mean).T))
    return mean, (vectors[:, -COMPONENTS:] / np.sqrt(values[-COMPONENTS:])).astype(np.float32)


def _batches(rows: int, rng: np.random.Generator) -> Iterator[Array]:
    for _ in range(EPOCHS):
        order = rng.permutation(rows)
        for first in range(0, rows // BATCH * BATCH, BATCH):
            yield order[first : first + BATCH]


def _slopes(weights: Sequence[Array], rows: Array, classes: Array, rng: np.random.Generator) -> list[Array]:
    """Of the mean cross-entropy, by each weight."""
    hidden, hidden_offsets, output, output_offsets = weights
    sums = rows @ hidden + hidden_offsets
    kept = (rng.random(sums.shape, np.float32) > DROPPED) * (sums > 0) * np.float32(1 / (1 - DROPPED))
    units = sums * kept
    odds = units @ output + output_offsets
    wrong = np.exp(odds - odds.max(axis=1, keepdims=True))
    wrong /= wrong.sum(axis=1, keepdims=True)
    wrong[np.arange(len(classes)), classes] -= 1
    wrong /= len(classes)
    back = (wrong @ output.T) * kept
    return [rows.T @ back, back.sum(axis=0), units.T @ wrong, wrong.sum(axis=0)]


class _Adam:
    """Kingma and Ba 2015; changes the weights in place."""

    def __init__(self, weights: Sequence[Array]) -> None:
        self._weights = weights
        self._means = [np.zeros_like(one) for one in weights]
        self._squares = [np.zeros_like(one) for one in weights]
        self._step = 0

    def move(self, slopes: Sequence[Array], rate: float) -> None:
        self._step += 1
        shrunk_mean, shrunk_square = 1 - 0.9**self._step, 1 - 0.999**self._step
        for weight, slope, mean, square in zip(self._weights, slopes, self._means, self._squares, strict=True):
            slope = slope + DECAY * weight
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope**2 - square)
            weight -= np.float32(rate) * (mean / shrunk_mean) / (np.sqrt(square / shrunk_square) + 1e-8)
