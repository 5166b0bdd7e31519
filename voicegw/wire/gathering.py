"""Frames on their way to a worker: each at once, or a few together while it can wait for them."""

import numpy as np

from voicegw.audio.levels import level_dbfs
from voicegw.wire.messages import Frame, Frames, GatherFrames


class Gathering:
    """Of one link. Whoever hands frames over owns it; ``wanted`` may be written from another thread."""

    def __init__(self) -> None:
        self.wanted = GatherFrames()
        self._waiting: list[Frame] = []
        self._soft = 0
        """How many of the first that wait are soft."""

    def add(self, frame: Frame) -> Frame | Frames | None:
        """What is to be sent now that ``frame`` has come."""
        wanted, waiting = self.wanted, self._waiting
        waiting.append(frame)
        is_due = len(waiting) >= wanted.together and (
            len(waiting) >= wanted.soft_together or self._since_loud(wanted.soft_dbfs) >= wanted.together
        )
        return self.take() if is_due else None

    def take(self) -> Frame | Frames | None:
        """All that waits, before something that must not overtake it is sent."""
        frames, self._waiting, self._soft = self._waiting, [], 0
        if len(frames) > 1:
            return Frames(tuple(frames))
        return frames[0] if frames else None

    def _since_loud(self, soft_dbfs: float) -> int:
        """How many wait from the first one on that is not soft."""
        while self._soft < len(self._waiting) and _is_softer(self._waiting[self._soft], soft_dbfs):
            self._soft += 1
        return len(self._waiting) - self._soft


def _is_softer(frame: Frame, dbfs: float) -> bool:
    return level_dbfs(np.frombuffer(frame.heard, "<i2")) < dbfs
