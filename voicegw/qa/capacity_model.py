"""What so many calls need: machines, cores, memory, from what one call was measured to cost. Pure.

Two ways, which check each other: sums (``need``), which say how many machines, and a simulation of callers who take
turns on a few cores (``simulate``), which says how late the answers are on one of them.
"""

import heapq
import math
import random
from dataclasses import dataclass, fields

from voicegw.qa.figures import percentile

CALLS_PER_CELL = 4
"""PyPI's pjsua2."""
RTP_KBIT_S = 87.2
"""G.711 at 20 ms, with its headers, each way."""
BUSY = 0.6
"""Of a machine's processors: what is left is for bursts, for calls that begin together, and for those of the machine
next to it that has died."""
SPREAD = 0.3
"""How much the work of turns differs: the deviation of its logarithm."""


@dataclass(frozen=True)
class Costs:
    """Processor time of one conversation, percent of a core."""

    cells: float
    workers: float
    """Without the models: frames, turn-taking, dialog, and a new worker for each call."""
    supervisor: float
    """And recorder, database, Redis."""
    models: float
    """Hearing, sentence vectors and speaking."""

    @property
    def whole(self) -> float:
        """Everything on one machine."""
        return sum(self.by_role.values())

    @property
    def by_role(self) -> dict[str, float]:
        """Percent of a core."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class Machine:
    """One kind of machine."""

    cores: int
    memory_mb: float


WORKER_MB = 60.0
"""Of a worker alone, late in a long call."""
SERVICE_MB = 1700.0
"""The service without a call: shared models, the listener with Whisper, language model, servers."""


@dataclass(frozen=True)
class Turns:
    """How callers and agent take turns, on average."""

    every_s: float
    """From one answer to the next."""
    work_s: float
    """Processor time between the caller's last word and the agent's first: decoding, deciding, the first clause."""
    wait_s: float
    """What passes of itself: the silence that shows that a turn is over, packets on their way."""


MEASURED = Costs(cells=1.07, workers=1.60, supervisor=0.46, models=3.85)
"""``voicegw bench capacity`` and, for workers without models, ``voicegw qa load``; AMD EPYC, November 2026."""
CONVERSATION = Turns(every_s=8.0, work_s=0.16, wait_s=0.07)
"""Of the callers of the same bench: 48 seconds, six turns, and 0.24 s where one talks alone."""


@dataclass(frozen=True)
class Need:
    """What so many calls at once need."""

    calls: int
    machines: int
    calls_per_machine: int
    cores: float
    by_role: dict[str, float]
    """Cores."""
    memory_mb: float
    cells: int
    rtp_mbit_s: float
    """Each way."""


def need(calls: int, machine: Machine, costs: Costs = MEASURED, measured_per_machine: int = 0) -> Need:
    """By sums.

    :param measured_per_machine: conversations that one such machine was measured to hold; 0: by its costs alone.
    """
    by_cores = int(machine.cores * 100 * BUSY / costs.whole)
    by_memory = int((machine.memory_mb - SERVICE_MB) / WORKER_MB)
    per_machine = max(1, min(by_memory, measured_per_machine or by_cores))
    machines = math.ceil(calls / per_machine)
    return Need(
        calls,
        machines,
        per_machine,
        round(calls * costs.whole / 100, 1),
        {role: round(calls * cost / 100, 1) for role, cost in costs.by_role.items()},
        calls * WORKER_MB + machines * SERVICE_MB,
        machines * (math.ceil(min(calls, per_machine) / CALLS_PER_CELL) + 1),
        round(calls * RTP_KBIT_S / 1000, 1),
    )


@dataclass
class _Job:
    left_s: float
    began_s: float
    call: int


def simulate(
    calls: int, cores: int, costs: Costs = MEASURED, turns: Turns = CONVERSATION, seconds: float = 900.0, seed: int = 1
) -> list[float]:
    """Latencies of the answers, ms, of ``calls`` conversations on ``cores``.

    Frames, and what else goes on all the time, come first; who has a turn to answer shares the rest fairly, each on
    one core at most.
    """
    chance = random.Random(seed)
    steady = costs.whole / 100 - turns.work_s / turns.every_s
    free = max(cores - calls * steady, 0.02)
    turns_due = [(chance.uniform(0, turns.every_s), call) for call in range(calls)]
    heapq.heapify(turns_due)
    jobs: list[_Job] = []
    latencies: list[float] = []
    now = 0.0
    while now < seconds:
        speed = min(1.0, free / len(jobs)) if jobs else 1.0
        done_at = now + min((job.left_s for job in jobs), default=math.inf) / speed
        until = min(done_at, turns_due[0][0] if turns_due else math.inf)
        for job in jobs:
            job.left_s -= (until - now) * speed
        now = until
        for job in [job for job in jobs if job.left_s < 1e-9]:
            jobs.remove(job)
            latencies.append((now - job.began_s + turns.wait_s) * 1000)
            heapq.heappush(turns_due, (now + chance.uniform(0.5, 1.5) * turns.every_s, job.call))
        while turns_due and turns_due[0][0] <= now:
            _, call = heapq.heappop(turns_due)
            jobs.append(_Job(turns.work_s * chance.lognormvariate(0, SPREAD), now, call))
    return latencies


def most_calls(promise_ms: float, cores: int, costs: Costs = MEASURED, turns: Turns = CONVERSATION) -> int:
    """The largest number of conversations of which 95 of 100 answers come within the promise."""
    calls = 0
    while (percentile(simulate(calls + 1, cores, costs, turns), 95) or math.inf) <= promise_ms:
        calls += 1
    return calls
