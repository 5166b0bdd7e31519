"""What a caller hears while nobody has the call: two soft tones, to say that the line is alive."""

import numpy as np

from voicegw.wire.messages import FRAME_BYTES, FRAME_MS, RATE_HZ

TONES_HZ = (392.0, 494.0)
TONE_MS = 240
CYCLE_MS = 1600
"""From one pair of tones to the next."""
PEAK = 700.0
"""-36 dBFS: heard, and no reason to stop talking."""
MOST_MS = 8000
"""A call without a worker ends before that."""


def comfort_frames() -> list[bytes]:
    """20 ms pieces, in order; ``MOST_MS`` in all."""
    at = np.arange(TONE_MS * RATE_HZ // 1000)
    envelope = np.hanning(len(at))
    tones = [PEAK * envelope * np.sin(2 * np.pi * hz * at / RATE_HZ) for hz in TONES_HZ]
    cycle = np.zeros(CYCLE_MS * RATE_HZ // 1000)
    cycle[: len(at) * len(tones)] = np.concatenate(tones)
    pcm = np.tile(cycle, MOST_MS // CYCLE_MS).astype("<i2").tobytes()
    return [pcm[start : start + FRAME_BYTES] for start in range(0, MOST_MS // FRAME_MS * FRAME_BYTES, FRAME_BYTES)]


COMFORT = tuple(comfort_frames())
