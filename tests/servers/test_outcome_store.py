"""Facts become rows in SQLite and in PostgreSQL."""

import asyncio
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from voicegw.errors import ServerAway
from voicegw.outcomes.columns import call_to_columns, turn_to_columns
from voicegw.outcomes.history import History, to_row
from voicegw.outcomes.migrate import migrate
from voicegw.outcomes.queries import Wanted
from voicegw.outcomes.record import (
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    Fact,
    FactRefused,
    SlotFilled,
    ToolAnswered,
    TransferTried,
    TurnTaken,
    Waterfall,
    WorkerReplaced,
)
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.outcomes.store import OutcomeStore
from voicegw.outcomes.tables import calls, turns

pytestmark = pytest.mark.servers


def call(call_id: str, at: float = 100.0, caller: str = "+15551234567", dialplan: str = "acme-orders") -> list[Fact]:
    return [
        CallOpened(call_id, at, caller, "100", dialplan, 3, 1),
        CallPickedUp(call_id, at + 0.125, 31.25, "PCMU"),
        TurnTaken(call_id, 0, at + 1, "", "Hello!", decided_by="greeting", waterfall=Waterfall(first_audio=3.5)),
        TurnTaken(call_id, 1, at + 5, "ünï ✓", "On its way.", confidence=0.9, speculated=True, interrupted=True),
        WorkerReplaced(call_id, at + 6, hung=True),
        SlotFilled(call_id, at + 6.5, "order_number", "4567"),
        ToolAnswered(call_id, at + 6.6, "a1", "orders_db.order_status", "reads", "found", 12.5),
        TransferTried(call_id, at + 7, 1, "sip:support@pbx.example", "asked for", 486),
        CallConcluded(call_id, at + 8, "completed", "order_status", {"order_number": "4567"}),
        CallClosed(call_id, at + 9, "caller", 200, "OK", {"rtp_sent": 450.0, "jitter_ms": 1.75}),
    ]


def story_of(facts: list[Fact]) -> CallStory:
    history = History(facts[0].call_id).joined(facts)
    turns = tuple(history.turns[index] for index in sorted(history.turns))
    return CallStory(to_row(history), turns, tuple(sorted(history.events.values(), key=lambda event: event.at)))


async def opened(store: OutcomeStore, *facts: CallOpened) -> None:
    await store.apply(facts)


async def ids(store: OutcomeStore, wanted: Wanted) -> list[str]:
    return [row.call_id for row in await store.list_calls(wanted)]


async def test_a_call_comes_back_as_its_facts_told_it(outcomes: OutcomeStore) -> None:
    facts = call("c1")
    await outcomes.apply(facts)
    assert await outcomes.show_call("c1") == story_of(facts)
    assert await outcomes.show_call("c2") is None


async def test_any_order_in_any_batches_with_repetitions_gives_the_same_rows(outcomes: OutcomeStore) -> None:
    chance = random.Random(7)
    for number in range(25):
        facts = call(f"c{number}")
        told = facts + chance.sample(facts, 4)
        chance.shuffle(told)
        while told:
            batch = [told.pop() for _ in range(min(len(told), chance.randint(1, 4)))]
            await outcomes.apply(batch)
        assert await outcomes.show_call(f"c{number}") == story_of(facts)


async def test_a_batch_is_recorded_whole_or_not_at_all(outcomes: OutcomeStore) -> None:
    too_large = CallOpened("c2", 100.0, "a", "b", version=10**12)
    if outcomes.shown_url.startswith("sqlite"):
        too_large = CallOpened("c2", float("inf"), "a", "b")
    with pytest.raises(FactRefused):
        await outcomes.apply([*call("c1"), too_large])
    assert await outcomes.list_calls() == []
    await outcomes.apply(call("c1"))
    assert await ids(outcomes, Wanted()) == ["c1"]


