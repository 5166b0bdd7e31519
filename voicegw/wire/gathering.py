"""Frames on their way to a worker: each at once, or a few together while it can wait for them."""

from voicegw.wire.messages import Frame, Frames


class Gathering:
    """Of one link. Whoever hands frames over owns it; ``together`` may be written from another thread."""

    def __init__(self) -> None:
        self.together = 1
        """As of ``GatherFrames``."""
        self._waiting: list[Frame] = []

    def add(self, frame: Frame) -> Frame | Frames | None:
        """What is to be sent now that ``frame`` has come."""
        self._waiting.append(frame)
        return self.take() if len(self._waiting) >= self.together else None

    def take(self) -> Frame | Frames | None:
        """All that waits, before something that must not overtake it is sent."""
        frames, self._waiting = self._waiting, []
        if len(frames) > 1:
            return Frames(tuple(frames))
        return frames[0] if frames else None
