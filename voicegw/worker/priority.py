"""Processor time goes first to the work that a caller waits for: workers in the making stand back.

Workers do not interrupt each other (``SCHED_BATCH``, ``sched(7)``): many wake up every 60 ms for a moment each, and who
may finish first does not find what it needs pushed out of the processor's cache.
"""

import contextlib
import os
from pathlib import Path

STANDS_BACK = 10
"""Niceness more than that of a worker with a call: at 10 steps, a tenth of its share (``sched(7)``)."""
FIRST = 0
"""Niceness of a worker that waits for a call, and answers it."""


class Priority:
    """Of this process, all its threads. Made before it has any but the first.

    :param nice: with a call.
    """

    def __init__(self, nice: int) -> None:
        self._nice = nice
        os.nice(nice - os.getpriority(os.PRIO_PROCESS, 0))
        with contextlib.suppress(OSError):  # a container may forbid it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        self._may_return = _may_return()

    def stand_back(self) -> None:
        """Others come first, if we may come forward again: only root, or who has a limit for it, may."""
        if self._may_return:
            _set(min(self._nice + STANDS_BACK, 19))

    def go_first(self) -> None:
        """Ready for a call: it is answered before those that go on, or in a rush callers would hear it ring."""
        if self._may_return:
            _set(min(self._nice, FIRST))

    def come_forward(self) -> None:
        """With a call, as all others."""
        if self._may_return:
            _set(self._nice)


def _may_return() -> bool:
    """Found out by doing it: a container may take even from root the right to."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    if before >= 19:
        return False
    os.nice(1)
    try:
        os.setpriority(os.PRIO_PROCESS, 0, before)
    except PermissionError:
        return False
    return True


def _set(nice: int) -> None:
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(ProcessLookupError):  # it has ended
            os.setpriority(os.PRIO_PROCESS, int(thread.name), nice)
