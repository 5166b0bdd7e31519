"""Looking on through a real Redis: moments are seen, orders are answered by whoever has the call."""

import asyncio
import time

import pytest

from voicegw.session import moments, orders
from voicegw.session.live import MOMENTS, ORDERS, LiveLink
from voicegw.session.moments import AgentSilent, AgentSpeaks, CallerHeard, LinesMeasured

pytestmark = pytest.mark.servers
SHOWN = (
    CallerHeard("c1", 1.0, 1, "where is my order", "order_status", "order_id"),
    AgentSpeaks("c1", 2.0, 1, "Let me see."),
    AgentSilent("c1", 3.0, 1, "Let me"),
    LinesMeasured("here", 4.0, {"c1": [100, 1, 3.5, 0]}),
)


@pytest.fixture
async def link(redis_server):
    made = LiveLink(redis_server.url)
    yield made
    await made.close()


async def test_what_is_shown_is_seen_at_once_and_in_order(link, redis_server):
    other = LiveLink(redis_server.url)
    positions = await link.positions(MOMENTS)
    for moment in SHOWN:
        other.show_soon(moment)
    seen = []
    while len(seen) < len(SHOWN):
        seen += [moments.decode(entry.fields) for _, entry in await link.read(positions)]
    assert tuple(seen) == SHOWN
    await other.close()


async def test_an_order_is_answered_by_who_has_the_call_and_by_nobody_else(link, redis_server):
    owner = LiveLink(redis_server.url)
    positions = await owner.positions(ORDERS)

    async def obey() -> None:
        ((_, entry),) = await owner.read(positions)
        await owner.answer(orders.decode(entry.fields), "")

    obeying = asyncio.create_task(obey())
    assert await link.order(orders.new_order("c1", "hang_up", "kim", time.time())) == ""
    await obeying
    assert await link.order(orders.new_order("c2", "hang_up", "kim", time.time()), within_s=0.3) is None
    await owner.close()


async def test_while_redis_is_away_showing_does_not_fail_and_costs_no_memory(link, redis_server):
    redis_server.stop()
    for _ in range(3000):
        link.show_soon(SHOWN[0])
    await asyncio.sleep(0.1)
    redis_server.start()
    link.show_soon(SHOWN[1])
    positions = {MOMENTS: "0-0"}
    assert AgentSpeaks in [type(moments.decode(entry.fields)) for _, entry in await link.read(positions)]


async def test_every_machine_tells_how_it_is(link):
    await link.tell_state("b", {"machine": "b"})
    await link.tell_state("a", {"machine": "a"})
    assert [state["machine"] for state in await link.states()] == ["a", "b"]
