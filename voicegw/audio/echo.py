"""The agent's own voice, coming back by the caller's line, told from the caller's.

A speakerphone returns what we play 50 to 400 ms later, 6 to 20 dB softer, coloured by the room. ``EchoPath`` learns
from what was played and what was heard how it comes back (its delay by correlation; then the filter of least
squared error, by the normal equations of the last second) and predicts the echo in each frame. A caller is not
predictable from what we played, so the filter ignores him, and he stays when the prediction is taken away.

A solution by least squares is as good after half a second of speech as the usual adaptive filters (NLMS and kin)
after three, and cheaper: it is needed only a few times a second.
"""

from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.linalg import solve_toeplitz

FRAME = 160
"""20 ms at 8 kHz."""
LONGEST_DELAY = 4096
"""512 ms."""
TAPS = 192
"""24 ms: the direct way and the first reflections."""
TAPS_BEFORE = 32
"""Of these, how many come before the strongest one."""
MOVE_EVERY = 32
"""Frames: what is remembered is moved in memory only so often."""
LEARN_EVERY = 8
KEEP = 0.8
"""Of what was learnt before, with each lesson (160 ms): a memory of some 0.8 s."""
SAME_DELAY = 8
PREEMPHASIS = 0.9
"""Speech falls with frequency; flattened, its correlation has one peak."""
REGULARISATION = 0.01
AUDIBLE = 30.0
"""RMS of played samples (-61 dBFS) below which there is nothing to learn from."""

FAINT = 50.0
"""RMS of heard samples (-56 dBFS) below which nothing in a lesson's time is loud enough to be taken for a voice."""
FORGOTTEN = 8
"""So many lessons in a row (1.3 s) in which nothing came back: there is no way, or none any more."""

_SILENCE = np.zeros(FRAME, np.float32)


@dataclass(frozen=True)
class Separated:
    """One frame, with the echo taken out."""

    rest: np.ndarray
    """Float32 ``[FRAME]``: what was heard less the predicted echo; the very array that was fed where there is none."""
    echo: np.ndarray
    """Float32 ``[FRAME]``: the predicted echo."""
    share: float
    """Of what was heard in the last second, the share that the prediction explains, 0 to 1."""
    lessons: int
    """How often there was something to learn from."""


class _Past:
    """The last samples of one direction."""

    def __init__(self, samples: int) -> None:
        self.kept = samples
        self._all = np.zeros(samples + MOVE_EVERY * FRAME, np.float32)
        self._end = samples

    def add(self, frame: np.ndarray) -> None:
        """20 ms more."""
        if self._end == len(self._all):
            self._all[: self.kept] = self._all[self._end - self.kept :]
            self._end = self.kept
        self._all[self._end : self._end + FRAME] = frame
        self._end += FRAME

    @property
    def samples(self) -> np.ndarray:
        """Float32, until the next frame."""
        return self._all[self._end - self.kept : self._end]


