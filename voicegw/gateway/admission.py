"""Who may come in, and how much is done for those who are: the overload ladder.

A machine that takes one conversation too many makes all of them slow. So what is done for each call is eased step by
step as the machine fills up, and the calls that come after the last step are turned away at once. Pure: times are
monotonic seconds, given by the caller.
"""

from collections import deque
from dataclasses import dataclass, replace

from voicegw.call.easing import Easing

SHARES = {Easing.SPECULATION: 0.85, Easing.REASONING: 0.95, Easing.HEARING: 1.0, Easing.CALLS: 1.25}
"""Of the conversations that the machine keeps its promise with, from which each step is taken. Callers at keys cost
less, so there may be some beyond."""
BACK = 0.1
"""A step is taken back when the load is by so much below where it was taken."""
HOLD_S = 8.0
"""It must have been for so long: load that comes and goes must not make the agent come and go."""
LATE_MS = 80.0
"""Sound that reaches the workers so late says that there is not enough processor time, whatever was measured before."""
LATE_FOR_S = 3.0
"""For so long, and not only while a worker was being made."""
RETRY_AFTER_S = (5, 20)
"""Callers who are turned away are told different times, or they would all come back at once."""


@dataclass(frozen=True)
class Load:
    """How full a machine is, for people and metrics."""

    easing: Easing = Easing.NOTHING
    calls: int = 0
    capacity: int = 0
    """Conversations that the machine keeps its promise with; 0: nobody has measured it."""
    late_ms: float = 0.0
    """How late sound reaches the workers: of the worst delay of each call in the last second, the middle one."""
    turned_away: int = 0
    """Calls, since the start."""


class Admission:
    """The ladder of one machine.

    :param capacity: conversations that it keeps its promise with; 0: only lateness counts.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._load = Load(capacity=capacity)
        self._late: deque[tuple[float, float]] = deque()
        """When it was looked at, and what was found then."""
        self._wanted_since: float | None = None
        """Since when less easing would do than there is."""
        self._raised_at = float("-inf")

    @property
    def load(self) -> Load:
        """As it is now."""
        return self._load

    def look(self, calls: int, late_ms: float, now: float) -> Easing | None:
        """Once a second: ``late_ms`` as of ``Load``.

        :returns: the step, if it is another one than before.
        """
        self._late.append((now, late_ms))
        while now - self._late[0][0] > LATE_FOR_S:
            self._late.popleft()
        before = self._load.easing
        easing = self._next(before, calls, now)
        self._load = replace(self._load, calls=calls, late_ms=late_ms, easing=easing)
        return self._load.easing if self._load.easing is not before else None

    def admits(self, calls: int) -> bool:
        """May another call come in beside ``calls`` others? Between two looks many may come at once."""
        full = self._load.easing is Easing.CALLS or self._step_for(calls + 1) is Easing.CALLS
        if full:
            self._load = replace(self._load, turned_away=self._load.turned_away + 1)
        return not full

    def easing_of_new(self, calls: int) -> Easing:
        """For a call that comes in beside ``calls`` others."""
        return max(self._load.easing, min(self._step_for(calls + 1), Easing.HEARING))

    @property
    def retry_after_s(self) -> int:
        """For the call that was turned away last."""
        least, most = RETRY_AFTER_S
        return least + (7 * self._load.turned_away) % (most - least)

    def _next(self, before: Easing, calls: int, now: float) -> Easing:
        by_calls = self._step_for(calls)
        if by_calls > before:
            self._wanted_since = None
            return by_calls
        if self._is_late(now) and now - self._raised_at > LATE_FOR_S and before < Easing.CALLS:
            self._raised_at, self._wanted_since = now, None
            return Easing(before + 1)
        may_ease = before > self._step_for(calls, BACK) and self._load_is_light(now)
        if not may_ease:
            self._wanted_since = None
            return before
        if self._wanted_since is None:
            self._wanted_since = now
        if now - self._wanted_since < HOLD_S:
            return before
        self._wanted_since = now  # the next step back has to wait as long
        return Easing(before - 1)

    def _step_for(self, calls: int, below: float = 0.0) -> Easing:
        """By the number of calls alone; ``below`` as if each step were taken so much earlier."""
        if not self._capacity:
            return Easing.NOTHING
        full = calls / self._capacity
        return max((step for step, share in SHARES.items() if full > share - below), default=Easing.NOTHING)

    def _is_late(self, now: float) -> bool:
        """In every look of the last while."""
        return now - self._late[0][0] >= LATE_FOR_S - 1 and all(late > LATE_MS for _, late in self._late)

    def _load_is_light(self, now: float) -> bool:
        return all(late < LATE_MS / 2 for _, late in self._late)
