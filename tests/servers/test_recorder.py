"""The recorder, with real servers that die: every fact becomes a row, and none twice."""

import asyncio
import json
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from voicegw.gateway import recorder as recorder_module
from voicegw.gateway.recorder import Tally, run
from voicegw.outcomes.history import History, to_row
from voicegw.outcomes.migrate import migrate
from voicegw.outcomes.queries import Wanted
from voicegw.outcomes.record import (
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    Fact,
    SlotFilled,
    ToolAnswered,
    TransferTried,
    TurnTaken,
    encode,
)
from voicegw.outcomes.rows import CallStory
from voicegw.outcomes.store import OutcomeStore
from voicegw.session import store as store_module
from voicegw.session.store import EVENTS, POISON, SessionStore

pytestmark = pytest.mark.servers

Eventually = Callable[..., Any]


def call(call_id: str) -> list[Fact]:
    return [
        CallOpened(call_id, 100.0, "+15551234567", "100", "acme-orders", 3),
        CallPickedUp(call_id, 100.5, 31.0, "PCMU"),
        TurnTaken(call_id, 0, 101.0, "", "Hello!", decided_by="greeting"),
        TurnTaken(call_id, 1, 105.0, "where is my order", "On its way."),
        SlotFilled(call_id, 105.5, "order_id", "4567"),
        ToolAnswered(call_id, 106.0, "a1", "orders_db.order_status", "reads", "found", 12.5),
        TransferTried(call_id, 107.0, 1, "sip:support@pbx.example", "asked for", 486),
        CallConcluded(call_id, 108.0, "completed"),
        CallClosed(call_id, 109.0, "caller", 200, "OK"),
    ]


def story_of(facts: list[Fact]) -> CallStory:
    history = History(facts[0].call_id).joined(facts)
    turns = tuple(history.turns[index] for index in sorted(history.turns))
    return CallStory(to_row(history), turns, tuple(sorted(history.events.values(), key=lambda event: event.at)))


async def tell(store: SessionStore, facts: list[Fact]) -> None:
    for fact in facts:
        await store.append(fact)
    assert await store.flush()


@asynccontextmanager
async def recording(store: SessionStore, outcomes: OutcomeStore) -> AsyncIterator[Tally]:
    stop, tally = asyncio.Event(), Tally()
    task = asyncio.create_task(run(store, outcomes, stop, tally))
    yield tally
    stop.set()
    assert await asyncio.wait_for(task, 20) is tally


async def closed_calls(outcomes: OutcomeStore) -> set[str]:
    return {row.call_id for row in await outcomes.list_calls(Wanted(limit=10_000)) if row.closed_at}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "LAST_RETRY_S", 0.2)
    monkeypatch.setattr(recorder_module, "LOOK_ROUND_S", 0.2)


async def test_facts_become_rows(session_store: SessionStore, outcomes: OutcomeStore, eventually: Eventually) -> None:
    async with recording(session_store, outcomes) as tally:
        await tell(session_store, call("c1"))
        await eventually(lambda: tally.recorded == 9)
    assert await outcomes.show_call("c1") == story_of(call("c1"))
    assert (await session_store.lag()).entries == 0


async def test_what_was_told_before_it_stops_is_recorded(session_store: SessionStore, outcomes: OutcomeStore) -> None:
    async with recording(session_store, outcomes) as tally:
        for fact in call("c1"):
            session_store.append_soon(fact)
    assert tally.recorded == 9
    assert await outcomes.show_call("c1") == story_of(call("c1"))


async def test_poison_is_set_aside_and_does_not_stop_the_rest(
    session_store: SessionStore, outcomes: OutcomeStore
) -> None:
    good = [encode(fact) for fact in call("c1")]
    too_large = encode(CallOpened("c2", 1.0, "", "", version=10**30))  # an integer that no column holds
    for entry in (good[0], {"nonsense": "1"}, good[1], {"kind": "CallOpened", "fact": "[]"}, too_large, *good[2:]):
        await session_store._redis.xadd(EVENTS, entry)
    async with recording(session_store, outcomes) as tally:
        pass
    assert await outcomes.show_call("c1") == story_of(call("c1"))
    assert await outcomes.show_call("c2") is None
    assert (tally.recorded, tally.poisoned) == (9, 3)
    kept = await session_store._redis.xrange(POISON)
    assert [fields.get("kind") for _, fields in kept] == [None, "CallOpened", "CallOpened"]
    assert all(fields["reason"] for _, fields in kept)
    assert (await session_store.lag()).entries == 0


async def test_an_entry_delivered_twice_makes_no_second_row(
    session_store: SessionStore, outcomes: OutcomeStore
) -> None:
    facts = call("c1") + call("c2")
    await tell(session_store, facts + random.Random(3).sample(facts, len(facts)))
    async with recording(session_store, outcomes):
        pass
    for call_id in ("c1", "c2"):
        assert await outcomes.show_call(call_id) == story_of(call(call_id))


