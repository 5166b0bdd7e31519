"""Change the sample rate of a stream, piece by piece: 8 kHz from the line to 16 kHz for the ear, 24 kHz from
the voice to 8 kHz for the line.

Polyphase filtering with a Kaiser-windowed sinc (Crochiere and Rabiner, *Multirate Digital Signal Processing*,
chapter 4). The filter's delay is taken out: sample ``n`` of the output stands for the same instant as sample
``n * from_hz / to_hz`` of the input.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

ZERO_CROSSINGS = 16
"""Of the sinc on each side, counted at the lower of both rates: 2 ms of look-ahead at 8 kHz."""
KAISER_BETA = 8.0
"""Stopband some 80 dB down: below the noise of 16-bit mu-law speech."""
ROLLOFF = 0.94
"""Passband edge, as a share of half the lower rate."""
FEW = 8
"""With fewer outputs than this of each phase, copying their inputs together costs less than going phase by phase."""


class Resampler:
    """One direction of one stream. Equal rates pass through."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        common = math.gcd(from_hz, to_hz)
        self._up, self._down = to_hz // common, from_hz // common
        self._bank = _filter_bank(self._up, self._down)
        self._reach = self._bank.shape[1] // 2
        self._held = np.zeros(self._reach - 1, np.float32)
        self._held_from = 1 - self._reach
        self._fed = 0
        self._made = 0

    def feed(self, pcm: np.ndarray) -> np.ndarray:
        """Int16 samples in; the int16 samples out that are settled by now (the rest follows later)."""
        if self._up == self._down:
            return pcm
        self._fed += len(pcm)
        self._held = np.concatenate([self._held, pcm.astype(np.float32)])
        settled = max(self._fed - self._reach, 0)
        return self._make(-(-settled * self._up // self._down))

    def flush(self) -> np.ndarray:
        """The last samples, as if silence followed. Feed nothing more."""
        if self._up == self._down:
            return np.zeros(0, np.int16)
        self._held = np.concatenate([self._held, np.zeros(self._reach, np.float32)])
        return self._make(-(-self._fed * self._up // self._down))

    def _make(self, until: int) -> np.ndarray:
        """Output samples from where we stopped up to number ``until``."""
        if until <= self._made:
            return np.zeros(0, np.int16)
        samples = self._filtered(self._made, until)
        self._made = until
        self._forget()
        return np.clip(np.rint(samples, out=samples), -32768, 32767, out=samples).astype(np.int16)

    def _filtered(self, begin: int, end: int) -> np.ndarray:
        """Output samples ``begin`` to ``end``, float32. The inputs of many are looked at where they lie, not copied:
        memory that is touched for the first time costs far more than filtering does.
        """
        windows = sliding_window_view(self._held, 2 * self._reach)
        before = self._reach - 1 + self._held_from
        if end - begin < FEW * self._up:
            places, phases = np.divmod(np.arange(begin, end) * self._down, self._up)
            return np.einsum("nk,nk->n", windows[places - before], self._bank[phases])
        samples = np.empty(end - begin, np.float32)
        for first in range(self._up):  # the same row of the bank applies to every so many outputs
            place, phase = divmod((begin + first) * self._down, self._up)
            made = samples[first :: self._up]
            np.einsum("nk,k->n", windows[place - before :: self._down][: len(made)], self._bank[phase], out=made)
        return samples

    def _forget(self) -> None:
        needed_from = self._made * self._down // self._up - self._reach + 1
        drop = min(needed_from - self._held_from, len(self._held))
        self._held = self._held[drop:]
        self._held_from += drop


def resample(pcm: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    """All of ``pcm`` (int16 mono) at another rate; ``ceil(len(pcm) * to_hz / from_hz)`` samples."""
    stream = Resampler(from_hz, to_hz)
    return np.concatenate([stream.feed(pcm), stream.flush()])


@lru_cache(maxsize=16)
def _filter_bank(up: int, down: int) -> np.ndarray:
    """``[up, taps]``: row ``p`` makes the output that lies ``p / up`` of an input sample after an input."""
    lower = min(1.0, up / down)
    reach = math.ceil(ZERO_CROSSINGS / lower)
    inputs = np.arange(1 - reach, reach + 1)
    distances = np.arange(up)[:, np.newaxis] / up - inputs
    cutoff = lower * ROLLOFF
    window = np.kaiser(2 * 4096 + 1, KAISER_BETA)[np.rint((distances / reach + 1) * 4096).astype(int)]
    bank = cutoff * np.sinc(cutoff * distances) * window
    # Every phase passes a constant unchanged, or quiet passages would hum at the rate of the phases.
    return (bank / bank.sum(axis=1, keepdims=True)).astype(np.float32)
