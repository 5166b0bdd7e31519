"""Who is heard next, where many callers share a few engines."""

import threading
from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

Job = TypeVar("Job")


class TurnsToHear(Generic[Job]):
    """First come, first served, but those who look ahead give way to those whose caller waits. Thread-safe.

    Each caller has at most one job in it, so it grows no longer than there are callers.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Hashable, Job]] = deque()
        self._ahead: deque[tuple[Hashable, Job]] = deque()

    def put(self, caller: Hashable, job: Job, *, ahead: bool) -> None:
        """At the end of its line.

        :param ahead: nobody waits for it yet.
        """
        with self._changed:
            (self._ahead if ahead else self._waiting).append((caller, job))
            self._changed.notify()

    def take(self) -> Job:
        """The next job; waits for one."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ahead)
            return (self._waiting or self._ahead).popleft()[1]

    def give_up(self, caller: Hashable) -> Job | None:
        """The caller's job, taken out; None if there is none, or somebody has begun it."""
        with self._changed:
            for line in (self._waiting, self._ahead):
                found = next((each for each in line if each[0] == caller), None)
                if found:
                    line.remove(found)
                    return found[1]
        return None
