"""Snapshots, heartbeats and the stream, on the embedded Valkey and on Redis 7.0."""

import asyncio
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from voicegw.errors import ServerAway, SettingsError, WireError
from voicegw.outcomes.record import CallOpened, decode
from voicegw.session import store as store_module
from voicegw.session.record import Snapshot
from voicegw.session.store import EVENTS, POISON, SessionStore, StreamEntry

pytestmark = pytest.mark.servers

Eventually = Callable[..., Any]


def fact(number: int) -> CallOpened:
    return CallOpened(f"c{number}", float(number), "a", "b")


def snapshot(call_id: str = "c1", turn: int = 2) -> Snapshot:
    return Snapshot(call_id, "acme-orders", 3, {"task": "order_status"}, turn, 12.5)


async def tell(store: SessionStore, *numbers: int) -> None:
    for number in numbers:
        await store.append(fact(number))
    assert await store.flush()


async def read_all(store: SessionStore) -> list[StreamEntry]:
    found: list[StreamEntry] = []
    for _ in range(3):  # the first read may make the group, or see what was pending
        found += await store.read(1000, 0)
    return found


def calls(entries: list[StreamEntry]) -> list[str]:
    return [decode(entry.fields).call_id for entry in entries]


# --- snapshots and heartbeats -------------------------------------------------------------------------------


async def test_a_snapshot_is_kept_until_dropped(session_store: SessionStore) -> None:
    assert await session_store.load_snapshot("c1") is None
    await session_store.save_snapshot(snapshot(turn=1))
    await session_store.save_snapshot(snapshot(turn=2))
    assert await session_store.load_snapshot("c1") == snapshot(turn=2)
    assert await session_store.live_calls() == {"c1"}
    await session_store.drop_snapshot("c1")
    assert await session_store.load_snapshot("c1") is None
    assert await session_store.live_calls() == set()


async def test_snapshots_sent_off_are_kept_the_newest_last(session_store: SessionStore) -> None:
    for turn in range(20):
        session_store.save_soon(snapshot(turn=turn))
        session_store.save_soon(snapshot("c2", turn=turn))
        await asyncio.sleep(0)
    await session_store.saved()
    assert await session_store.load_snapshot("c1") == snapshot(turn=19)
    assert await session_store.load_snapshot("c2") == snapshot("c2", turn=19)


async def test_a_snapshot_sent_off_does_not_come_back_after_it_was_dropped(session_store: SessionStore) -> None:
    session_store.save_soon(snapshot())
    await asyncio.sleep(0)
    session_store.save_soon(snapshot())
    await session_store.drop_snapshot("c1")
    await session_store.saved()
    assert await session_store.load_snapshot("c1") is None


async def test_a_snapshot_expires_unless_the_heart_beats(session_store: SessionStore, redis_server: Any) -> None:
    await session_store.save_snapshot(snapshot())
    client = session_store._redis
    assert 0 < await client.ttl("call:{c1}") <= store_module.SNAPSHOT_EXPIRY_S
    await client.expire("call:{c1}", 5)
    await session_store.beat(["c1", "c2"])
    assert await client.ttl("call:{c1}") > 5
    assert await session_store.live_calls() == {"c1", "c2"}


async def test_a_call_without_heartbeat_is_not_alive_for_long(session_store: SessionStore) -> None:
    await session_store.beat(["c1"])
    await asyncio.sleep(0.05)
    await session_store.beat(["c2"])
    assert await session_store.live_calls(within_s=0.04) == {"c2"}


async def test_a_snapshot_of_another_version_is_told_as_such(session_store: SessionStore) -> None:
    await session_store._redis.set("call:{c1}", "{}")
    with pytest.raises(WireError):
        await session_store.load_snapshot("c1")


async def test_saving_a_snapshot_takes_a_few_milliseconds(session_store: SessionStore) -> None:
    took_ms = []
    for turn in range(100):
        began = time.perf_counter()
        await session_store.save_snapshot(snapshot(turn=turn))
        took_ms.append((time.perf_counter() - began) * 1000)
    assert statistics.median(took_ms) < 10


# --- the stream ---------------------------------------------------------------------------------------------


