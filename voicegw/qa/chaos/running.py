"""A run of chaos: service, world, callers and faults together, then the audit."""

import asyncio
import contextlib
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voicegw.config import load
from voicegw.errors import ServerAway, SetupError
from voicegw.outcomes.action import AT_WORK, DUE
from voicegw.outcomes.ledger import Ledger
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.caller import Caller as CallingCell
from voicegw.qa.caller import Dialling, caller, studio
from voicegw.qa.chaos import callers, faults, servers
from voicegw.qa.chaos.audit import Caller, Evidence, violations
from voicegw.qa.chaos.faults import Victim
from voicegw.qa.chaos.world import World, open_world
from voicegw.qa.figures import Figure
from voicegw.qa.service import RunningService, start_service
from voicegw.qa.voices import Studio
from voicegw.sip.ports import sip_port

HERE = Path(__file__).parent
AT_ONCE = 3
"""Calls."""
CALL_TIMEOUT_S = 60.0
BETWEEN_FAULTS_S = (0.3, 2.0)
WARM_S = 20.0
"""How long a caller waits for a worker: calls that are turned away prove nothing."""
SETTLE_S = 120.0
"""What was confirmed may take so long to be done, once all is well again."""
STARTS = 5


@dataclass(frozen=True)
class How:
    """How chaos is run."""

    seconds: float
    seed: int
    tell: Callable[[str], None]
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """Settings over those of chaos."""
    most_faults: int = 100_000


@dataclass
class Chaos:
    """What has happened so far."""

    injected: Counter[str] = field(default_factory=Counter)
    callers: list[Caller] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    """Violations."""
    confirmed: int = 0
    notices: int = 0

    def figures(self) -> tuple[Figure, ...]:
        """In the shape of a bench."""
        count = self.injected.total()
        answered = sum(each.answered for each in self.callers)
        return (
            Figure("chaos: violations", len(self.found), "", "= 0", count),
            Figure("chaos: faults survived", count if not self.found else 0, "faults", "", count),
            Figure("chaos: calls that were answered", answered, "calls", "", len(self.callers)),
            Figure("chaos: writes that were confirmed", self.confirmed, "writes"),
            Figure("chaos: messages that were promised", self.notices, "messages"),
            *(Figure(f"chaos: {name}", times, "times") for name, times in sorted(self.injected.items())),
        )


async def run(how: How) -> Chaos:
    """
    :raises SetupError: something must be mended first.
    """
    chaos = Chaos()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vgw-ch-", ignore_cleanup_errors=True)))
        world = await stack.enter_async_context(open_world())
        victim = await stack.enter_async_context(_victim(how, folder, world))
        cell = await stack.enter_async_context(caller())
        voices = studio(load())
        await asyncio.to_thread(voices.clips, callers.all_lines())
        until = time.monotonic() + how.seconds
        calling = [asyncio.create_task(_call(victim, cell, voices, chaos, until)) for _ in range(AT_ONCE)]
        await _hurt(victim, how, chaos, until)
        how.tell("waiting for the last calls to end")
        await asyncio.gather(*calling)
        world.misbehaves.clear()
        evidence = await _settled(victim, chaos, how)
    chaos.found = violations(evidence)
    chaos.confirmed = len(evidence.actions)
    chaos.notices = sum(row.notice_status is not None for row in evidence.actions)
    return chaos


@asynccontextmanager
async def _victim(how: How, folder: Path, world: World) -> AsyncIterator[Victim]:
    async with AsyncExitStack() as stack:
        redis, redis_url = servers.valkey(folder)
        await redis.start()
        stack.push_async_callback(redis.stop)
        hurt = [redis]
        settings: dict[str, Any] = {
            "sip": {"host": "127.0.0.1", "port": sip_port("127.0.0.1", 0)},
            "data_dir": str(folder / "data"),
            "redis_url": redis_url,
            "dialplans": str(HERE / "dialplan.yaml"),
            "integrations": str(HERE / "integrations"),
            "integration": {"world": {"url": world.url}},
            "workers": {"warm": AT_ONCE + 1},
            **how.overrides,
        }
        if found := await servers.postgres(folder):
            database, settings["database_url"] = found
            stack.push_async_callback(database.stop)
            hurt.append(database)
        how.tell("starting the service")
        victim: Victim

        async def restart() -> None:
            victim.service.process.kill()
            await victim.service.process.wait()
            victim.service = await _started(settings)

        victim = Victim(await _started(settings), world, hurt, restart, random.Random(how.seed))
        stack.push_async_callback(lambda: victim.service.stop())
        yield victim


async def _started(settings: Mapping[str, Any]) -> RunningService:
    """Started, also while the ports of the one before are still taken."""
    for _ in range(STARTS):
        with contextlib.suppress(SetupError):
            return await start_service(settings)
        await asyncio.sleep(1.0)
    return await start_service(settings)


async def _call(victim: Victim, cell: CallingCell, voices: Studio, chaos: Chaos, until: float) -> None:
    """One caller after another."""
    chance = random.Random(victim.chance.random())
    while time.monotonic() < until:
        plan = callers.plan(chance, [each.item for each in chaos.callers if each.agrees])
        name = f"caller{len(chaos.callers):04d}"
        place = len(chaos.callers)
        chaos.callers.append(Caller(name, plan.item, plan.agrees, answered=False))
        clips = await asyncio.to_thread(voices.clips, plan.script)
        await victim.service.until_warm(1, WARM_S)
        uri = f"sip:5000@127.0.0.1:{victim.service.sip_port}"
        report = await cell.place(
            Dialling(uri, caller=name, timeout_s=CALL_TIMEOUT_S), plan.script, clips, lambda noise: None
        )
        chaos.callers[place] = Caller(name, plan.item, plan.agrees, report.sip.answered)
        if not report.sip.answered:
            await asyncio.sleep(1.0)


async def _hurt(victim: Victim, how: How, chaos: Chaos, until: float) -> None:
    """One fault after another."""
    while time.monotonic() < until and chaos.injected.total() < how.most_faults:
        await asyncio.sleep(victim.chance.uniform(*BETWEEN_FAULTS_S))
        name = faults.choose(victim.chance)
        inject, _ = faults.FAULTS[name]
        if await inject(victim):
            chaos.injected[name] += 1
        how.tell(f"{chaos.injected.total()} faults, {len(chaos.callers)} calls")


async def _settled(victim: Victim, chaos: Chaos, how: How) -> Evidence:
    """What is left once nothing is at work any more, or the time for that is over."""
    how.tell("waiting until all that was confirmed is done")
    deadline = time.monotonic() + SETTLE_S
    while True:
        with contextlib.suppress(ServerAway):
            evidence = await _evidence(victim, chaos.callers)
            if _is_settled(evidence, victim) or time.monotonic() > deadline:
                return evidence
        await asyncio.sleep(1.0)


def _is_settled(evidence: Evidence, victim: Victim) -> bool:
    inbox = victim.service.data_dir / "actions" / "inbox"
    waiting = any(row.state == AT_WORK or row.notice_status == DUE for row in evidence.actions)
    open_calls = any(story.call.disposition is None or story.call.closed_at is None for story in evidence.calls)
    return not (waiting or open_calls or list(inbox.glob("*.json")))


async def _evidence(victim: Victim, called: Sequence[Caller]) -> Evidence:
    url = victim.service.database_url
    ledger, outcomes = Ledger(url), OutcomeStore(url)
    try:
        calls = [story async for story in outcomes.export()]
        return Evidence(tuple(called), tuple(victim.world.effects), tuple(await ledger.all()), tuple(calls))
    finally:
        await ledger.close()
        await outcomes.close()
