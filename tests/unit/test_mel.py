"""The log-mel spectrum can be computed while the audio comes."""

import numpy as np
import pytest

from voicegw.audio.mel import BANDS, RATE_HZ, LogMel


def spectrum(pcm: np.ndarray, piece: int) -> np.ndarray:
    mel = LogMel()
    for start in range(0, len(pcm), piece):
        mel.feed(pcm[start : start + piece])
    return mel.features(RATE_HZ)


@pytest.mark.parametrize("piece", [1, 77, 320, 5000])
def test_pieces_of_any_size_give_the_same_spectrum(piece):
    pcm = np.random.default_rng(3).normal(0, 3000, 4321).astype(np.int16)
    assert np.allclose(spectrum(pcm, piece), spectrum(pcm, len(pcm)), atol=1e-6)


def test_asking_in_the_middle_changes_nothing_later():
    pcm = np.random.default_rng(3).normal(0, 3000, 4000).astype(np.int16)
    mel = LogMel()
    mel.feed(pcm[:1500])
    mel.features(1000)
    mel.feed(pcm[1500:])
    assert np.allclose(mel.features(RATE_HZ), spectrum(pcm, len(pcm)), atol=1e-6)


@pytest.mark.parametrize(("hz", "band"), [(500, 12), (1000, 26), (3000, 55)])
def test_a_tone_is_loudest_in_its_band(hz, band):
    tone = (8000 * np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ)).astype(np.int16)
    assert abs(int(spectrum(tone, RATE_HZ)[:, 50].argmax()) - band) <= 1


def test_no_audio_is_silence_as_long_as_the_padding():
    features = LogMel().features(RATE_HZ)
    assert features.shape == (BANDS, 100)
    assert np.ptp(features) < 1e-5  # processors differ in their last bit


def test_the_number_of_frames_is_even_as_the_encoder_halves_it():
    for samples in range(400, 1200, 160):
        assert spectrum(np.ones(samples, np.int16), samples).shape[1] % 2 == 0