async def test_facts_are_read_in_order_and_once_acknowledged_never_again(session_store: SessionStore) -> None:
    await tell(session_store, 1, 2, 3)
    entries = await read_all(session_store)
    assert calls(entries) == ["c1", "c2", "c3"]
    await session_store.ack([entry.id for entry in entries])
    assert await read_all(session_store) == []


async def test_what_was_not_acknowledged_comes_again_after_a_restart(
    session_store: SessionStore, redis_server: Any, tmp_path: Path
) -> None:
    await tell(session_store, 1, 2, 3)
    entries = await read_all(session_store)
    await session_store.ack([entries[0].id])
    after = SessionStore(redis_server.url, tmp_path / "other")
    assert calls(await read_all(after)) == ["c2", "c3"]
    await after.close()


async def test_what_another_recorder_left_is_taken_over(
    session_store: SessionStore, redis_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(session_store, 1, 2)
    await read_all(session_store)
    monkeypatch.setattr(store_module, "STALE_MS", 0)
    other = SessionStore(redis_server.url, tmp_path / "other")
    other._consumer = "another-machine"
    assert calls(await read_all(other)) == ["c1", "c2"]
    await other.close()


async def test_a_read_waits_for_what_comes(session_store: SessionStore) -> None:
    await read_all(session_store)
    reading = asyncio.create_task(session_store.read(10, 5_000))
    await asyncio.sleep(0.05)
    await tell(session_store, 1)
    assert calls(await asyncio.wait_for(reading, 2.0)) == ["c1"]


async def test_a_read_that_waits_does_not_hold_up_the_rest(session_store: SessionStore) -> None:
    await read_all(session_store)
    reading = asyncio.create_task(session_store.read(10, 600))
    await asyncio.sleep(0.02)
    began = time.perf_counter()
    await session_store.save_snapshot(snapshot())
    assert time.perf_counter() - began < 0.4
    assert await reading == []


async def test_lag_counts_what_is_not_acknowledged_and_its_age(session_store: SessionStore) -> None:
    assert (await session_store.lag()).entries == 0
    await tell(session_store, 1, 2, 3)
    await asyncio.sleep(0.05)
    assert (await session_store.lag()).seconds >= 0.05
    entries = await read_all(session_store)
    assert (await session_store.lag()).entries == 3
    await session_store.ack([entry.id for entry in entries[:2]])
    assert (await session_store.lag()).entries == 1
    await session_store.ack([entries[2].id])
    assert await session_store.lag() == store_module.Lag(0, 0.0)


async def test_the_stream_is_trimmed_but_never_of_what_is_not_acknowledged(
    session_store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "KEEP_S", -10)
    monkeypatch.setattr(store_module, "HOUSEKEEPING_S", 0.0)
    await tell(session_store, *range(1000))
    entries = await read_all(session_store)
    await session_store.ack([entry.id for entry in entries[:700]])
    length = await session_store._redis.xlen(EVENTS)
    assert 300 <= length < 600  # whole blocks of a hundred go at once
    assert await session_store._redis.xrange(EVENTS, min=entries[700].id, max=entries[700].id)
    await tell(session_store, 1000)
    assert calls(await read_all(session_store)) == ["c1000"]


async def test_poison_is_set_aside_with_the_reason(session_store: SessionStore) -> None:
    await session_store._redis.xadd(EVENTS, {"kind": "Nonsense"})
    (entry,) = await read_all(session_store)
    await session_store.set_aside(entry, "not a fact")
    assert (await session_store.lag()).entries == 0
    kept = await session_store._redis.xrange(POISON)
    assert kept[0][1] == {"kind": "Nonsense", "reason": "not a fact"}


async def test_the_group_is_made_again_when_redis_lost_everything(session_store: SessionStore) -> None:
    await tell(session_store, 1)
    await read_all(session_store)
    await session_store._redis.flushall()
    await tell(session_store, 2)
    assert calls(await read_all(session_store)) == ["c2"]


# --- Redis away ---------------------------------------------------------------------------------------------


async def test_telling_goes_on_while_redis_is_away_and_all_arrives_later_in_order(
    session_store: SessionStore, redis_server: Any, tmp_path: Path, eventually: Eventually
) -> None:
    await tell(session_store, 0, 1)
    redis_server.stop()
    await tell(session_store, 2, 3)
    assert len(list((tmp_path / "spool").glob("*.jsonl"))) == 1
    redis_server.start()
    await tell(session_store, 4)
    found: list[str] = []

    async def five() -> bool:
        found.extend(calls(await read_all(session_store)))
        return len(found) >= 5

    await eventually(five)
    assert found == ["c0", "c1", "c2", "c3", "c4"]


async def test_telling_takes_no_time_while_redis_hangs(session_store: SessionStore, redis_server: Any) -> None:
    await tell(session_store, 0)
    redis_server.send(signal.SIGSTOP)
    try:
        began = time.perf_counter()
        for number in range(1000):
            await session_store.append(fact(number))
        assert time.perf_counter() - began < 0.5
        assert await session_store.flush(within_s=5.0)  # on disk by now
    finally:
        redis_server.send(signal.SIGCONT)


async def test_a_redis_that_takes_no_more_is_away_too(session_store: SessionStore, eventually: Eventually) -> None:
    await session_store._redis.config_set("maxmemory", "1")
    await tell(session_store, 1)
    assert session_store._outbox.spooled
    await session_store._redis.config_set("maxmemory", "0")
    await eventually(lambda: not session_store._outbox.spooled)
    assert calls(await read_all(session_store)) == ["c1"]


TELL_AND_DIE = """
import asyncio, os, signal, sys
from pathlib import Path
from voicegw.outcomes.record import CallOpened
from voicegw.session.store import SessionStore

async def main():
    store = SessionStore(sys.argv[1], Path(sys.argv[2]))
    for number in range(50):
        await store.append(CallOpened(f"c{number}", 1.0, "a", "b"))
    assert await store.flush(5.0)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_what_a_killed_process_left_on_disk_is_sent_by_another(
    session_store: SessionStore, redis_server: Any, tmp_path: Path
) -> None:
    redis_server.stop()
    command = [sys.executable, "-c", TELL_AND_DIE, redis_server.url, str(tmp_path / "spool")]
    assert subprocess.run(command, timeout=60, check=False).returncode == -signal.SIGKILL
    redis_server.start()
    assert await session_store.drain_left_behind() == 50
    assert calls(await read_all(session_store)) == [f"c{number}" for number in range(50)]
    assert await session_store.drain_left_behind() == 0
    assert not list((tmp_path / "spool").iterdir())


async def test_what_is_left_behind_stays_while_redis_is_away(
    session_store: SessionStore, redis_server: Any, tmp_path: Path
) -> None:
    other = SessionStore(redis_server.url, tmp_path / "spool")
    redis_server.stop()
    await tell(other, 1)
    await other.close()
    with pytest.raises(ServerAway):
        await session_store.drain_left_behind()
    redis_server.start()
    assert await session_store.drain_left_behind() == 1


async def test_a_redis_that_is_away_is_told_in_one_line(session_store: SessionStore, redis_server: Any) -> None:
    redis_server.stop()
    for act in (session_store.check, lambda: session_store.load_snapshot("c1"), lambda: session_store.read(1, 0)):
        with pytest.raises(ServerAway, match=r"^Redis unix:///.* does not answer: .*\(setting redis_url\)$"):
            await act()
    session_store.save_soon(snapshot())  # logs, and no more


async def test_connections_that_died_while_idle_do_not_show(session_store: SessionStore, redis_server: Any) -> None:
    await session_store.save_snapshot(snapshot())
    redis_server.stop()
    redis_server.start()
    assert await session_store.load_snapshot("c1") == snapshot()


async def test_an_address_nobody_answers_is_given_up_soon(tmp_path: Path) -> None:
    store = SessionStore("redis://:secret@10.255.255.1:6379/0", tmp_path / "spool")
    began = time.perf_counter()
    with pytest.raises(ServerAway) as told:
        await store.check()
    assert time.perf_counter() - began < 3.0
    assert "secret" not in str(told.value)
    assert "redis://10.255.255.1:6379/0" in str(told.value)
    await store.close()


def test_a_wrong_url_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="redis_url"):
        SessionStore("localhost:6379", tmp_path)
