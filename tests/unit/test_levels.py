"""Levels are what a level meter on the line would show."""

import numpy as np
import pytest

from voicegw.audio.levels import SILENCE_DBFS, active_speech_level, amplified, frame_levels_dbfs, level_dbfs

RATE_HZ = 8000


def tone(amplitude: float, seconds: float = 1.0) -> np.ndarray:
    return np.rint(amplitude * np.sin(2 * np.pi * 500 * np.arange(round(RATE_HZ * seconds)) / RATE_HZ)).astype(np.int16)


def test_a_full_scale_sine_is_three_decibels_below_a_full_scale_square_wave():
    assert level_dbfs(tone(32767)) == pytest.approx(-3.01, abs=0.01)
    assert level_dbfs(np.full(100, -32768, np.int16)) == 0


@pytest.mark.parametrize("pcm", [np.zeros(160, np.int16), np.zeros(0, np.int16)])
def test_digital_silence_and_no_samples_have_the_lowest_level(pcm):
    assert level_dbfs(pcm) == SILENCE_DBFS


def test_levels_of_frames_agree_with_the_level_of_each():
    pcm = np.concatenate([tone(100, 0.02), tone(10_000, 0.02), np.zeros(170, np.int16)])
    assert frame_levels_dbfs(pcm, 160) == pytest.approx([level_dbfs(pcm[i : i + 160]) for i in (0, 160, 320)])


def test_amplifying_by_six_decibels_raises_the_level_by_six():
    assert level_dbfs(amplified(tone(1000), 6)) - level_dbfs(tone(1000)) == pytest.approx(6, abs=0.01)
    assert amplified(tone(30_000), 20).max() == 32767


@pytest.mark.parametrize("amplitude", [300, 3000, 20_000])
def test_the_level_of_steady_sound_is_its_rms_level(amplitude):
    measured = active_speech_level(tone(amplitude, 3), RATE_HZ)
    assert measured.level_dbfs == pytest.approx(level_dbfs(tone(amplitude)), abs=0.5)
    assert measured.activity == pytest.approx(1, abs=0.05)


def test_pauses_do_not_lower_the_level_of_speech():
    burst, pause = tone(5000, 1.0), np.zeros(RATE_HZ * 2, np.int16)
    measured = active_speech_level(np.concatenate([burst, pause, burst, pause]), RATE_HZ)
    # P.56 counts 200 ms of hangover (and the decay of its envelope) after each burst as speech: 10 log10(1.27).
    assert measured.level_dbfs == pytest.approx(level_dbfs(burst) - 1.0, abs=0.3)
    assert measured.activity == pytest.approx(0.4, abs=0.05)


def test_silence_has_no_speech_level():
    assert active_speech_level(np.zeros(RATE_HZ, np.int16), RATE_HZ).level_dbfs == SILENCE_DBFS
    assert active_speech_level(np.zeros(0, np.int16), RATE_HZ).activity == 0
