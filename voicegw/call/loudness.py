"""How loud the caller speaks: what is much softer is somebody else, or something.

Such sounds are listened to all the same, for a caller may lean back; only the agent does not stop for them before they
have words.
"""

from collections.abc import Sequence

USUAL_DBFS = -22.0
"""Of a caller who has said nothing yet. Phones send speech at -30 to -15."""
FAINT_DB = 14.0
"""Hardly any voiced frame is so much softer than the caller's loud ones but at the edges of words."""
LOUD_PERCENT = 80


class Loudness:
    """Of one caller, by their last turn."""

    def __init__(self) -> None:
        self._loud_dbfs = USUAL_DBFS

    def is_faint(self, level_dbfs: float) -> bool:
        """Whether a frame of that RMS level is softer than this caller speaks."""
        return level_dbfs < self._loud_dbfs - FAINT_DB

    def learn(self, levels_dbfs: Sequence[float]) -> None:
        """A turn had these voiced frames."""
        if levels_dbfs:
            self._loud_dbfs = sorted(levels_dbfs)[len(levels_dbfs) * LOUD_PERCENT // 100]
