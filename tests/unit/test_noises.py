"""Sounds for benches: the same from the same seed, as loud as asked, and of the kind they say."""

import numpy as np
import pytest

from voicegw.audio.levels import frame_levels_dbfs, level_dbfs
from voicegw.qa.noises import at_level, babble, cough, music, television, white
from voicegw.qa.spans import samples, voiced_spans
from voicegw.qa.surroundings import FRAME_SAMPLES, Echo, Noise, Surroundings

VOICES = [np.resize(np.hanning(4000) * 9000, 8000).astype(np.int16), np.full(3000, 4000, np.int16)]
MAKERS = [white, music, lambda seconds, seed: babble(VOICES, seconds, seed)]


@pytest.mark.parametrize("make", [*MAKERS, lambda seconds, seed: cough(seed)])
def test_the_same_seed_gives_the_same_samples(make):
    assert np.array_equal(make(1.5, 7), make(1.5, 7))
    assert not np.array_equal(make(1.5, 7)[:1000], make(1.5, 8)[:1000])


@pytest.mark.parametrize("make", MAKERS)
def test_noise_is_as_long_and_as_loud_as_asked(make):
    pcm = at_level(make(3.0, 1), -34)
    assert len(pcm) == samples(3000)
    assert level_dbfs(pcm) == pytest.approx(-34, abs=0.2)


def test_white_noise_is_steady_and_music_is_not():
    steady, lively = (at_level(make(4.0, 1), -30) for make in (white, music))
    levels = [[level_dbfs(pcm[at : at + 800]) for at in range(0, len(pcm), 800)] for pcm in (steady, lively)]
    assert np.std(levels[0]) < 1 < np.std(levels[1])


@pytest.mark.parametrize("seed", range(8))
def test_a_cough_is_short_and_begins_with_its_loudest_part(seed):
    pcm = cough(seed, bursts=1)
    assert 250 <= len(pcm) / 8 <= 400
    loudest = int(np.argmax(np.convolve(pcm.astype(float) ** 2, np.ones(160), mode="same")))
    assert loudest < samples(80)
    assert voiced_spans(np.concatenate([np.zeros(2000, np.int16), pcm, np.zeros(2000, np.int16)]))


def test_two_bursts_are_heard_as_two():
    spans = voiced_spans(np.concatenate([np.zeros(2000, np.int16), cough(3), np.zeros(2000, np.int16)]))
    assert len(spans) == 2


def test_noise_goes_on_over_the_end_of_its_loop():
    noise = Noise(np.arange(250, dtype=np.int16))
    heard = np.concatenate([noise.next_frame() for _ in range(5)])
    assert heard.tolist() == [place % 250 for place in range(800)]


@pytest.mark.parametrize(("delay_ms", "lead_ms"), [(50, 40), (200, 80), (400, 0)])
def test_an_echo_comes_after_its_delay_and_softer(delay_ms, lead_ms):
    echo = Echo(delay_ms, 12.0, lead_ms)
    heard = np.rint(np.random.default_rng(1).normal(0, 3000, 50 * FRAME_SAMPLES))
    back = np.concatenate([echo.next_frame(frame) for frame in heard.reshape(50, -1)])
    lags = [np.dot(back[4000:6000], heard[4000 - lag : 6000 - lag]) for lag in range(3800)]
    assert int(np.argmax(lags)) / 8 == pytest.approx(delay_ms - lead_ms, abs=0.2)
    assert level_dbfs(back[4000:]) - level_dbfs(heard[4000:]) == pytest.approx(-12, abs=1)


def test_surroundings_are_clipped_not_wrapped():
    loud = np.full(FRAME_SAMPLES, 30_000, np.int16)
    mixed = Surroundings(Noise(loud)).mix(loud, loud)
    assert mixed.dtype == np.int16
    assert mixed.max() == 32767


def test_a_television_talks_with_pauses_and_is_the_same_each_time():
    voices = [white(1.0, seed) for seed in range(3)]
    sound = television(voices, 6.0, seed=5)
    assert (sound == television(voices, 6.0, seed=5)).all()
    levels = frame_levels_dbfs(sound, 800)
    assert levels.max() - levels.min() > 6
