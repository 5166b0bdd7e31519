"""End of turn, from the sound alone."""

from typing import Protocol

import numpy as np


class EndOfTurnModel(Protocol):
    """A loaded model, shared by a process."""

    def finished(self, pcm: np.ndarray, rate_hz: int) -> float:
        """Probability that the caller's turn is over, 0 to 1, when ``pcm`` (int16 mono) ends with a pause."""
