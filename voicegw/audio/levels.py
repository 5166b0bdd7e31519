"""How loud: RMS levels in dB relative to full scale, the level of speech while there is speech, and the noise
under it.

0 dBFS is the RMS of a full-scale square wave, so a full-scale sine is at -3.01 dBFS (and at +3.17 dBm0 on a
G.711 line, ITU-T G.711 §5 note 1).
"""

import math
from dataclasses import dataclass

import numpy as np

SILENCE_DBFS = -96.0
"""What digital silence is said to be, the range of 16 bits."""
FULL_SCALE = 32768.0


def level_dbfs(pcm: np.ndarray) -> float:
    """RMS level of int16 samples; ``SILENCE_DBFS`` at the least, also for no samples."""
    if not len(pcm):
        return SILENCE_DBFS
    samples = pcm.astype(np.float32)
    return power_dbfs(float(np.dot(samples, samples)) / len(pcm))


def power_dbfs(mean_square: float) -> float:
    """Mean square of int16 samples, as level."""
    if mean_square <= 0:
        return SILENCE_DBFS
    return max(10 * math.log10(mean_square / FULL_SCALE**2), SILENCE_DBFS)


def frame_levels_dbfs(pcm: np.ndarray, frame_samples: int) -> np.ndarray:
    """Level of each whole frame of int16 samples, float64 ``[frames]``."""
    frames = len(pcm) // frame_samples
    shaped = pcm[: frames * frame_samples].astype(np.float64).reshape(frames, frame_samples)
    power = (shaped**2).mean(axis=1) / FULL_SCALE**2
    return np.maximum(10 * np.log10(np.maximum(power, 1e-12)), SILENCE_DBFS)


def amplified(pcm: np.ndarray, gain_db: float) -> np.ndarray:
    """Int16 samples made louder (or, below 0, softer), clipped at full scale."""
    return np.clip(np.rint(pcm * 10 ** (gain_db / 20)), -32768, 32767).astype(np.int16)


@dataclass(frozen=True)
class SpeechLevel:
    """Result of ``active_speech_level``."""

    level_dbfs: float
    """RMS level over the time in which there is speech; ``SILENCE_DBFS`` without any."""
    activity: float
    """Share of the time in which there is speech, 0 to 1."""


# ITU-T P.56 §7.2: time constant of the envelope, hangover, and margin between threshold and active level.
ENVELOPE_S = 0.03
HANGOVER_S = 0.2
MARGIN_DB = 15.9


def active_speech_level(pcm: np.ndarray, rate_hz: int) -> SpeechLevel:
    """Level of speech without its pauses, by ITU-T P.56 method B, within half a dB.

    The envelope is smoothed in 5 ms steps instead of sample by sample: the same to 0.1 dB, a hundred times
    faster.
    """
    step = max(rate_hz // 200, 1)
    steps = len(pcm) // step
    if not steps:
        return SpeechLevel(SILENCE_DBFS, 0.0)
    samples = np.abs(pcm[: steps * step].astype(np.float64)).reshape(steps, step)
    power = float((samples**2).sum())
    envelope = _envelope(samples.mean(axis=1), step / rate_hz)
    hangover = round(HANGOVER_S * rate_hz / step)
    below: tuple[float, float] | None = None
    for exponent in range(15):
        threshold = 2.0**exponent
        active = _with_hangover(envelope >= threshold, hangover)
        if not active:
            break
        level = power_dbfs(power / (active * step))
        excess = level - 20 * math.log10(threshold / FULL_SCALE) - MARGIN_DB
        if excess <= 0:
            level = _between(below, (level, excess))
            return SpeechLevel(level, min(power / (steps * step) / _mean_square(level), 1.0))
        below = (level, excess)
    return SpeechLevel(SILENCE_DBFS, 0.0)


def _mean_square(dbfs: float) -> float:
    return FULL_SCALE**2 * 10.0 ** (dbfs / 10)


def _envelope(rectified: np.ndarray, step_s: float) -> np.ndarray:
    """Exponential averaging, twice in series (P.56 §7.2)."""
    keep = math.exp(-step_s / ENVELOPE_S)
    once = twice = 0.0
    envelope = np.empty(len(rectified))
    for index, value in enumerate(rectified):
        once = keep * once + (1 - keep) * float(value)
        twice = keep * twice + (1 - keep) * once
        envelope[index] = twice
    return envelope


def _with_hangover(above: np.ndarray, hangover: int) -> int:
    """How many steps are active when each activity lasts ``hangover`` steps longer."""
    indices = np.arange(len(above))
    last_above = np.maximum.accumulate(np.where(above, indices, -hangover - 1))
    return int(np.count_nonzero(indices - last_above <= hangover))


def _between(below: tuple[float, float] | None, above: tuple[float, float]) -> float:
    """The level where the excess crosses zero, between two thresholds."""
    if below is None:
        return above[0]
    share = below[1] / (below[1] - above[1])
    return below[0] + share * (above[0] - below[0])
