"""Who may come in, and how much is done for those who are: the overload ladder.

A machine that takes one conversation too many makes all of them slow. So what is done for each call is eased step by
step as the machine fills up, and the calls that come after the last step are turned away at once. Pure: times are
monotonic seconds, given by the caller.
"""

from collections import deque
from dataclasses import dataclass, replace
from enum import Enum

from voicegw.call.easing import Easing

SHARES = {Easing.SPECULATION: 1.0, Easing.REASONING: 1.08}
"""Of the conversations that the machine keeps its promise with, beyond which each step is taken. Not before: the
capacity was measured with speculation, and without it every answer comes later."""
KEYS_COST = 0.35
"""Of a conversation, what a call costs that goes by keys: all but the models."""
KEYS_ROOM = 1.15
"""Callers by keys may fill the machine up to here; conversations up to 1."""
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


class WayIn(Enum):
    """What becomes of a new call."""

    CONVERSATION = "conversation"
    KEYS = "keys"
    """A menu: there is no time to listen."""
    NONE = "none"
    """503 with Retry-After."""


@dataclass(frozen=True)
class Talking:
    """The calls in progress."""

    conversations: int = 0
    by_keys: int = 0

    @property
    def load(self) -> float:
        """As so many conversations."""
        return self.conversations + KEYS_COST * self.by_keys


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
    :param menu: whether callers may get a menu of keys before others are turned away.
    """

    def __init__(self, capacity: int, *, menu: bool = True) -> None:
        self._capacity = capacity
        self._menu = menu
        self._load = Load(capacity=capacity)
        self._late: deque[tuple[float, float]] = deque()
        """When it was looked at, and what was found then."""
        self._late_step = Easing.NOTHING
        """What lateness alone asks for."""
        self._raised_at = float("-inf")
        self._light_since: float | None = None
        """Since when less easing would do than there is."""

    @property
    def load(self) -> Load:
        """As it is now."""
        return self._load

    def look(self, talking: Talking, late_ms: float, now: float) -> Easing | None:
        """Once a second; ``late_ms`` as of ``Load``.

        :returns: the step, if it is another one than before.
        """
        self._late.append((now, late_ms))
        while now - self._late[0][0] > LATE_FOR_S:
            self._late.popleft()
        before = self._load.easing
        easing = self._next(before, talking, now)
        calls = talking.conversations + talking.by_keys
        self._load = replace(self._load, calls=calls, late_ms=late_ms, easing=easing)
        return easing if easing is not before else None

    def way_in(self, talking: Talking) -> WayIn:
        """For another call beside those."""
        way = self._way_in(talking)
        if way is WayIn.NONE:
            self._load = replace(self._load, turned_away=self._load.turned_away + 1)
        return way

    @property
    def retry_after_s(self) -> int:
        """For the call that was turned away last."""
        least, most = RETRY_AFTER_S
        return least + (7 * self._load.turned_away) % (most - least)

    def _way_in(self, talking: Talking) -> WayIn:
        if self._late_step is Easing.CALLS:
            return WayIn.NONE
        if self._late_step < Easing.HEARING and self._has_room(talking.load + 1, 1.0):
            return WayIn.CONVERSATION
        if self._menu and self._has_room(talking.load + KEYS_COST, KEYS_ROOM):
            return WayIn.KEYS
        return WayIn.NONE

    def _has_room(self, load: float, share: float) -> bool:
        return not self._capacity or load <= self._capacity * share

    def _next(self, before: Easing, talking: Talking, now: float) -> Easing:
        wanted = self._step_for(talking)
        if wanted > before:
            self._light_since = None
            return wanted
        if self._is_late(now) and now - self._raised_at > LATE_FOR_S and before < Easing.CALLS:
            self._raised_at, self._light_since = now, None
            self._late_step = Easing(before + 1)
            return self._late_step
        if before <= self._step_for(talking, BACK) or not self._is_in_time():
            self._light_since = None
            return before
        if self._light_since is None:
            self._light_since = now
        if now - self._light_since < HOLD_S:
            return before
        self._light_since = now  # the next step back has to wait as long
        self._late_step = min(self._late_step, Easing(before - 1))
        return Easing(before - 1)

    def _step_for(self, talking: Talking, below: float = 0.0) -> Easing:
        """By the calls alone; ``below`` as if each step were taken so much earlier."""
        if not self._capacity:
            return Easing.NOTHING
        full = talking.load / self._capacity
        return max((step for step, share in SHARES.items() if full > share - below), default=Easing.NOTHING)

    def _is_late(self, now: float) -> bool:
        """In every look of the last while."""
        return now - self._late[0][0] >= LATE_FOR_S - 1 and all(late > LATE_MS for _, late in self._late)

    def _is_in_time(self) -> bool:
        return all(late < LATE_MS / 2 for _, late in self._late)
