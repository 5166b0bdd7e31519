"""How loud the room is when nobody speaks: a floor that follows the softest frames."""

from collections import deque

WINDOW_FRAMES = 75
"""1.5 s: longer than a stressed syllable, shorter than a change of room."""
QUIETEST_SHARE = 0.15


class NoiseFloor:
    """Tracks a low quantile of frame levels (minimum statistics, after Martin 2001)."""

    def __init__(self, begin_dbfs: float = -70.0) -> None:
        self._levels: deque[float] = deque([begin_dbfs], maxlen=WINDOW_FRAMES)
        self.dbfs = begin_dbfs

    def feed(self, level_dbfs: float) -> float:
        """Take a frame's level; gives the floor as it stood before it."""
        before = self.dbfs
        self._levels.append(level_dbfs)
        if len(self._levels) % 5 == 0 or len(self._levels) == WINDOW_FRAMES:
            ordered = sorted(self._levels)
            self.dbfs = ordered[int(len(ordered) * QUIETEST_SHARE)]
        return before
