"""``voicegw bench calls``: is a call answered at once, and does talking feel like talking?"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from voicegw.qa.benching import MOST_AT_ONCE, REPOSITORY, SETTLE_S, Bench, Run, bench, failed_calls
from voicegw.qa.call_report import CallReport
from voicegw.qa.figures import Figure, percentile
from voicegw.qa.script import SayLine, Script
from voicegw.qa.spans import join, voiced_spans

SEED = 2
DIALPLAN = REPOSITORY / "dialplans" / "acme-orders.yaml"
LINES = (
    "where is my order",
    "4 5 6 7",
    "when are you open",
    "what is your return policy",
    "has my order been shipped yet",
    "1 2 3 4",
    "are you open on weekends",
    "how long do I have to send something back",
    "I want to track my order",
    "4 5 6 7",
    "what time do you close",
    "can I still return it after a month",
    "when will my parcel arrive",
    "1 2 3 4",
    "what are your opening hours",
    "what is your return policy",
    "where is my package",
    "4 5 6 7",
    "how late are you open today",
    "how long do I have to send something back",
)
"""Twenty turns that need no language model."""
SHORT_CALLS = 30
BETWEEN_CALLS_S = 1.0
"""For the next worker to be made while others work on the machine."""
LONG_CALL_LINES = 12
"""Said in each of four calls at once, while the cell's cost is measured."""
UTTERANCE_GAP_MS = 700


@dataclass(frozen=True)
class Cost:
    """What the service used."""

    cell_percent: float
    """Of a core, per call."""
    worker_uss_mb: tuple[float, ...]
    """Of workers that wait for a call."""


async def run(how: Run) -> tuple[Figure, ...]:
    """Some four minutes.

    :raises SetupError: something must be mended first.
    """
    overrides = {"dialplans": str(DIALPLAN), "workers": {"warm": MOST_AT_ONCE}}
    async with bench(overrides, how, SEED) as one:
        uss_mb = tuple(process.memory_full_info().uss / 2**20 for process in one.service.workers())
        long_call = await one.call("20 turns on one call", Script(tuple(map(SayLine, LINES))))
        short = [await _greeting_only(one, number) for number in range(SHORT_CALLS)]
        await asyncio.sleep(SETTLE_S)
        cell_percent, at_once = await _four_at_once(one)
    return figures(long_call, short, at_once, Cost(cell_percent, uss_mb))


def figures(
    long_call: CallReport, short: Sequence[CallReport], at_once: Sequence[CallReport], cost: Cost
) -> tuple[Figure, ...]:
    """What was measured, with its targets."""
    latencies = [turn.latency_ms for turn in long_call.turns if turn.latency_ms is not None]
    every = [long_call, *short, *at_once]
    setups = [report.sip.setup_ms for report in every if report.sip.setup_ms is not None]
    greetings = [report.greeting_ms for report in every if report.greeting_ms is not None]
    holes = sum(len(report.sound.holes) for report in every if report.sound)
    utterances = sum(len(join(voiced_spans(report.tape.received), UTTERANCE_GAP_MS)) for report in every)
    answered = f"≥ {len(long_call.turns)}"
    uss_mb = round(max(cost.worker_uss_mb), 1) if cost.worker_uss_mb else None
    return (
        failed_calls("calls", every),
        Figure("calls: voice-to-voice latency p50", percentile(latencies, 50), "ms", "≤ 600", len(latencies)),
        Figure("calls: voice-to-voice latency p95", percentile(latencies, 95), "ms", "≤ 1000", len(latencies)),
        Figure("calls: turns that were answered", len(latencies), "turns", answered, len(long_call.turns)),
        Figure("calls: INVITE to 200 OK p95", percentile(setups, 95), "ms", "≤ 150", len(setups)),
        Figure("calls: 200 OK to greeting p95", percentile(greetings, 95), "ms", "≤ 250", len(greetings)),
        Figure("calls: cell's cost of a call", round(cost.cell_percent, 2), "% of a core", "≤ 1.2", len(at_once)),
        Figure("calls: USS of a waiting worker, largest", uss_mb, "MB", "≤ 150", len(cost.worker_uss_mb)),
        Figure("calls: gaps over 40 ms in utterances", holes, "gaps", "= 0", utterances),
    )  # fmt: skip


async def _greeting_only(one: Bench, number: int) -> CallReport:
    await asyncio.sleep(BETWEEN_CALLS_S)
    return await one.call(f"short call {number + 1} of {SHORT_CALLS}", Script((), goodbye_ms=200))


async def _four_at_once(one: Bench) -> tuple[float, list[CallReport]]:
    """The cell's share of a core per call, over the time in which all four are up."""
    (cell,) = one.service.cells()
    scripts = {f"call {number + 1} of 4 at once": Script(tuple(map(SayLine, _rotated(number)))) for number in range(4)}
    running = asyncio.create_task(one.calls_at_once(scripts))
    await asyncio.sleep(SETTLE_S)
    percent = await _cpu_percent(cell, seconds=30.0)
    reports = await running
    return percent / len(reports), reports


def _rotated(number: int) -> tuple[str, ...]:
    """Each call says something else at a time; order numbers stay behind their questions."""
    start = 4 * number
    return (*LINES[start:], *LINES[:start])[:LONG_CALL_LINES]


async def _cpu_percent(process: psutil.Process, seconds: float) -> float:
    before = process.cpu_times()
    began = asyncio.get_running_loop().time()
    await asyncio.sleep(seconds)
    after = process.cpu_times()
    used = after.user + after.system - before.user - before.system
    return 100 * used / (asyncio.get_running_loop().time() - began)