class EchoPath:
    """One call's way from our loudspeaker to our ear. Fed every frame, both directions, on one clock."""

    def __init__(self) -> None:
        self._played = _Past(LONGEST_DELAY + TAPS + LEARN_EVERY * FRAME)
        self._heard = _Past(LEARN_EVERY * FRAME)
        self._frames = 0
        self._nothing_played = 0
        """Samples of silence that were played last."""
        self._delay: int | None = None
        self._other_delay: int | None = None
        """That of the last lesson, where it was not the one we go by: a caller's voice is like ours by chance, once."""
        self._cross = np.zeros(LONGEST_DELAY)
        self._auto = np.zeros(TAPS)
        self._heard_power = 0.0
        self._filter: np.ndarray | None = None
        self._share = 0.0
        self._lessons = 0
        self._nothing_came_back = FORGOTTEN
        """In so many lessons in a row."""

    def feed(self, heard: np.ndarray, played: np.ndarray | None, *, separate: bool = True) -> Separated | None:
        """Samples of one frame; None as long as there was no lesson.

        :param played: None for silence.
        :param separate: False only remembers and learns: nothing that was played can come back now.
        """
        self._heard.add(heard)
        self._remember_played(played)
        self._frames += 1
        if self._frames % LEARN_EVERY == 0 and self._is_audible():
            self._lessons += 1
            self._nothing_came_back = self._nothing_came_back + 1 if _rms(self._heard.samples) < FAINT else 0
            if self._nothing_came_back < FORGOTTEN:
                self._learn(_flattened(self._heard.samples), _flattened(self._played.samples))
            else:
                self._forget()
        if not self._lessons or not separate:
            return None
        if self._filter is None:
            return Separated(heard, _SILENCE, 0.0, self._lessons)
        echo = np.convolve(self._delayed(self._played.samples, FRAME), self._filter, "valid")
        return Separated(heard - echo, echo, self._share, self._lessons)

    def _remember_played(self, played: np.ndarray | None) -> None:
        if played is not None:
            self._nothing_played = 0
            self._played.add(played)
        elif self._nothing_played < self._played.kept:  # else it is all silence, and no work
            self._nothing_played += FRAME
            self._played.add(_SILENCE)

    def _is_audible(self) -> bool:
        return self._nothing_played < self._played.kept and _rms(self._played.samples) > AUDIBLE

    def _learn(self, heard: np.ndarray, played: np.ndarray) -> None:
        lesson = _correlation(heard, played[TAPS:])
        self._cross = KEEP * self._cross + lesson
        if self._has_moved():
            self._cross = lesson
            self._auto = np.zeros(TAPS)
            self._heard_power = 0.0
        self._auto = KEEP * self._auto + _autocorrelation(self._delayed(played, len(heard)))
        self._heard_power = KEEP * self._heard_power + float(heard @ heard)
        self._solve()

    def _forget(self) -> None:
        """There is no echo. One that comes must be found with the same delay twice."""
        self._delay, self._other_delay, self._filter = TAPS_BEFORE, None, None
        self._cross[:] = self._auto[:] = self._heard_power = self._share = 0.0

    def _has_moved(self) -> bool:
        """Whether the echo comes back by another delay now: two lessons in a row must say so."""
        delay = int(np.clip(np.abs(self._cross).argmax(), TAPS_BEFORE, LONGEST_DELAY - TAPS))
        other, self._other_delay = self._other_delay, delay
        if self._delay is not None and (_same(delay, self._delay) or other is None or not _same(delay, other)):
            return False
        self._delay = delay
        return True

    def _solve(self) -> None:
        """The filter for which the squared error over the last second is least."""
        assert self._delay is not None
        auto = self._auto.copy()
        auto[0] = auto[0] * (1 + REGULARISATION) + AUDIBLE**2
        cross = self._cross[self._delay - TAPS_BEFORE :][:TAPS]
        self._filter = solve_toeplitz(auto, cross).astype(np.float32)
        explained = float(self._filter @ cross)
        self._share = min(max(explained / max(self._heard_power, 1.0), 0.0), 1.0)

    def _delayed(self, played: np.ndarray, samples: int) -> np.ndarray:
        """What was played so long ago that its echo is heard in the last ``samples``."""
        assert self._delay is not None
        end = len(played) - self._delay + TAPS_BEFORE
        return played[end - samples - TAPS + 1 : end]


def _correlation(heard: np.ndarray, played: np.ndarray) -> np.ndarray:
    """For each delay, the product of ``heard`` with ``played`` so much earlier. ``[LONGEST_DELAY]``."""
    size = next_fast_len(len(played), real=True)
    products = irfft(rfft(played, size) * np.conj(rfft(heard, size)), size)
    return products[LONGEST_DELAY:0:-1]


def _autocorrelation(samples: np.ndarray) -> np.ndarray:
    size = next_fast_len(len(samples) + TAPS, real=True)
    spectrum = rfft(samples, size)
    return irfft(spectrum.real**2 + spectrum.imag**2, size)[:TAPS]


def _flattened(samples: np.ndarray) -> np.ndarray:
    flattened = samples.copy()
    flattened[1:] -= PREEMPHASIS * samples[:-1]
    return flattened


def _same(delay: int, other: int) -> bool:
    return abs(delay - other) <= SAME_DELAY


def _rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.dot(samples, samples) / len(samples)))
