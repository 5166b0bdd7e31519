"""Faults: what chaos does to a service, each by one function."""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import psutil

from voicegw.qa.chaos.servers import Server
from voicegw.qa.chaos.world import World
from voicegw.qa.service import RunningService

AWAY_S = (0.2, 4.0)
"""How long a server is away."""
MOST_ODD_ANSWERS = 3


@dataclass
class Victim:
    """What there is to hurt. Written by one event loop only."""

    service: RunningService
    world: World
    servers: Sequence[Server]
    restart: Callable[[], Awaitable[None]]
    """Kills the whole service, and starts it again on the same data."""
    chance: random.Random


Fault = Callable[[Victim], Awaitable[bool]]
"""Returns False if there was nothing to hurt."""


async def kill_worker(victim: Victim) -> bool:
    """One that talks."""
    return _kill(victim, victim.service.busy_workers())


async def hang_worker(victim: Victim) -> bool:
    """One that talks stops; it is replaced."""
    return _kill(victim, victim.service.busy_workers(), signal.SIGSTOP)


async def kill_runner(victim: Victim) -> bool:
    """The action runner."""
    return _kill(victim, victim.service.runners())


async def kill_cell(victim: Victim) -> bool:
    """A cell, with the calls it has."""
    return _kill(victim, victim.service.cells())


async def kill_language_model(victim: Victim) -> bool:
    """The language model's server."""
    return _kill(victim, victim.service.language_models())


async def kill_service(victim: Victim) -> bool:
    """The supervisor, with the recorder in it, and so all of it; started again as by systemd."""
    await victim.restart()
    return True


async def stop_server(victim: Victim) -> bool:
    """Redis or PostgreSQL goes away, and comes back."""
    server = victim.chance.choice(victim.servers)
    await server.stop()
    await asyncio.sleep(victim.chance.uniform(*AWAY_S))
    await server.start()
    return True


def misbehave(how: str) -> Fault:
    """The backend answers the next requests so."""

    async def fault(victim: Victim) -> bool:
        victim.world.misbehaves[how] = victim.chance.randint(1, MOST_ODD_ANSWERS)
        return True

    return fault


FAULTS: dict[str, tuple[Fault, int]] = {
    "a worker is killed": (kill_worker, 12),
    "a worker hangs": (hang_worker, 3),
    "the action runner is killed": (kill_runner, 12),
    "a cell is killed": (kill_cell, 2),
    "the language model server is killed": (kill_language_model, 1),
    "the service with its recorder is killed": (kill_service, 1),
    "Redis or PostgreSQL is stopped": (stop_server, 8),
    "the backend is slow": (misbehave("slow"), 10),
    "the backend fails": (misbehave("fail"), 10),
    "the backend answers after its time limit": (misbehave("late"), 10),
    "the backend is told twice": (misbehave("twice"), 10),
}
"""Each with its weight: what takes all calls down is rare, or nothing would be confirmed any more."""


def choose(chance: random.Random) -> str:
    """The name of the next fault."""
    return chance.choices(list(FAULTS), [weight for _, weight in FAULTS.values()])[0]


def _kill(victim: Victim, processes: Sequence[psutil.Process], sign: signal.Signals = signal.SIGKILL) -> bool:
    if not processes:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(victim.chance.choice(processes).pid, sign)
        return True
    return False
