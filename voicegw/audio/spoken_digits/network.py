"""Tells from an encoder's states, frame by frame, which part of which digit is being said."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from voicegw.audio.spoken_digits.words import Array

REACH = 3
"""Frames before and after that are looked at: 60 ms."""
PRIOR_WEIGHT = 0.5
"""Classes that were frequent in training are not therefore frequent on the phone."""
RAREST = 1e-4
LEAST = -12.0
"""No single frame speaks stronger against a class than this."""


@dataclass(frozen=True)
class DigitNetwork:
    """One hidden layer over the states' main components. All float32."""

    mean: Array
    """``[width]`` of the states."""
    basis: Array
    """Their main components, whitened, ``[width, components]``."""
    hidden: Array
    """``[components * frames in reach, units]``."""
    hidden_offsets: Array
    output: Array
    """``[units, classes]``."""
    output_offsets: Array
    priors: Array
    """How frequent each class was in training."""

    def scores(self, states: Array) -> Array:
        """Log likelihood of each class up to a constant, float32 ``[frames, CLASSES]``, at least ``LEAST``.

        :param states: float32 ``[frames, width]``.
        """
        units = np.maximum(in_reach((states - self.mean) @ self.basis) @ self.hidden + self.hidden_offsets, 0)
        chances = log_softmax(units @ self.output + self.output_offsets)
        return np.maximum(chances - PRIOR_WEIGHT * np.log(self.priors + RAREST), LEAST)

    def as_arrays(self) -> dict[str, Array]:
        """To be stored."""
        return asdict(self)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> "DigitNetwork":
        """What ``as_arrays`` gave.

        :raises KeyError: not all of it is there.
        """
        return cls(**{name: np.asarray(arrays[name], np.float32) for name in cls.__dataclass_fields__})


def in_reach(rows: Array) -> Array:
    """Each row with those around it, side by side."""
    padded = np.pad(rows, ((REACH, REACH), (0, 0)), mode="edge")
    return np.concatenate([padded[k : k + len(rows)] for k in range(2 * REACH + 1)], axis=1)


def log_softmax(rows: Array) -> Array:
    """Each row as log probabilities."""
    rows = rows - rows.max(axis=1, keepdims=True)
    return np.asarray(rows - np.log(np.exp(rows).sum(axis=1, keepdims=True)))
