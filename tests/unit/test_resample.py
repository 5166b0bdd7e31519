"""Sample rates change without moving, bending or aliasing what is heard."""

import tracemalloc

import numpy as np
import pytest

from voicegw.audio.resample import Resampler, resample

RATES = [(8000, 16000), (16000, 8000), (24000, 8000), (22050, 8000), (44100, 16000), (8000, 24000)]


def tone(rate_hz: int, hz: float, seconds: float = 1.0) -> np.ndarray:
    return np.rint(8000 * np.sin(2 * np.pi * hz * np.arange(round(rate_hz * seconds)) / rate_hz)).astype(np.int16)


@pytest.mark.parametrize(("from_hz", "to_hz"), RATES)
@pytest.mark.parametrize("hz", [300, 1000, 3000])
def test_a_tone_in_the_telephone_band_comes_out_the_same_at_the_same_time(from_hz, to_hz, hz):
    made = resample(tone(from_hz, hz), from_hz, to_hz)[200:-200].astype(float)
    error = made - tone(to_hz, hz)[200:-200]
    assert 20 * np.log10(made.std() / max(error.std(), 1e-9)) > 60


@pytest.mark.parametrize(("from_hz", "to_hz"), RATES)
def test_frame_by_frame_gives_the_same_samples_as_all_at_once(from_hz, to_hz):
    noise = np.random.default_rng(1).integers(-9000, 9000, from_hz // 2).astype(np.int16)
    stream = Resampler(from_hz, to_hz)
    frame = from_hz // 50
    pieces = [stream.feed(noise[start : start + frame]) for start in range(0, len(noise), frame)]
    whole = np.concatenate([*pieces, stream.flush()])
    assert np.array_equal(whole, resample(noise, from_hz, to_hz))
    assert len(whole) == -(-len(noise) * to_hz // from_hz)


@pytest.mark.parametrize("hz", [4500, 5000, 7000, 11000])
def test_what_the_lower_rate_cannot_hold_is_removed(hz):
    assert resample(tone(24000, hz), 24000, 8000)[200:-200].std() < 3


def test_no_image_appears_above_the_old_band():
    spectrum = np.abs(np.fft.rfft(resample(tone(8000, 1500), 8000, 16000)[1000:9000] * np.hanning(8000)))
    assert spectrum[2100:].max() < spectrum.max() * 1e-3


def test_a_frame_from_the_line_is_held_back_by_no_more_than_four_milliseconds():
    assert len(Resampler(8000, 16000).feed(tone(8000, 440, 0.02))) >= 16 * (20 - 4)


def test_full_scale_is_clipped_and_does_not_wrap_around():
    square = np.where(tone(8000, 200) > 0, 32767, -32768).astype(np.int16)
    made = resample(square, 8000, 16000)
    assert made.max() == 32767
    assert made.min() == -32768
    assert np.corrcoef(made[::2], square)[0, 1] > 0.98


def test_equal_rates_pass_through():
    pcm = tone(8000, 440)
    stream = Resampler(8000, 8000)
    assert np.array_equal(stream.feed(pcm), pcm)
    assert not len(stream.flush())


def test_nothing_in_gives_nothing_out():
    assert not len(resample(np.zeros(0, np.int16), 8000, 16000))


@pytest.mark.parametrize(("from_hz", "to_hz"), RATES)
def test_a_long_piece_takes_little_memory(from_hz, to_hz):
    """Where memory is dear to touch, as in a worker just forked, copies of it made a reply wait 0.2 s."""
    pcm = tone(from_hz, 440, 4.0)
    stream = Resampler(from_hz, to_hz)
    tracemalloc.start()
    made = stream.feed(pcm)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak <= 10 * max(pcm.nbytes, made.nbytes)
