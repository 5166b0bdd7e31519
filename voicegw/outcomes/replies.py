"""How long callers waited for replies: of a period, by dialplan, version, task, and in the course of time. Pure."""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True)
class Latency:
    """Of replies; None: there were none."""

    count: int
    p50_ms: float | None
    p90_ms: float | None
    p95_ms: float | None
    p99_ms: float | None

    @classmethod
    def of(cls, waits_ms: Sequence[float]) -> "Latency":
        """Percentiles by nearest rank."""
        ascending = sorted(waits_ms)
        return cls(len(ascending), *(_rank(ascending, percent) for percent in (50, 90, 95, 99)))


@dataclass(frozen=True)
class Reply:
    """One, and the call it was given in."""

    names: tuple[str, str, str]
    """Dialplan, version and task, each as text."""
    began_at: float
    """When the call did, Unix time."""
    wait_ms: float


@dataclass(frozen=True)
class Replies:
    """All of a period, or as many of them as tell."""

    replies: tuple[Reply, ...]

    def whole(self) -> Latency:
        """Of all."""
        return Latency.of([reply.wait_ms for reply in self.replies])

    def by(self, place: int) -> dict[str, Latency]:
        """By what stands at that place of their names."""
        return self._grouped(lambda reply: reply.names[place])

    def over_time(self, since: float, step_s: float) -> dict[int, Latency]:
        """By the number of the step from ``since`` on in which their call began."""
        return self._grouped(lambda reply: math.floor((reply.began_at - since) / step_s))

    def _grouped(self, key: Callable[[Reply], _Key]) -> dict[_Key, Latency]:
        groups: dict[_Key, list[float]] = {}
        for reply in self.replies:
            groups.setdefault(key(reply), []).append(reply.wait_ms)
        return {name: Latency.of(waits) for name, waits in groups.items()}


def _rank(ascending: Sequence[float], percent: float) -> float | None:
    return ascending[max(math.ceil(percent / 100 * len(ascending)), 1) - 1] if ascending else None
