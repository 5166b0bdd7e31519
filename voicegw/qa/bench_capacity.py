"""``voicegw bench capacity``: how many conversations this machine holds, all of it local, and what a call costs.

What is found is kept in the data folder, where the service's admission goes by it.
"""

from collections.abc import Sequence

from voicegw.config import Settings, load
from voicegw.gateway import capacity
from voicegw.gateway.capacity import Capacity
from voicegw.qa.benching import Run, machine
from voicegw.qa.figures import Figure, percentile
from voicegw.qa.load.figures import at, costs
from voicegw.qa.load.measured import Measured
from voicegw.qa.load.running import Load
from voicegw.qa.load.running import run as run_load

PROMISE_MS = 1200.0
"""95 of 100 answers come within this."""
LOCAL = Load(calls=18, rate=0.4, minutes=2.5, engines="real", alone_s=40.0)
"""One caller, then more and more: a call lasts some 48 seconds, so they come faster than they go."""
ADMITTED = 5 / 6
"""Of the conversations at which the promise was just kept, as many are taken by the service: at the very limit nothing
is left for what it costs to refuse the others."""
FEW = 10
AROUND = 1
"""Answers while one call more or less was up count, too."""
LEAST_ANSWERS = 8


async def run(how: Run) -> tuple[Figure, ...]:
    """Some five minutes.

    :raises SetupError: something must be mended first.
    """
    settings = load()
    folder = how.keep or settings.data_dir / "qa" / "capacity"
    results = await run_load(LOCAL, settings, folder, how.tell)
    most = most_conversations(results.calls, PROMISE_MS)
    admitted = int(most * ADMITTED)
    if admitted:
        _keep(settings, admitted)
    alone, few = at(results.calls, 1, 1), at(results.calls, FEW - AROUND, FEW + AROUND)
    p50_alone, p50_few = percentile(alone, 50), percentile(few, 50)
    ratio = round(p50_few / p50_alone, 2) if p50_alone and p50_few else None
    return (
        Figure("capacity: local conversations with p95 ≤ 1200 ms", most, "calls", "≥ 12", len(results.calls)),
        Figure("capacity: conversations that the service takes", admitted, "calls", "", 1),
        Figure("capacity: p50 of one conversation", p50_alone, "ms", "", len(alone)),
        Figure("capacity: p50 of ten, against one", ratio, "times", "≤ 1.3", len(few)),
        Figure("capacity: p95 of ten", percentile(few, 95), "ms", "≤ 900", len(few)),
        *(figure.named(figure.name.replace("load:", "capacity:")) for figure in costs(results)),
    )


def most_conversations(calls: Sequence[Measured], promise_ms: float) -> int:
    """The largest number of calls up at which the promise was kept, there and at all smaller numbers.

    Numbers at which there were too few answers to tell are passed over.
    """
    highest = max((answer.concurrent for call in calls for answer in call.answers), default=0)
    kept = 0
    for up in range(1, highest + 1):
        latencies = at(calls, up - AROUND, up + AROUND)
        if len(latencies) < LEAST_ANSWERS:
            continue
        if (percentile(latencies, 95) or 0.0) > promise_ms:
            break
        kept = up
    return kept


def _keep(settings: Settings, admitted: int) -> None:
    found = Capacity(admitted, PROMISE_MS, machine(), capacity.engines_of(settings))
    capacity.keep(settings.data_dir, found)
