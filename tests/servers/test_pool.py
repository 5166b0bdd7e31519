"""The warm pool with a real nursery and real forked processes."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest

from tests.servers.nurseries import warm_pool
from voicegw.gateway.pool import IDLE_HANG_S, START_HANG_S, WorkerPool
from voicegw.wire.link import Link
from voicegw.wire.messages import CallStarted

pytestmark = pytest.mark.servers

NURSERY = """
import os, sys, time
from voicegw.wire.link import Link
from voicegw.wire.messages import CallStarted, Heartbeat, WorkerReady
from voicegw.worker.nursery import Nursery

def work(link, hurry):
    link.send(WorkerReady(os.getpid()))
    while True:
        try:
            message = link.receive()
        except ConnectionError:
            return 0
        if isinstance(message, CallStarted):
            if message.callee == "crash":
                os._exit(3)
            return 0
        time.sleep(0.01)

Nursery(Link.from_fd(int(sys.argv[1])), work).run()
"""


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    async with warm_pool(NURSERY, most=4) as pool:
        yield pool


def take(pool: WorkerPool, call_id: str) -> tuple[int, Link]:
    """A worker and the link a cell would get."""
    worker = pool.take(call_id)
    assert worker is not None
    assert worker.link is not None
    link = Link.from_fd(os.dup(worker.link.fileno()))
    pool.release(worker.number)
    return worker.number, link


async def until(condition: object, timeout_s: float = 5.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(0.01)


async def test_a_worker_that_heard_of_no_call_is_ready_again(pool: WorkerPool) -> None:
    number, link = take(pool, "call-1")
    pool.take_back(number, link)
    assert (pool.busy_count, pool.ready_count) == (0, 2)
    again, link = take(pool, "call-2")
    assert again == number
    link.close()


async def test_a_call_finds_a_ready_worker_at_once_and_the_pool_refills(pool: WorkerPool) -> None:
    began = time.monotonic()
    _, link = take(pool, "call-1")
    assert time.monotonic() - began < 0.05
    await until(lambda: pool.ready_count == 2)
    assert pool.busy_count == 1
    link.send(CallStarted("call-1", "a", "b", "acme"))
    await until(lambda: pool.busy_count == 0)
    link.close()


async def test_there_are_never_more_workers_than_allowed(pool: WorkerPool) -> None:
    links = []
    for number in range(4):
        await until(lambda: pool.ready_count > 0)
        links.append(take(pool, f"call-{number}")[1])
    await asyncio.sleep(0.3)
    assert pool.take("one-too-many") is None
    for link in links:
        link.close()
    await until(lambda: pool.ready_count == 2)


async def test_a_worker_that_dies_waiting_is_replaced(pool: WorkerPool) -> None:
    pids = {pool.pid_of(number) for number in (1, 2)}
    os.kill(max(pids), signal.SIGKILL)
    await until(lambda: pool.ready_count == 1)
    await until(lambda: pool.ready_count == 2)


async def test_a_worker_that_still_starts_is_given_longer_than_one_that_waits(pool: WorkerPool) -> None:
    pids = [pool.pid_of(number) for number in (1, 2)]
    os.kill(pids[0], signal.SIGKILL)
    await until(lambda: pool.ready_count == 1)
    pool.replace_the_silent(time.monotonic() + 2 * IDLE_HANG_S)  # the waiting one is killed, the new one is not
    await until(lambda: pool.pid_of(2) == 0)
    await until(lambda: pool.ready_count == 2, timeout_s=20)
    assert pool.pid_of(3)
    pool.replace_the_silent(time.monotonic() + 2 * START_HANG_S)
    await until(lambda: pool.pid_of(3) == 0)


async def test_a_worker_that_hangs_in_a_call_can_be_killed_and_is_forgotten(pool: WorkerPool) -> None:
    number, link = take(pool, "call-1")
    os.kill(pool.pid_of(number), signal.SIGSTOP)
    pool.kill(number)
    await until(lambda: pool.busy_count == 0)
    link.close()


async def test_taking_a_worker_is_fast_at_the_95th_percentile(pool: WorkerPool) -> None:
    took_ms = []
    for number in range(30):
        await until(lambda: pool.ready_count > 0)
        began = time.perf_counter()
        _, link = take(pool, f"call-{number}")
        link.send(CallStarted(f"call-{number}", "a", "b", "acme"))
        took_ms.append((time.perf_counter() - began) * 1000)
        link.close()
    assert sorted(took_ms)[28] < 50
