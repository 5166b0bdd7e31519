"""Versions of dialplans in SQLite and in PostgreSQL."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from voicegw.dialplan.parse import parse
from voicegw.errors import SetupError
from voicegw.outcomes.database import connect, parse_url
from voicegw.outcomes.record import CallClosed, CallConcluded, CallOpened, CallPickedUp, Fact, TurnTaken, Waterfall
from voicegw.outcomes.store import OutcomeStore
from voicegw.publishing.comparing import results
from voicegw.publishing.record import Bundle, InForce
from voicegw.publishing.store import Author, VersionStore

pytestmark = pytest.mark.servers

ACME = parse((Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml").read_text())
ANN, BOB = Author("ann", "first"), Author("bob", "better")


@pytest.fixture
async def versions(database: str) -> AsyncIterator[VersionStore]:
    """Nothing published yet, on each kind of database."""
    store = VersionStore(database)
    yield store
    await store.close()


async def in_force(store: VersionStore) -> InForce:
    (only,) = await store.in_force()
    return only


async def test_versions_are_numbered_and_come_back_as_they_were_published(versions: VersionStore) -> None:
    assert (await versions.last_change(), await versions.in_force()) == (0, [])
    bundle = Bundle("name: acme-orders  # ünï ✓\n", {"faq.md": "# Q\n\nA"})
    change = await versions.publish(ACME, bundle, ANN, vectors=b"\0\1")
    assert change.in_force == InForce("acme-orders", 1)
    await versions.publish(ACME, Bundle("two"), BOB)
    assert await versions.bundle("acme-orders", 1) == bundle
    assert await versions.vectors("acme-orders", 1) == b"\0\1"
    assert await versions.vectors("acme-orders", 2) is None
    assert [(one.version, one.by, one.note) for one in await versions.versions("acme-orders")] == [
        (2, "bob", "better"),
        (1, "ann", "first"),
    ]
    assert await versions.numbers("acme-orders", 2) == list(ACME.numbers)
    assert await versions.last_change() == (await versions.history("acme-orders"))[0].id


async def test_the_same_text_again_gets_no_number_of_its_own(versions: VersionStore) -> None:
    await versions.publish(ACME, Bundle("one"), ANN)
    assert (await versions.publish(ACME, Bundle("one"), ANN)).in_force.version == 1
    with pytest.raises(SetupError, match="v1 is this text already, and in force"):
        await versions.publish(ACME, Bundle("one"), ANN, percent=10)
    await versions.publish(ACME, Bundle("two"), ANN)
    assert (await versions.publish(ACME, Bundle("one"), ANN)).in_force.version == 3


async def test_a_trial_is_rolled_out_and_what_is_wrong_is_rolled_back(versions: VersionStore) -> None:
    with pytest.raises(SetupError, match="no version in force to try it beside"):
        await versions.publish(ACME, Bundle("one"), ANN, percent=10)
    for number in (1, 2):
        await versions.publish(ACME, Bundle(f"text {number}"), ANN)
    await versions.publish(ACME, Bundle("text 3"), BOB, percent=10)
    assert await in_force(versions) == InForce("acme-orders", 2, 3, 10)
    await versions.roll_out("acme-orders", 50, BOB)
    assert await in_force(versions) == InForce("acme-orders", 2, 3, 50)
    await versions.roll_out("acme-orders", 100, BOB)
    assert await in_force(versions) == InForce("acme-orders", 3)
    await versions.roll_back("acme-orders", ANN)
    assert await in_force(versions) == InForce("acme-orders", 2)
    await versions.roll_back("acme-orders", ANN)
    assert await in_force(versions) == InForce("acme-orders", 1)
    with pytest.raises(SetupError, match="no version before v1"):
        await versions.roll_back("acme-orders", ANN)
    await versions.roll_back("acme-orders", ANN, to=0)
    assert await in_force(versions) == InForce("acme-orders", 0)
    actions = [(change.action, change.by) for change in await versions.history("acme-orders")]
    assert actions[:4] == [("rollback", "ann"), ("rollback", "ann"), ("rollback", "ann"), ("rollout", "bob")]


async def test_a_version_that_never_was_is_refused_by_name(versions: VersionStore) -> None:
    with pytest.raises(SetupError, match="no dialplan nobody was ever published"):
        await versions.roll_back("nobody", ANN)
    await versions.publish(ACME, Bundle("one"), ANN)
    with pytest.raises(SetupError, match="acme-orders has no version 9"):
        await versions.roll_back("acme-orders", ANN, to=9)
    with pytest.raises(SetupError, match="acme-orders has no version 9"):
        await versions.bundle("acme-orders", 9)
    assert await in_force(versions) == InForce("acme-orders", 1)


@pytest.mark.parametrize(
    "statement", ["UPDATE dialplan_versions SET source = 'other'", "DELETE FROM dialplan_versions"]
)
async def test_no_version_can_be_changed_or_removed(versions: VersionStore, database: str, statement: str) -> None:
    await versions.publish(ACME, Bundle("one"), ANN)
    engine = connect(parse_url(database))
    with pytest.raises(Exception, match="a published version of a dialplan never changes"):
        async with engine.begin() as connection:
            await connection.execute(text(statement))
    await engine.dispose()
    assert await versions.bundle("acme-orders", 1) == Bundle("one")


PUBLISH = """
import asyncio, sys
from pathlib import Path
from voicegw.dialplan.parse import parse
from voicegw.publishing.record import Bundle
from voicegw.publishing.store import Author, VersionStore

