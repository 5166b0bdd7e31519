"""Alerts on a real database: noticed, put where messages are sent from, once; a worse version goes."""

import time
from pathlib import Path

import pytest

from voicegw.actions import inbox
from voicegw.config import AlertSettings
from voicegw.dialplan.parse import parse
from voicegw.gateway.alerting import Alarm
from voicegw.observe.machine import MachineState
from voicegw.outcomes.record import (
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    ToolAnswered,
    TurnTaken,
    Waterfall,
)
from voicegw.outcomes.trends import Trends
from voicegw.publishing.record import Bundle
from voicegw.publishing.store import Author, VersionStore

pytestmark = pytest.mark.servers
SOURCE = (Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml").read_text()


def a_call(number: int, version: int, outcome: str, began: float):
    """Its facts: one turn that took 1.4 s, one tool that failed."""
    call_id = f"c{version}-{number}"
    return [
        CallOpened(call_id, began, "1", "5000", "acme-orders", version),
        CallPickedUp(call_id, began + 0.1, 30.0),
        TurnTaken(call_id, 1, began + 5, "where is it", "", waterfall=Waterfall(last_voice=1000, first_packet=2400)),
        ToolAnswered(call_id, began + 6, "t1", "shop.find", "reads", "failed", 40.0),
        CallConcluded(call_id, began + 9, outcome),
        CallClosed(call_id, began + 10, "caller", 200, ""),
    ]


@pytest.fixture
async def versions(database):
    store = VersionStore(database)
    yield store
    await store.close()


@pytest.fixture
async def alarm(database, versions, tmp_path):
    trends = Trends(database)
    limits = AlertSettings(to=("ops@example.com", "pager"), roll_back=True, least_calls=20)
    yield Alarm(limits, trends, versions, lambda: MachineState("here"), tmp_path, "https://voice.example.com")
    await trends.close()


async def test_a_version_that_is_clearly_worse_is_told_once_and_goes(alarm, outcomes, versions, tmp_path):
    plan, now = parse(SOURCE), time.time()
    for text in ("", "# two\n"):
        await versions.publish(plan, Bundle(SOURCE + text), Author("kim"))
    facts = [fact for n in range(60) for fact in a_call(n, 1, "completed", now - 5000)]
    facts += [fact for n in range(60) for fact in a_call(n, 2, "completed" if n < 20 else "failed", now - 600)]
    await outcomes.apply(facts)
    await alarm.look()
    await alarm.look()
    assert {alert.rule for alert in alarm.firing} >= {"CompletionFell", "LatencyOverPromise", "ToolFails"}
    told = [entry.item for entry in inbox.entries(tmp_path)]
    worse = [item for item in told if "VersionWorse" in item.key]
    assert [item.arguments["to"] for item in worse] == ["ops@example.com", "pager"], "each once"
    assert "acme-orders v2 completes 33% of 60 calls, v1 completed 100% of 60" in worse[0].arguments["body"]
    assert "v1 takes all calls again" in worse[0].arguments["body"]
    assert "https://voice.example.com/status" in worse[0].arguments["body"]
    (in_force,) = await versions.in_force()
    assert in_force.version == 1
    assert (await versions.history("acme-orders"))[0].by == "voicegw"


async def test_after_going_back_nobody_goes_forth_again(alarm, versions, outcomes):
    plan, now = parse(SOURCE), time.time()
    for text in ("", "# two\n"):
        await versions.publish(plan, Bundle(SOURCE + text), Author("kim"))
    await versions.roll_back("acme-orders", Author("kim"))
    await outcomes.apply([fact for n in range(60) for fact in a_call(n, 1, "failed", now - 600)])
    await outcomes.apply([fact for n in range(60) for fact in a_call(n, 2, "completed", now - 500)])
    await alarm.look()
    assert "VersionWorse" not in {alert.rule for alert in alarm.firing}


async def test_where_all_is_well_nobody_is_told(alarm, tmp_path):
    await alarm.look()
    assert alarm.firing == []
    assert list(inbox.entries(tmp_path)) == []
