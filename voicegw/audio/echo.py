"""Is what the caller's line brings the agent's own voice, coming back?

A speakerphone returns what we play 50 to 400 ms later, 6 to 20 dB softer, coloured by the room. The waveform does not
match closely enough to subtract at this rate, but the loudness over time does. The gate keeps the levels of what was
played, finds the delay at which what is heard follows them best, and learns how much softer it comes back. A
frame no louder than the echo that is predicted for it is echo; a caller who speaks over the agent is louder.
"""

from collections import deque

import numpy as np

from voicegw.audio.levels import level_dbfs

LONGEST_DELAY_FRAMES = 25
"""500 ms."""
MEMORY_FRAMES = 60
LEAST_PLAYED_DBFS = -50.0
MARGIN_DB = 5.0
"""A frame this much louder than the predicted echo is the caller."""
LEAST_LOSS_DB = 3.0
FIRST_LOSS_DB = 6.0
"""Assumed until it is measured: the loudest echo of a usable phone."""
LEAST_CORRELATION = 0.6


class EchoGate:
    """One call's. Fed every frame in order, both ways."""

    def __init__(self) -> None:
        self._played: deque[float] = deque(
            [-96.0] * (MEMORY_FRAMES + LONGEST_DELAY_FRAMES), MEMORY_FRAMES + LONGEST_DELAY_FRAMES
        )
        self._heard: deque[float] = deque([-96.0] * MEMORY_FRAMES, MEMORY_FRAMES)
        self._frames = 0
        self._delay: int | None = None
        self._loss_db = FIRST_LOSS_DB

    def feed(self, heard: np.ndarray, played: np.ndarray, heard_dbfs: float) -> bool:
        """True if what was heard in this frame is echo. int16 frames; ``played`` may be empty."""
        self._played.append(level_dbfs(played) if len(played) else -96.0)
        self._heard.append(heard_dbfs)
        self._frames += 1
        if max(self._played) < LEAST_PLAYED_DBFS:
            return False
        if self._frames % 5 == 0:
            self._measure()
        return self._delay is not None and heard_dbfs <= self._predicted(self._delay) + MARGIN_DB

    def _predicted(self, delay: int) -> float:
        """Loudest echo that this frame may hold; the room smears it over neighbours."""
        levels = self._played
        last = len(levels) - 1 - delay
        around = (levels[place] for place in range(max(last - 2, 0), min(last + 2, len(levels))))
        return max(around) - self._loss_db

    def _measure(self) -> None:
        """The delay at which heard levels follow played levels best, if they do."""
        heard = np.array(self._heard)
        played = np.array(self._played)
        active = heard > -60.0
        if active.sum() < 12:
            return
        best, best_delay = LEAST_CORRELATION, None
        for delay in range(LONGEST_DELAY_FRAMES):
            reference = played[LONGEST_DELAY_FRAMES - delay : LONGEST_DELAY_FRAMES - delay + MEMORY_FRAMES]
            used = (reference > LEAST_PLAYED_DBFS) | active
            if used.sum() < 12:
                continue
            correlation = _correlation(np.maximum(reference[used], -70), np.maximum(heard[used], -70))
            if correlation > best:
                best, best_delay = correlation, delay
        if best_delay is None:
            return
        self._delay = best_delay
        reference = played[LONGEST_DELAY_FRAMES - best_delay : LONGEST_DELAY_FRAMES - best_delay + MEMORY_FRAMES]
        both = (reference > LEAST_PLAYED_DBFS) & active
        if both.sum() >= 8:
            self._loss_db = max(LEAST_LOSS_DB, float(np.median(reference[both] - heard[both])))


def _correlation(left: np.ndarray, right: np.ndarray) -> float:
    left, right = left - left.mean(), right - right.mean()
    scale = float(np.sqrt((left @ left) * (right @ right)))
    return float(left @ right) / scale if scale > 0 else 0.0
