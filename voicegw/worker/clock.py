"""The media clock of a call, read between frames."""

import time

from voicegw.wire.messages import FRAME_MS


class MediaClock:
    """Milliseconds since the call began at the cell, carried forward by our own clock between frames."""

    def __init__(self) -> None:
        self._late_ms = 0.0
        self.begin()

    def begin(self) -> None:
        """A call begins now, as far as we know: its first frame will tell better."""
        self._zero = time.monotonic()

    def on_frame(self, at_ms: int) -> None:
        """A frame that began at ``at_ms`` has just arrived: it ended no later than now."""
        zero = time.monotonic() - (at_ms + FRAME_MS) / 1000
        self._late_ms = max(self._late_ms, (zero - self._zero) * 1000)
        # Frames arrive late, never early: the earliest arrival tells the clock best. Drift is let in slowly.
        self._zero = min(zero, self._zero + 0.0002)

    def is_new(self, at_ms: int) -> bool:
        """A frame that began at ``at_ms`` is the last that can have been sent by now."""
        return self.now_ms() < at_ms + 2 * FRAME_MS

    def take_late_ms(self) -> float:
        """The worst delay of a frame since this was asked last."""
        late_ms, self._late_ms = self._late_ms, 0.0
        return round(late_ms, 1)

    def now_ms(self) -> float:
        """Media time now."""
        return self.of(time.monotonic())

    def of(self, monotonic_s: float) -> float:
        """Media time of a reading of ``time.monotonic``."""
        return (monotonic_s - self._zero) * 1000
