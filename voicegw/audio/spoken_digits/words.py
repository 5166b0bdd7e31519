"""The words that digits are said with, and the classes that frames of sound are told apart by."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "oh")
OH = WORDS.index("oh")
DIGITS = 10
PARTS = 3
"""Beginning, middle and end of each word are classes of their own."""
SILENCE = PARTS * len(WORDS)
OTHER = SILENCE + 1
"""Any other word."""
CLASSES = OTHER + 1
FRAMES_PER_S = 50
"""Of the encoder's states."""


def frame_classes(words: list[tuple[str, int, int]], rate_hz: int, frames: int) -> Array:
    """The class of each frame, int64 ``[frames]``.

    :param words: what is said, from which sample to which.
    """
    classes = np.full(frames, SILENCE)
    per_frame = rate_hz / FRAMES_PER_S
    for word, begin, end in words:
        first, last = begin / per_frame, end / per_frame
        for frame in range(round(first), min(frames, round(last))):
            part = min(PARTS - 1, int(PARTS * (frame + 0.5 - first) / (last - first)))
            classes[frame] = PARTS * WORDS.index(word) + part if word in WORDS else OTHER
    return classes
