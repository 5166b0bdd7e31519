"""How many call attempts PJSIP can take before it breaks.

Each attempt opens two sockets in PJSIP's media I/O queue (select(), 64 handles in PyPI's wheel), and gives them
back half a second after it ended. One more than fit aborts the process, so attempts over the limit are refused
before PJSIP sees them.
"""

from collections import deque

SOCKETS_PER_CALL = 2
MEDIA_HANDLES = 64
"""PJ_IOQUEUE_MAX_HANDLES of the wheel."""
HANDLE_FREED_AFTER_S = 0.5
"""PJ_IOQUEUE_KEY_FREE_DELAY."""


class RateGuard:
    """Counts attempts in a sliding window."""

    def __init__(self, most: int, window_s: float) -> None:
        self.most = most
        self.window_s = window_s
        self._times: deque[float] = deque()

    @classmethod
    def for_calls(cls, most_calls: int) -> "RateGuard":
        """A guard that leaves room for ``most_calls`` running calls, and a quarter of the rest to spare."""
        free = MEDIA_HANDLES // SOCKETS_PER_CALL - most_calls
        return cls(max(1, free * 3 // 4), HANDLE_FREED_AFTER_S * 1.2)

    def admits(self, now: float) -> bool:
        """May another attempt begin at ``now`` (monotonic seconds)? If so it is counted."""
        while self._times and now - self._times[0] >= self.window_s:
            self._times.popleft()
        if len(self._times) >= self.most:
            return False
        self._times.append(now)
        return True
