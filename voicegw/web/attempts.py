"""How often somebody may try to sign in; pure, time is an argument."""

from collections import deque

MOST, WITHIN_S = 8, 300.0
"""So many failures in this time; the next one waits."""
MOST_KEYS = 10_000
"""Remembered at once; the oldest is forgotten, so that trying many names fills no memory."""


class Attempts:
    """Failures by key (an address, a name), each for ``WITHIN_S``."""

    def __init__(self) -> None:
        self._failures: dict[str, deque[float]] = {}

    def wait_s(self, keys: tuple[str, ...], now: float) -> float:
        """How long whoever these are of must wait before the next try; 0: not at all."""
        return max((self._wait_s(key, now) for key in keys), default=0.0)

    def failed(self, keys: tuple[str, ...], now: float) -> None:
        """One more failure of each."""
        for key in keys:
            times = self._failures.pop(key, None) or deque(maxlen=MOST)
            times.append(now)
            self._failures[key] = times
        while len(self._failures) > MOST_KEYS:
            self._failures.pop(next(iter(self._failures)))

    def succeeded(self, keys: tuple[str, ...]) -> None:
        """They know what they say: their failures are forgotten."""
        for key in keys:
            self._failures.pop(key, None)

    def _wait_s(self, key: str, now: float) -> float:
        times = self._failures.get(key)
        return max(0.0, times[0] + WITHIN_S - now) if times and len(times) == MOST else 0.0
