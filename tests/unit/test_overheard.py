"""A call is heard while somebody listens: both sides together, and nothing of a secret that is asked for."""

import numpy as np

from voicegw.audio.g711 import mu_law_decode
from voicegw.wire.messages import FRAME_BYTES, FRAME_MS, Frame
from voicegw.worker.overheard import LEASE_MS, Overheard
from voicegw.worker.recorder import NotRecorded

SAMPLES = FRAME_BYTES // 2


def pcm(level: int) -> bytes:
    return np.full(SAMPLES, level, "<i2").tobytes()


class Call:
    """Frames that go by."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.overheard = Overheard(NotRecorded(), self.pieces.append)
        self.frames = 0

    def lasts(self, frames: int, heard: int = 1000, played: int | None = 3000) -> None:
        for _ in range(frames):
            sound = b"" if played is None else pcm(played)
            self.overheard.add(Frame(self.frames * FRAME_MS, pcm(heard), sound))
            self.frames += 1

    def level(self) -> int:
        """Of the last piece, which is the same all through."""
        samples = mu_law_decode(np.frombuffer(self.pieces[-1], np.uint8))
        assert len(samples) == 2 * SAMPLES
        assert np.ptp(samples) == 0
        return int(samples[0])


def test_nothing_goes_out_where_nobody_listens_nor_long_after_somebody_did():
    call = Call()
    call.lasts(100)
    assert call.pieces == []
    call.overheard.overhear()
    call.lasts(2 * LEASE_MS // FRAME_MS)
    assert len(call.pieces) == (LEASE_MS // FRAME_MS - 1) // 2


def test_both_sides_are_heard_together_and_never_louder_than_can_be():
    call = Call()
    call.overheard.overhear()
    call.lasts(2)
    assert abs(call.level() - 4000) < 130
    call.lasts(2, played=None)
    assert abs(call.level() - 1000) < 40
    call.lasts(2, heard=30000, played=30000)
    assert call.level() > 31000


def test_a_secret_that_is_asked_for_is_not_heard():
    call = Call()
    call.overheard.overhear()
    call.overheard.silence(True)
    call.lasts(2)
    assert call.level() == 0
    call.overheard.silence(False)
    call.lasts(2)
    assert call.level() > 3000