APPLY = """
import asyncio, sys
from voicegw.outcomes.record import CallConcluded, CallOpened, TurnTaken
from voicegw.outcomes.store import OutcomeStore
from voicegw.outcomes.tables import calls, turns

async def main(url, me):
    store = OutcomeStore(url)
    for index in range(20):
        turn = TurnTaken("shared", 2 * index + me, 1.0 + index, "", "x")
        await store.apply([turn, CallOpened(f"{me}-{index}", 1.0, "", "")])
    await store.close()

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


async def test_two_processes_recording_the_same_call_lose_nothing(database: str) -> None:
    both = [subprocess.Popen([sys.executable, "-c", APPLY, database, str(me)]) for me in (0, 1)]
    assert [process.wait(60) for process in both] == [0, 0]
    store = OutcomeStore(database)
    story = await store.show_call("shared")
    await store.close()
    assert story is not None
    assert [turn.index for turn in story.turns] == list(range(40))
    assert story.call.turns == 40


async def test_calls_are_listed_newest_first_and_narrowed(outcomes: OutcomeStore) -> None:
    await outcomes.apply(
        [
            *call("old", at=100.0),
            *call("new", at=300.0, caller="4930999", dialplan="hotel"),
            CallOpened("up", 200.0, "+4930999", "100", "hotel"),
        ]
    )
    assert await ids(outcomes, Wanted()) == ["new", "up", "old"]
    assert await ids(outcomes, Wanted(limit=1)) == ["new"]
    assert await ids(outcomes, Wanted(since=200.0)) == ["new", "up"]
    assert await ids(outcomes, Wanted(until=200.0)) == ["old"]
    assert await ids(outcomes, Wanted(dialplan="hotel")) == ["new", "up"]
    assert await ids(outcomes, Wanted(disposition="completed")) == ["new", "old"]
    assert await ids(outcomes, Wanted(disposition="completed", dialplan="hotel")) == ["new"]


@pytest.mark.parametrize("number", ["4930999", "+4930999", "+49 30-999"])
async def test_a_number_is_found_with_or_without_plus_on_either_side(outcomes: OutcomeStore, number: str) -> None:
    await opened(
        outcomes,
        CallOpened("from", 1.0, "+4930999", "100"),
        CallOpened("bare", 2.0, "4930999", "100"),
        CallOpened("to", 3.0, "200", "+4930999"),
        CallOpened("other", 4.0, "200", "100"),
    )
    assert await ids(outcomes, Wanted(number=number)) == ["to", "bare", "from"]
    assert await ids(outcomes, Wanted(number=number, limit=1, since=1.5)) == ["to"]


async def test_calls_are_found_by_the_beginning_of_their_id(outcomes: OutcomeStore) -> None:
    await opened(
        outcomes, CallOpened("ab1", 1.0, "", ""), CallOpened("ab2", 2.0, "", ""), CallOpened("AB%", 3.0, "", "")
    )
    assert await outcomes.find_calls("ab") == ["ab2", "ab1"]
    assert await outcomes.find_calls("ab1") == ["ab1"]
    assert await outcomes.find_calls("%") == []
    assert await outcomes.last_call() == "AB%"


async def test_an_export_has_every_call_once_with_its_turns(
    outcomes: OutcomeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicegw.outcomes.store.EXPORT_PAGE", 3)
    for number in range(8):  # several at the same time, so that a page ends within a tie
        await outcomes.apply(call(f"c{number}", at=100.0 + number // 4))
    found = [story async for story in outcomes.export()]
    assert [story.call.call_id for story in found] == [f"c{n}" for n in (7, 6, 5, 4, 3, 2, 1, 0)]
    assert all(len(story.turns) == 2 for story in found)


async def test_calls_that_nobody_holds_any_more_are_closed_as_failed(outcomes: OutcomeStore) -> None:
    up = [CallOpened(call_id, 100.0, "a", "b") for call_id in ("orphan", "live")]
    await outcomes.apply([*up, CallPickedUp("orphan", 101.0, 5.0), *call("done"), CallOpened("late", 900.0, "a", "b")])
    assert await outcomes.close_orphans({"live"}, began_before=500.0, reason="the machine stopped") == ["orphan"]
    assert await outcomes.close_orphans({"live"}, began_before=500.0) == []
    story = await outcomes.show_call("orphan")
    assert story is not None
    row = story.call
    assert (row.disposition, row.closed_at, row.reason) == ("failed", 101.0, "the machine stopped")


async def test_what_happens_again_at_the_same_place_is_told_anew(outcomes: OutcomeStore) -> None:
    await outcomes.apply([SlotFilled("c1", 2.0, "day", "Thursday"), SlotFilled("c1", 1.0, "day", "Tuesday")])
    await outcomes.apply([TransferTried("c1", 3.0, 1, "sip:a@b", "asked for")])
    await outcomes.apply([TransferTried("c1", 4.0, 1, "sip:a@b", "asked for", 486)])
    story = await outcomes.show_call("c1")
    assert story is not None
    assert story.events == (
        SlotFilled("c1", 2.0, "day", "Thursday"),
        TransferTried("c1", 4.0, 1, "sip:a@b", "asked for", 486),
    )
    assert story.call.slots == {"day": "Thursday"}, "while the worker has not concluded"


async def test_a_true_end_that_comes_late_takes_the_place_of_the_orphans(outcomes: OutcomeStore) -> None:
    facts = call("c1")
    await outcomes.apply(facts[:-2])
    assert await outcomes.close_orphans([], began_before=500.0) == ["c1"]
    await outcomes.apply(facts[-2:])
    assert await outcomes.show_call("c1") == story_of(facts)


async def test_a_list_out_of_ten_thousand_calls_takes_under_50_ms(outcomes: OutcomeStore) -> None:
    many: list[Fact] = [
        CallOpened(f"{number:06}", float(number), f"+1555{number % 1000:04}", "100", f"plan{number % 5}")
        for number in range(10_000)
    ]
    for start in range(0, len(many), 2_000):
        await outcomes.apply(many[start : start + 2_000])
    asked = (Wanted(), Wanted(number="15550123"), Wanted(number="100"), Wanted(dialplan="plan3"), Wanted(since=9_000.0))
    for wanted in asked:
        assert await outcomes.list_calls(wanted)
        took_ms = []
        for _ in range(7):
            began = time.perf_counter()
            await outcomes.list_calls(wanted)
            took_ms.append((time.perf_counter() - began) * 1000)
        assert statistics.median(took_ms) < 50, wanted


async def test_a_reader_does_not_wait_for_a_writer(database: str) -> None:
    writer, reader = OutcomeStore(database), OutcomeStore(database)
    await writer.apply(call("c1"))
    from_now = asyncio.gather(*(writer.apply(call(f"d{number}")) for number in range(20)))
    for _ in range(20):
        began = time.perf_counter()
        assert await reader.show_call("c1")
        assert time.perf_counter() - began < 1.0
    await from_now
    await writer.close()
    await reader.close()


async def test_a_postgres_that_is_away_is_told_in_one_line_without_the_password() -> None:
    store = OutcomeStore("postgresql://u:secret@127.0.0.1:1/calls")
    with pytest.raises(ServerAway) as told:
        await store.apply(call("c1"))
    assert "secret" not in str(told.value)
    assert str(told.value).startswith("database postgresql://u:***@127.0.0.1:1/calls does not answer:")
    assert "database_url" in str(told.value)
    assert "\n" not in str(told.value)


async def test_a_database_that_does_not_exist_is_named(postgres_server: object) -> None:
    with pytest.raises(ServerAway, match='database "nowhere" does not exist'):
        await migrate(postgres_server.url("nowhere"))  # type: ignore[attr-defined]


async def test_a_sqlite_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "calls.sqlite").mkdir()
    with pytest.raises(ServerAway, match="unable to open database file"):
        await migrate(f"sqlite:///{tmp_path / 'calls.sqlite'}")


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "calls.sqlite").write_text("dear diary, " * 100)
    with pytest.raises(ServerAway, match="not a database"):
        await migrate(f"sqlite:///{tmp_path / 'calls.sqlite'}")


async def test_recording_goes_on_after_postgres_was_killed_and_is_back(
    postgres_server: object, eventually: Callable[..., object]
) -> None:
    url = await postgres_server.new_database()  # type: ignore[attr-defined]
    await migrate(url)
    store = OutcomeStore(url)
    await store.apply(call("c1"))
    postgres_server.stop()  # type: ignore[attr-defined]
    try:
        with pytest.raises(ServerAway):
            await store.apply(call("c2"))
    finally:
        postgres_server.start()  # type: ignore[attr-defined]

    async def applied() -> bool:
        try:
            await store.apply(call("c2"))
        except ServerAway:
            return False
        return True

    await eventually(applied)
    assert await ids(store, Wanted()) == ["c2", "c1"]
    await store.close()


def test_the_tables_and_the_values_have_the_same_columns() -> None:
    assert list(call_to_columns(CallRow("", 0.0))) == [column.name for column in calls.columns]
    assert set(turn_to_columns(TurnTaken("", 0, 0.0, "", ""))) == {column.name for column in turns.columns}