RECORDER = """
import asyncio, json, sys
from pathlib import Path
from voicegw.gateway import recorder
from voicegw.outcomes.store import OutcomeStore
from voicegw.session.store import SessionStore

async def main(redis_url, database_url, spool):
    recorder.BATCH = 7
    await recorder.run(SessionStore(redis_url, Path(spool)), OutcomeStore(database_url), asyncio.Event())

asyncio.run(main(**json.loads(sys.argv[1])))
"""


async def test_killed_again_and_again_it_loses_and_doubles_nothing(
    session_store: SessionStore, redis_server: Any, database: str, outcomes: OutcomeStore, tmp_path: Path
) -> None:
    names = [f"c{number}" for number in range(120)]
    facts = [fact for name in names for fact in call(name)]
    random.Random(5).shuffle(facts)
    await tell(session_store, facts)
    servers = {"redis_url": redis_server.url, "database_url": database, "spool": str(tmp_path / "other")}
    kills = 0
    while await closed_calls(outcomes) != set(names) or (await session_store.lag()).entries:
        process = subprocess.Popen([sys.executable, "-c", RECORDER, json.dumps(servers)], stdout=subprocess.DEVNULL)
        before = (await session_store.lag()).entries
        while before and (await session_store.lag()).entries > before - 250:
            if not (await session_store.lag()).entries:
                break
            assert process.poll() is None
            await asyncio.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        assert kills < 12
    assert kills >= 3
    for name in names:
        assert await outcomes.show_call(name) == story_of(call(name))


async def test_while_postgres_is_away_the_stream_keeps_and_the_lag_shows(
    session_store: SessionStore, postgres_server: Any, eventually: Eventually, impatient: None
) -> None:
    url = await postgres_server.new_database()
    await migrate(url)
    outcomes = OutcomeStore(url)
    async with recording(session_store, outcomes) as tally:
        await tell(session_store, call("c1"))
        await eventually(lambda: tally.recorded == 9)
        postgres_server.stop()
        try:
            await tell(session_store, call("c2"))
            await eventually(lambda: tally.lag.entries == 9)
            await eventually(lambda: tally.lag.seconds > 0.5)
        finally:
            postgres_server.start()
        await eventually(lambda: tally.recorded == 18)
    assert await outcomes.show_call("c2") == story_of(call("c2"))
    await outcomes.close()


async def test_while_redis_is_away_facts_wait_on_disk_and_become_rows_later(
    session_store: SessionStore, redis_server: Any, outcomes: OutcomeStore, eventually: Eventually, impatient: None
) -> None:
    async with recording(session_store, outcomes) as tally:
        await tell(session_store, call("c1"))
        await eventually(lambda: tally.recorded == 9)
        redis_server.stop()
        await tell(session_store, call("c2"))
        redis_server.start()
        await eventually(lambda: tally.recorded == 18)
    assert await outcomes.show_call("c2") == story_of(call("c2"))


async def test_what_dead_workers_left_on_disk_is_recorded(
    session_store: SessionStore,
    redis_server: Any,
    outcomes: OutcomeStore,
    tmp_path: Path,
    eventually: Eventually,
    impatient: None,
) -> None:
    worker = SessionStore(redis_server.url, tmp_path / "spool")
    redis_server.stop()
    await tell(worker, call("c1"))
    await worker.close()
    redis_server.start()
    async with recording(session_store, outcomes) as tally:
        await eventually(lambda: tally.recorded == 9)
    assert await outcomes.show_call("c1") == story_of(call("c1"))


async def test_told_to_stop_while_the_database_is_away_it_stops_and_leaves_the_rest_in_the_stream(
    session_store: SessionStore, postgres_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await postgres_server.new_database()
    await migrate(url)
    outcomes = OutcomeStore(url)
    await tell(session_store, call("c1"))
    postgres_server.stop()
    try:
        async with recording(session_store, outcomes) as tally:
            await asyncio.sleep(0.1)
        assert tally.recorded == 0
        assert (await session_store.lag()).entries == 9
    finally:
        postgres_server.start()
    store_again = SessionStore(f"unix://{session_store.shown_url.removeprefix('unix://')}", session_store._spool_dir)
    async with recording(store_again, outcomes) as tally:
        pass
    assert tally.recorded == 9
    await store_again.close()
    await outcomes.close()


async def test_a_thousand_facts_are_recorded_within_seconds(
    session_store: SessionStore, outcomes: OutcomeStore, eventually: Eventually
) -> None:
    await tell(session_store, [fact for number in range(200) for fact in call(f"c{number}")])
    async with recording(session_store, outcomes) as tally:
        await eventually(lambda: tally.recorded == 1800, 10.0)
    assert len(await closed_calls(outcomes)) == 200
    assert store_module.Lag(0, 0.0) == await session_store.lag()
