"""The comfort sound: soft, without clicks, and in whole frames."""

import numpy as np

from voicegw.audio.comfort import COMFORT, MOST_MS, PEAK
from voicegw.audio.levels import level_dbfs
from voicegw.wire.messages import FRAME_BYTES, FRAME_MS


def test_it_is_soft_and_has_no_steps():
    pcm = np.frombuffer(b"".join(COMFORT), "<i2").astype(int)
    assert 0.9 * PEAK < abs(pcm).max() <= PEAK
    assert abs(np.diff(pcm)).max() < PEAK / 2
    assert level_dbfs(pcm[:1600].astype(np.int16)) < -35


def test_it_is_whole_frames_for_as_long_as_a_call_may_be_without_a_worker():
    assert all(len(frame) == FRAME_BYTES for frame in COMFORT)
    assert len(COMFORT) == MOST_MS // FRAME_MS
