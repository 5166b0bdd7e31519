"""Log-mel spectrum as Whisper was trained on, computed while the audio comes.

80 mel bands of a 25 ms Hann window every 10 ms at 16 kHz (Radford et al., *Robust Speech Recognition via
Large-Scale Weak Supervision*, §2.2; constants from OpenAI's ``whisper/audio.py``). The mel scale and the
filters' equal areas are Slaney's (*Auditory Toolbox*, 1998).
"""

from functools import lru_cache

import numpy as np

RATE_HZ = 16000
WINDOW = 400
HOP = 160
BANDS = 80
FRAMES_PER_S = RATE_HZ // HOP
FLOOR_LOG10 = -10.0
"""What digital silence is said to be."""
RANGE_LOG10 = 8.0
"""Everything further than this below the loudest band is cut off there."""


class LogMel:
    """The spectrum of one utterance. Frame ``n`` is centred on sample ``n * HOP``."""

    def __init__(self) -> None:
        self._samples = np.zeros(0, np.float32)
        self._whole: list[np.ndarray] = []
        self._began = False

    def feed(self, pcm: np.ndarray) -> None:
        """Append int16 samples at ``RATE_HZ``; computes the frames they complete."""
        self._samples = np.concatenate([self._samples, pcm.astype(np.float32) / 32768])
        if not self._began:
            if len(self._samples) <= WINDOW // 2:
                return
            self._samples = _mirrored(self._samples)
            self._began = True
        frames = _log_mel(self._samples)
        if len(frames):
            self._whole.append(frames)
            self._samples = self._samples[len(frames) * HOP :]

    def features(self, padding: int) -> np.ndarray:
        """Normalised float32 ``[BANDS, frames]`` of all fed so far and ``padding`` samples of silence after it.

        Equal to Whisper's own front end on the same samples; the number of frames is even, as the encoder
        halves it. Nothing fed gives silence.
        """
        spectrum = np.concatenate([*self._whole, self._tail(max(padding, WINDOW))])
        spectrum = spectrum[: len(spectrum) // 2 * 2]
        spectrum = np.maximum(spectrum, spectrum.max() - RANGE_LOG10)
        return np.ascontiguousarray((spectrum.T + 4) / 4, np.float32)

    def _tail(self, padding: int) -> np.ndarray:
        """Frames that reach into the padding."""
        silence_too = np.pad(self._samples, (0, WINDOW))
        samples = silence_too if self._began else _mirrored(silence_too)
        wanted = (len(samples) - WINDOW + padding - WINDOW // 2) // HOP
        touched = _log_mel(samples)
        silence = np.full((max(wanted - len(touched), 0), BANDS), FLOOR_LOG10, np.float32)
        return np.concatenate([touched[:wanted], silence])


def _mirrored(samples: np.ndarray) -> np.ndarray:
    """The first frame is centred on the first sample: what lies before is mirrored."""
    return np.concatenate([samples[WINDOW // 2 : 0 : -1], samples])


def _log_mel(samples: np.ndarray) -> np.ndarray:
    """Of each whole window, log10 ``[frames, BANDS]``."""
    if len(samples) < WINDOW:
        return np.zeros((0, BANDS), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(windows * _window(), axis=1)) ** 2
    return np.log10(np.maximum(power @ _filters(), 10**FLOOR_LOG10)).astype(np.float32)


@lru_cache(maxsize=1)
def _window() -> np.ndarray:
    """Periodic Hann."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


@lru_cache(maxsize=1)
def _filters() -> np.ndarray:
    """Triangles of equal area, ``[WINDOW // 2 + 1, BANDS]``."""
    bins_hz = np.linspace(0, RATE_HZ / 2, WINDOW // 2 + 1)
    edges_hz = _mel_to_hz(np.linspace(0, _hz_to_mel(RATE_HZ / 2), BANDS + 2))
    low, centre, high = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rising = (bins_hz[:, np.newaxis] - low) / (centre - low)
    falling = (high - bins_hz[:, np.newaxis]) / (high - centre)
    return (np.maximum(np.minimum(rising, falling), 0) * 2 / (high - low)).astype(np.float32)


# Slaney: linear up to 1 kHz (15 mel), then 27 steps for every factor of 6.4.
_LINEAR_HZ, _LINEAR_MEL, _STEP = 1000.0, 15.0, np.log(6.4) / 27


def _hz_to_mel(hz: float) -> float:
    return _LINEAR_MEL + float(np.log(hz / _LINEAR_HZ)) / _STEP if hz > _LINEAR_HZ else hz * 3 / 200


def _mel_to_hz(mel: np.ndarray) -> np.ndarray:
    above = _LINEAR_HZ * np.exp(_STEP * np.maximum(mel - _LINEAR_MEL, 0))
    return np.where(mel > _LINEAR_MEL, above, mel * 200 / 3)
