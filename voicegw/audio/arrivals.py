"""What came over a network, evened out: frames arrive in bursts and late, and are taken one every 20 ms.

As little is held as the network lets: each frame waits only until it is asked for, and what piles up (a burst after a
gap, or a sender whose clock runs faster) is let go once it has waited for a whole second.
"""

from collections import deque

from voicegw.wire.messages import FRAME_BYTES, FRAME_MS

MOST_FRAMES = 10
"""More than 200 ms behind is no conversation: the oldest goes at once."""
SETTLE_FRAMES = 1000 // FRAME_MS
"""A second in which there was always a frame to spare: one frame less is needed."""
SPARE_FRAMES = 1
"""Kept against a frame that comes a little late."""


class Arrivals:
    """Audio in pieces of any size, out in frames of 20 ms. Not thread-safe."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._frames: deque[bytes] = deque()
        self._asked = 0
        self._least = MOST_FRAMES
        """Frames that were left after one was taken, at the least in this second."""
        self.missed = 0
        """Frames that had not come when they were asked for."""
        self.dropped = 0
        """Frames that came too late to be heard."""

    def add(self, pcm: bytes) -> None:
        """What has just come; 16-bit samples at the wire's rate."""
        self._rest += pcm
        while len(self._rest) >= FRAME_BYTES:
            self._frames.append(bytes(self._rest[:FRAME_BYTES]))
            del self._rest[:FRAME_BYTES]
        while len(self._frames) > MOST_FRAMES:
            self._drop()

    def take(self) -> bytes | None:
        """The next 20 ms; None if they have not come."""
        frame = self._frames.popleft() if self._frames else None
        self.missed += frame is None
        self._least = min(self._least, len(self._frames))
        self._asked += 1
        if self._asked % SETTLE_FRAMES == 0:
            if self._least > SPARE_FRAMES:
                self._drop()
            self._least = MOST_FRAMES
        return frame

    def _drop(self) -> None:
        self._frames.popleft()
        self.dropped += 1