async def main(url, file, me):
    store, plan = VersionStore(url), parse(Path(file).read_text())
    for number in range(10):
        await store.publish(plan, Bundle(f"{me} {number}"), Author(me))
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_two_admins_who_publish_at_once_get_different_numbers(versions: VersionStore, database: str) -> None:
    file = str(Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml")
    both = [subprocess.Popen([sys.executable, "-c", PUBLISH, database, file, me]) for me in ("ann", "bob")]
    assert [await asyncio.to_thread(process.wait, 60) for process in both] == [0, 0]
    assert [one.version for one in await versions.versions("acme-orders")] == list(range(20, 0, -1))
    assert [change.in_force.version for change in await versions.history("acme-orders")] == list(range(20, 0, -1))


def call(call_id: str, version: int, disposition: str, *latencies_ms: float) -> list[Fact]:
    turns: list[Fact] = [
        TurnTaken(call_id, index, 101.0 + index, "words", "reply", no_match=latency_ms > 1500,
                  waterfall=Waterfall(last_voice=1000.0, first_packet=1000.0 + latency_ms))
        for index, latency_ms in enumerate(latencies_ms, 1)
    ]  # fmt: skip
    greeting = TurnTaken(call_id, 0, 100.5, "", "Hello!", decided_by="greeting", waterfall=Waterfall(first_packet=9.0))
    opened = CallOpened(call_id, 100.0, "+15551234567", "5000", "acme-orders", version)
    concluded = [CallConcluded(call_id, 108.0, disposition)] if disposition else []
    closed = [CallClosed(call_id, 109.0, "caller", 200, "OK")] if disposition else []
    return [opened, CallPickedUp(call_id, 100.1, 30.0), greeting, *turns, *concluded, *closed]


async def test_versions_compare_side_by_side(outcomes: OutcomeStore, database: str) -> None:
    await outcomes.apply(
        [
            *call("a", 3, "completed", 400, 500, 600, 700),
            *call("b", 3, "handed_over", 1600),
            *call("c", 4, "abandoned"),
            *call("up", 4, ""),
            CallOpened("x", 100.0, "1", "9", "another", 3),
            CallOpened("old", 1.0, "1", "5000", "acme-orders", 3),
        ]
    )
    newer, older = await results(database, "acme-orders", since=50.0)
    assert (newer.version, newer.calls, newer.abandoned, newer.turns) == (4, 2, 1, 0)
    assert (newer.no_match_percent, newer.latency_p50_ms) == (None, None)
    assert (older.version, older.calls, older.completed, older.handed_over) == (3, 2, 1, 1)
    assert (older.turns, older.no_match, older.no_match_percent) == (5, 1, 20.0)
    assert (older.latency_p50_ms, older.latency_p95_ms) == (600.0, 1600.0)
    assert older.percent(older.completed) == 50.0
    assert await results(database, "nobody", since=0.0) == []
