"""What a load run comes to."""

from collections.abc import Callable, Sequence

from voicegw.qa.figures import Figure, percentile, share_percent
from voicegw.qa.load.measured import Answer, Measured
from voicegw.qa.load.running import FULL, LoadResults, Sample
from voicegw.qa.load.usage import GENERATOR, Lasting

CORE = "% of a core"


def figures(results: LoadResults) -> tuple[Figure, ...]:
    """With the targets for a load that the machine shall carry."""
    calls = results.calls
    answers = [answer for call in calls for answer in call.answers]
    latencies = [answer.latency_ms for answer in answers if answer.latency_ms is not None]
    setups = [call.setup_ms for call in calls if call.setup_ms is not None]
    if results.load.capacity:
        return overload(results)
    peak = max((sample.up for sample in results.samples), default=0)
    cut_off = sum(answer.cut_off for answer in answers)
    missing = sum(answer.latency_ms is None and not answer.cut_off for answer in answers)
    return (
        Figure("load: calls up at once, most", peak, "calls", f"≥ {results.load.calls}", len(calls)),
        Figure("load: calls that failed", sum(bool(call.failure) for call in calls), "calls", "= 0", len(calls)),
        Figure("load: answers that never came", missing, "answers", "= 0", len(answers)),
        Figure("load: caller cut off", share_percent(cut_off, len(answers)), "%", "≤ 3", len(answers)),
        Figure("load: voice-to-voice latency p50", percentile(latencies, 50), "ms", "", len(latencies)),
        Figure("load: voice-to-voice latency p95", percentile(latencies, 95), "ms", "≤ 900", len(latencies)),
        Figure("load: INVITE to final answer p95", percentile(setups, 95), "ms", "≤ 200", len(setups)),
        Figure("load: packets over 60 ms late", sum(call.late for call in calls), "packets", "= 0",
               sum(call.packets for call in calls)),
        Figure("load: packets that never came", sum(max(call.lost, 0) for call in calls), "packets", "= 0",
               sum(call.packets for call in calls)),
        *costs(results),
        *growth(results.samples),
        Figure("load: late ticks of the load generator", results.late_ticks, "ticks", "", 1),
    )  # fmt: skip


def overload(results: LoadResults) -> tuple[Figure, ...]:
    """Of a service that is offered more than it can hold."""
    refused = [call for call in results.calls if call.status == 503]
    taken = [call for call in results.calls if call.status != 503]
    begins_s = results.load.within_capacity_s
    full = [answer for answer in _answered(taken) if answer.concurrent >= FULL * results.load.capacity]
    before = [answer.latency_ms or 0.0 for answer in full if answer.at_s < begins_s]
    latencies = [answer.latency_ms or 0.0 for answer in _answered(taken) if answer.at_s >= begins_s]
    waits = [call.setup_ms for call in refused if call.setup_ms is not None]
    peak = max((sample.up for sample in results.samples), default=0)
    failed = sum(bool(call.failure) for call in taken)
    per_place = round(len(results.calls) / max(len(taken), 1), 2)
    p50, p95, p95_before = percentile(latencies, 50), percentile(latencies, 95), percentile(before, 95)
    times = round(p95 / p95_before, 2) if p95 and p95_before else None
    return (
        Figure("overload: calls offered for each that was taken", per_place, "calls", "", len(results.calls)),
        Figure("overload: calls up at once, most", peak, "calls", "", len(taken)),
        Figure("overload: calls taken that failed", failed, "calls", "= 0", len(taken)),
        Figure("overload: voice-to-voice latency p50 of those taken", p50, "ms", "", len(latencies)),
        Figure("overload: voice-to-voice latency p95 of those taken", p95, "ms", "", len(latencies)),
        Figure("overload: p95 before more came than could be taken", p95_before, "ms", "", len(before)),
        Figure("overload: p95 of those taken, against before", times, "times", "≤ 1.2", len(latencies)),
        Figure("overload: INVITE to 503, p95", percentile(waits, 95), "ms", "≤ 100", len(waits)),
    )


def growth(samples: Sequence[Sample]) -> tuple[Figure, ...]:
    """What is held in the last third of a soak, against the third after the first: that one is warming up."""
    held = [sample.lasting for sample in samples if sample.lasting]
    third = len(held) // 3
    if not third:
        return ()
    before, after = held[third : 2 * third], held[-third:]

    def grown(name: str, of: Callable[[Lasting], float], unit: str, target: str) -> Figure:
        change = sum(map(of, after)) / third - sum(map(of, before)) / third
        return Figure(f"soak: growth of {name}", round(change, 1), unit, target, len(held))

    return (
        grown("memory of what lasts", lambda one: one.memory_mb, "MB", "≤ 8"),
        grown("descriptors of what lasts", lambda one: one.descriptors, "descriptors", "≤ 4"),
        grown("processes that last", lambda one: one.processes, "processes", "≤ 0"),
    )


def costs(results: LoadResults) -> tuple[Figure, ...]:
    """What each role costs per call, while (nearly) all calls are up."""
    full = [sample for sample in results.samples if sample.up >= FULL * results.load.calls]
    if len(full) < 2:
        return ()
    seconds = full[-1].at_s - full[0].at_s
    up = sum(sample.up for sample in full) / len(full)
    found = [
        Figure(f"load: {role}, per call", round(100 * _used(full, role) / seconds / up, 2), CORE, "", len(full))
        for role in sorted(full[-1].cpu_s)
        if _used(full, role) > 0
    ]
    total = sum(_used(full, role) for role in full[-1].cpu_s if role != GENERATOR)
    whole = Figure("load: whole service, per call", round(100 * total / seconds / up, 2), CORE, "", len(full))
    workers, count = results.memory_mb.get("workers"), results.processes.get("workers")
    if not workers or not count:
        return (*found, whole)
    return (*found, whole, Figure("load: a worker's own memory", round(workers / count, 1), "MB", "", count))


def at(calls: Sequence[Measured], least: int, most: int) -> list[float]:
    """Latencies, ms, while so many calls were up."""
    return [answer.latency_ms or 0.0 for answer in _answered(calls) if least <= answer.concurrent <= most]


def by_concurrency(calls: Sequence[Measured], step: int = 5) -> list[tuple[int, float, float, int]]:
    """Calls up (to the next multiple of ``step``), p50 and p95 of the latency, and how many answers."""
    groups: dict[int, list[float]] = {}
    for answer in _answered(calls):
        group = -(-answer.concurrent // step) * step
        groups.setdefault(group, []).append(answer.latency_ms or 0.0)
    return [
        (group, percentile(values, 50) or 0.0, percentile(values, 95) or 0.0, len(values))
        for group, values in sorted(groups.items())
    ]


def _answered(calls: Sequence[Measured]) -> list[Answer]:
    return [answer for call in calls for answer in call.answers if answer.latency_ms is not None]


def _used(samples: Sequence[Sample], role: str) -> float:
    return samples[-1].cpu_s.get(role, 0.0) - samples[0].cpu_s.get(role, 0.0)
