"""The outage desk, on a real database."""

import itertools
from datetime import date, timedelta
from pathlib import Path

import pytest

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import ActionRequest, Effect
from voicegw.config import from_values

INTEGRATIONS = Path(__file__).parents[2]
NUMBERS = itertools.count(1)
"""Of requests."""
WRITES = ("report", "subscribe")
MILL_ROAD, NEIGHBOUR, HARBOUR, GARDEN = "30014412", "30014420", "30027731", "30031188"


def toolbox(data_dir: Path, **settings) -> Toolbox:
    values = {"integrations": INTEGRATIONS, "data_dir": data_dir, "integration": {"outages_db": settings}}
    return Toolbox.load(from_values(values), ["outages_db"])


@pytest.fixture
async def desk(tmp_path):
    box = toolbox(tmp_path)
    yield box
    await box.close()


async def ask(desk: Toolbox, tool: str, key: str = "", **arguments):
    effect = Effect.WRITES if tool in WRITES else Effect.READS
    return await desk.run(ActionRequest(f"{next(NUMBERS)}", f"outages_db.{tool}", arguments, effect), key)


async def test_an_outage_has_a_cause_and_an_end(desk):
    found = await ask(desk, "outage", account=MILL_ROAD, utility="power")
    assert (found.status, found.values["cause"]) == ("outage", "a damaged cable")
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    assert (found.values["until_day"], found.values["until_time"]) == (tomorrow, "06:00:00")


async def test_an_outage_whose_end_nobody_knows_has_none(desk):
    found = await ask(desk, "outage", account=MILL_ROAD, utility="water")
    assert (found.status, found.values["until_day"]) == ("outage", None)


async def test_planned_work_is_told_from_an_outage(desk):
    assert (await ask(desk, "outage", account=HARBOUR, utility="water")).status == "planned"


async def test_nothing_known_is_not_the_same_as_no_such_account(desk):
    assert (await ask(desk, "outage", account=GARDEN, utility="power")).status == "none"
    assert (await ask(desk, "outage", account="99999999", utility="power")).status == "not_found"


async def test_a_premise_with_a_medical_device_is_known(desk):
    assert (await ask(desk, "premise", account=NEIGHBOUR)).values["critical"] is True
    assert (await ask(desk, "premise", account=MILL_ROAD)).values["street"] == "12 Mill Road"
    assert (await ask(desk, "premise", account="99999999")).status == "not_found"


async def test_reporting_twice_is_one_ticket(desk):
    first, second = [await ask(desk, "report", account=GARDEN, utility="power", extent="street") for _ in range(2)]
    assert (first.status, second.status) == ("done", "already")
    assert first.values["ticket"] == second.values["ticket"] != ""
    assert (await ask(desk, "report", account=GARDEN, utility="water")).status == "done", "another one"
    assert (await ask(desk, "report", account="99999999", utility="water")).status == "not_found"


async def test_an_old_report_is_another_one(tmp_path):
    desk = toolbox(tmp_path, same_report_hours=0.0000001)
    assert [(await ask(desk, "report", account=GARDEN, utility="gas")).status for _ in range(2)] == ["done", "done"]
    await desk.close()


async def test_updates_are_asked_for_once_and_only_where_something_is_out(desk):
    wanted = {"utility": "power", "phone": "5550111"}
    results = [(await ask(desk, "subscribe", account=MILL_ROAD, **wanted)).status for _ in range(2)]
    assert results == ["done", "already"]
    assert (await ask(desk, "subscribe", account=GARDEN, **wanted)).status == "none"


async def test_a_database_that_is_away_is_a_failure_not_a_crash(tmp_path):
    desk = toolbox(tmp_path, url="postgresql+asyncpg://nobody@127.0.0.1:1/none")
    assert (await ask(desk, "premise", account=GARDEN)).status == "failed"
    assert "integration.outages_db.url" in (await desk.health())["outages_db"]


async def test_a_request_that_is_tried_again_finds_what_it_did(desk):
    keys = ("call-1:report", "call-1:report", "call-2:report")
    results = [(await ask(desk, "report", key, account=GARDEN, utility="gas")).status for key in keys]
    assert results == ["done", "done", "already"]
