"""What came over a network, evened out: frames arrive in bursts and late, and are taken one every 20 ms.

As little is held as the network lets. Each frame waits only until it is asked for, and whoever asks is told to go a
little faster or slower, so that frames are asked for just after they come: whatever clock the sender has is followed,
and nothing is dropped or missed for it. What piles up in a burst is let go, a frame a second.
"""

from collections import deque

from voicegw.wire.messages import FRAME_BYTES, FRAME_MS

FRAME_S = FRAME_MS / 1000
MOST_FRAMES = 10
"""More than 200 ms behind is no conversation: the oldest goes at once."""
SETTLE_FRAMES = 1000 // FRAME_MS
"""After so many it is judged how long they waited at the least."""
SPARE_S = 0.006
"""Kept against a frame that comes a little late."""
RELAX_S = 0.0005
"""Once a frame was late, another frame's time is kept; it is given up by so much a second."""
STEP_S = 0.001
"""By so much whoever asks goes faster or slower, from one frame to the next."""


class Arrivals:
    """Audio in pieces of any size, out in frames of 20 ms. Times are in seconds, of any clock. Not thread-safe."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._frames: deque[tuple[bytes, float]] = deque()
        """Each with when it was complete."""
        self._spare_s = SPARE_S
        self._asked = 0
        self._heard = False
        self._least_s = FRAME_S * MOST_FRAMES
        """That a frame waited, since it was judged last."""
        self._owed_s = 0.0
        self.missed = 0
        """Frames that had not come when they were asked for."""
        self.dropped = 0
        """Frames that came too late to be heard."""

    def add(self, pcm: bytes, now: float) -> None:
        """What has just come; 16-bit samples at the wire's rate."""
        self._rest += pcm
        while len(self._rest) >= FRAME_BYTES:
            self._frames.append((bytes(self._rest[:FRAME_BYTES]), now))
            del self._rest[:FRAME_BYTES]
        while len(self._frames) > MOST_FRAMES:
            self._drop()

    def take(self, now: float) -> bytes | None:
        """The next 20 ms; None if they have not come."""
        if self._asked == 0:  # what came while nobody listened
            while len(self._frames) > 1:
                self._frames.popleft()
        self._asked += 1
        if not self._frames:
            self.missed += 1
            if self._heard and self._spare_s < FRAME_S:
                self._spare_s += FRAME_S
            self._judge_anew()
            return None
        frame, came_at = self._frames.popleft()
        self._heard = True
        self._least_s = min(self._least_s, now - came_at)
        if self._asked % SETTLE_FRAMES == 0:
            self._judge()
        return frame

    def early_s(self) -> float:
        """How much sooner than 20 ms after the last frame the next one should be asked for; negative: later."""
        step_s = max(-STEP_S, min(self._owed_s, STEP_S))
        self._owed_s -= step_s
        return step_s

    def _judge(self) -> None:
        self._spare_s = max(SPARE_S, self._spare_s - RELAX_S)
        more_s = self._least_s - self._spare_s
        if more_s > FRAME_S and self._frames:
            self._drop()
        else:
            self._owed_s = more_s
        self._judge_anew()

    def _judge_anew(self) -> None:
        self._least_s = FRAME_S * MOST_FRAMES

    def _drop(self) -> None:
        self._frames.popleft()
        self.dropped += 1
