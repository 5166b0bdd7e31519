"""Calls that come faster than workers are made ring a little longer; only beyond what will be made are they refused."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.servers.nurseries import warm_pool
from voicegw.gateway.admission import Admission
from voicegw.gateway.pool import WorkerPool
from voicegw.gateway.supervisor import Supervisor
from voicegw.outcomes.record import CallClosed, CallOpened, Fact
from voicegw.wire import link as wire_link
from voicegw.wire.link import Link
from voicegw.wire.messages import (
    CallProgressed,
    CallTurnedAway,
    CellReady,
    Message,
    TryDialplan,
    WorkerAssigned,
    WorkerWanted,
)

pytestmark = pytest.mark.servers

STANDS_BACK = 10

SLOW_NURSERY = """
import os, sys, time
from voicegw.wire.link import Link
from voicegw.wire.messages import WorkerReady
from voicegw.worker.nursery import Nursery

def work(link, hurry):
    os.setpriority(os.PRIO_PROCESS, 0, 0 if hurry else 10)
    time.sleep(0.5)
    link.send(WorkerReady(os.getpid()))
    while True:
        try:
            link.receive()
        except ConnectionError:
            return 0
        time.sleep(0.01)

Nursery(Link.from_fd(int(sys.argv[1])), work).run()
"""


@dataclass
class OneDialplan:
    """Answers every number."""

    def find(self, number: str, caller: str, call_id: str) -> tuple[str, int] | None:
        return ("acme", 3)

    def has(self, name: str, version: int) -> bool:
        return True

    async def try_out(self, order: TryDialplan) -> str:
        return ""


@dataclass
class FakeCell:
    """Its end of the link, in the supervisor's hands and in ours."""

    link: Link
    ours: Link

    async def stop(self) -> int:
        return 0

    async def said(self, kind: type[Message], count: int, timeout_s: float = 10.0) -> list[Message]:
        """So many messages of this kind, waited for."""
        found: list[Message] = []
        deadline = time.monotonic() + timeout_s
        while len(found) < count:
            assert time.monotonic() < deadline, f"only {found}"
            received = self.ours.receive_with_sockets()
            if received is None:
                await asyncio.sleep(0.01)
            elif isinstance(received[0], kind):
                found.append(received[0])
        return found


@dataclass
class Machine:
    """A supervisor with a nursery that takes its time, and one cell."""

    pool: WorkerPool
    cell: FakeCell
    facts: list[Fact]

    def want(self, call_id: str) -> None:
        self.cell.ours.send(WorkerWanted(call_id, "caller", "5000"))


@pytest.fixture
async def machine() -> AsyncIterator[Machine]:
    async with warm_pool(SLOW_NURSERY, most=3) as pool:
        facts: list[Fact] = []
        supervisor = Supervisor(pool, OneDialplan(), facts.append, Admission(0))
        cell = FakeCell(*wire_link.pair())
        cell.ours.send(CellReady(1, 5060, 4))
        await supervisor.add_cell(0, cell)
        yield Machine(pool, cell, facts)
        asyncio.get_running_loop().remove_reader(cell.link)


async def test_a_call_waits_for_the_worker_that_is_being_made(machine: Machine) -> None:
    for number in range(3):
        machine.want(f"call-{number}")
    assigned = await machine.cell.said(WorkerAssigned, 3)
    assert [message.call_id for message in assigned] == ["call-0", "call-1", "call-2"]
    opened = [fact for fact in machine.facts if isinstance(fact, CallOpened)]
    assert [(fact.call_id, fact.dialplan) for fact in opened] == [(f"call-{number}", "acme") for number in range(3)]


async def test_a_call_that_no_worker_will_be_made_for_is_refused_at_once(machine: Machine) -> None:
    for number in range(4):
        machine.want(f"call-{number}")
    (away,) = await machine.cell.said(CallTurnedAway, 1)
    assert (away.call_id, away.sip_status) == ("call-3", 503)


async def test_a_caller_who_gives_up_while_waiting_takes_nobodys_worker(machine: Machine) -> None:
    for number in range(3):
        machine.want(f"call-{number}")
    machine.cell.ours.send(CallProgressed("call-2", "ended", 1_000, {"by": "caller", "sip_status": 487}))
    await machine.cell.said(WorkerAssigned, 2)
    await asyncio.sleep(0.5)
    machine.want("call-3")
    (assigned,) = await machine.cell.said(WorkerAssigned, 1)
    assert assigned.call_id == "call-3"
    assert any(isinstance(fact, CallClosed) and fact.call_id == "call-2" for fact in machine.facts)


async def test_a_worker_that_a_caller_waits_for_does_not_stand_back_while_it_is_made(machine: Machine) -> None:
    async def until_third_has(niceness: int) -> None:
        async with asyncio.timeout(10):
            while not (pid := machine.pool.pid_of(3)) or os.getpriority(os.PRIO_PROCESS, pid) != niceness:
                await asyncio.sleep(0.005)

    for number in range(2):
        machine.want(f"call-{number}")
    await until_third_has(STANDS_BACK)  # it is made for whoever comes next
    machine.want("call-2")
    await until_third_has(os.getpriority(os.PRIO_PROCESS, 0))
    assert len(await machine.cell.said(WorkerAssigned, 3)) == 3
