"""What the processes of a service under load use, by what they are."""

import contextlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROLES = {
    "voicegw.gateway.cell": "cells",
    "voicegw.worker.main": "workers",
    "voicegw.gateway.listener": "hearing",
    "voicegw.engines.llm_server": "language model",
    "voicegw.actions": "actions",
    "valkey": "valkey",
}
"""By a word of the command line; the nursery and its forks are all workers."""
REST = "supervisor"
GENERATOR = "load generator"
"""This process: no part of the service, but it takes from the same processors."""


@dataclass(frozen=True)
class Lasting:
    """What the processes hold that must not grow: all but workers, which end with their call."""

    memory_mb: float
    """Their own, see ``own_mb``."""
    descriptors: int
    processes: int


@dataclass
class Usage:
    """Of all processes of a service, looked at now and then."""

    pid: int
    """The supervisor's."""
    _seen: dict[int, float] = field(default_factory=dict)
    """CPU seconds of each process so far."""
    _used: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    memory_mb: dict[str, float] = field(default_factory=dict)
    """Their own, of the processes of each role, at the last look; see ``own_mb``."""
    processes: dict[str, int] = field(default_factory=dict)
    """Of each role, at the same look."""

    def look(self, *, memory: bool = False) -> None:
        """Add what was used since the last look."""
        counts: dict[str, int] = defaultdict(int)
        sizes: dict[str, float] = defaultdict(float)
        self._count(GENERATOR, psutil.Process())
        with contextlib.suppress(psutil.Error):
            service = psutil.Process(self.pid)
            for process in (service, *service.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    self._add(process, counts, sizes, memory=memory)
        if memory:
            self.memory_mb, self.processes = dict(sizes), dict(counts)

    def lasting(self) -> Lasting:
        """What is held now."""
        memory, descriptors, processes = 0.0, 0, 0
        with contextlib.suppress(psutil.Error):
            service = psutil.Process(self.pid)
            # A worker is a child of the nursery, which is one of the service.
            for process in (service, *service.children()):
                with contextlib.suppress(psutil.Error):
                    memory += own_mb(process.pid)
                    descriptors += process.num_fds()
                    processes += 1
        return Lasting(round(memory, 1), descriptors, processes)

    def cpu_s(self) -> Mapping[str, float]:
        """CPU seconds by role, over all looks."""
        return dict(self._used)

    def _add(self, process: psutil.Process, counts: dict[str, int], sizes: dict[str, float], *, memory: bool) -> None:
        role = REST if process.pid == self.pid else _role(" ".join(process.cmdline()))
        self._count(role, process)
        counts[role] += 1
        if memory:
            sizes[role] += own_mb(process.pid)

    def _count(self, role: str, process: psutil.Process) -> None:
        times = process.cpu_times()
        used = times.user + times.system
        self._used[role] += used - self._seen.get(process.pid, used)
        self._seen[process.pid] = used


def own_mb(pid: int) -> float:
    """What a process has written and shares with none: Private_Dirty and Swap (proc_pid_smaps(5)); 0 if it is gone.

    A page of a file is nobody's own: it is unique to a process only until another service maps the same model.
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    values = dict(line.split()[:2] for line in lines[1:])
    return (int(values["Private_Dirty:"]) + int(values["Swap:"])) / 1024


def _role(command: str) -> str:
    return next((role for word, role in ROLES.items() if word in command), REST)
