"""A call that a supervisor listens in on: what both sides say goes out as one sound, for as long as that is ordered
again and again. Where nobody listens it costs a comparison every 20 ms.
"""

from collections.abc import Callable

import numpy as np

from voicegw.audio.g711 import mu_law_encode
from voicegw.wire.messages import FRAME_BYTES, Frame
from voicegw.worker.recorder import Records

LEASE_MS = 10_000
"""So long after the last order somebody is taken to listen."""
PIECE_FRAMES = 2
_SILENCE = bytes(FRAME_BYTES)


class Overheard:
    """Beside the recorder, who is told all that it must know. Belongs to the worker's event loop.

    :param let_hear: takes a piece of µ-law sound; never blocks.
    """

    def __init__(self, recorder: Records, let_hear: Callable[[bytes], None]) -> None:
        self._recorder = recorder
        self._let_hear = let_hear
        self._at_ms = 0
        self._until_ms = 0
        self._piece: list[bytes] = []
        self._secret = False

    @property
    def is_overheard(self) -> bool:
        """Somebody listens."""
        return self._at_ms < self._until_ms

    def overhear(self) -> None:
        """Somebody listens, for a while."""
        self._until_ms = self._at_ms + LEASE_MS

    def add(self, frame: Frame) -> None:
        """20 ms."""
        self._recorder.add(frame)
        self._at_ms = frame.at_ms
        if frame.at_ms < self._until_ms:
            self._piece.append(_SILENCE if self._secret else _together(frame))
            if len(self._piece) == PIECE_FRAMES:
                self._let_hear(mu_law_encode(np.frombuffer(b"".join(self._piece), "<i2")).tobytes())
                self._piece = []

    def hold(self) -> None:
        """For the recorder: nothing that is heard at once can be held back."""
        self._recorder.hold()

    def release(self, *, secret: bool) -> None:
        """For the recorder."""
        self._recorder.release(secret=secret)

    def silence(self, on: bool) -> None:
        """A secret is being asked for, or no longer is: nobody hears it."""
        self._secret = on
        self._recorder.silence(on)


def _together(frame: Frame) -> bytes:
    """Both sides at once."""
    if not frame.played:
        return frame.heard
    both = np.frombuffer(frame.heard, "<i2").astype(np.int32) + np.frombuffer(frame.played, "<i2")
    return both.clip(-32768, 32767).astype("<i2").tobytes()
