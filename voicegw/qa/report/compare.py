"""What changed since the last time a scenario was run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voicegw.qa.figures import percentile
from voicegw.qa.scenarios.results import Result, RunResults

SLOWER_BY = 1.25
"""So much slower in the median is told; less is a machine's mood."""
SLOWER_BY_MS = 100.0


@dataclass(frozen=True)
class Change:
    """A result beside the one before."""

    kind: str = ""
    """``newly failing``, ``fixed``, ``new``, ``slower``, ``faster``; empty: nothing to tell."""
    before_ms: float | None = None
    """Median of the answers, the last time."""


def previous(runs: Sequence[RunResults]) -> dict[str, Result]:
    """The latest result of each scenario in earlier runs, which are given the oldest first."""
    return {result.key: result for run in runs for result in run.results}


def change(result: Result, before: Mapping[str, Result]) -> Change:
    """What is different about it."""
    old = before.get(result.key)
    if old is None:
        return Change("new" if before else "")
    was, now = median_ms(old), median_ms(result)
    if result.ok != old.ok:
        return Change("fixed" if result.ok else "newly failing", was)
    return Change(_pace(was, now), was)


def median_ms(result: Result) -> float | None:
    """Of its answers."""
    return percentile(result.evidence.latencies_ms, 50)


def _pace(was: float | None, now: float | None) -> str:
    if not was or not now or abs(now - was) < SLOWER_BY_MS:
        return ""
    return "slower" if now > was * SLOWER_BY else "faster" if was > now * SLOWER_BY else ""
