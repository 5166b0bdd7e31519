"""The appointment book, on a real database."""

import asyncio
import itertools
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import ActionRequest, Effect
from voicegw.config import from_values

INTEGRATIONS = Path(__file__).parents[2]
NUMBERS = itertools.count(1)
"""Of requests."""
WRITES = ("book", "move", "cancel")


def toolbox(data_dir: Path, **settings) -> Toolbox:
    own = {"demo": False, "late_cancel_hours": 24, **settings}
    values = {"integrations": INTEGRATIONS, "data_dir": data_dir, "integration": {"frontdesk_db": own}}
    return Toolbox.load(from_values(values), ["frontdesk_db"])


@pytest.fixture
async def desk(tmp_path):
    box = toolbox(tmp_path)
    yield box
    await box.close()


def workday(ahead: int = 7) -> date:
    day = date.today() + timedelta(days=ahead)
    return day if day.weekday() < 5 else workday(ahead + 1)


async def ask(desk: Toolbox, tool: str, key: str = "", **arguments):
    effect = Effect.WRITES if tool in WRITES else Effect.READS
    plain = {name: value.isoformat() if isinstance(value, date | time) else value for name, value in arguments.items()}
    return await desk.run(ActionRequest(f"{next(NUMBERS)}", f"frontdesk_db.{tool}", plain, effect), key)


async def book(desk: Toolbox, day: date, at: time = time(10), phone: str = "5550111", key: str = ""):
    return await ask(desk, "book", key, name="Joe", service="checkup", phone=phone, day=day, time=at)


async def test_a_free_time_is_free_until_it_is_booked(desk):
    day = workday()
    assert (await ask(desk, "free_times", day=day, time=time(10))).status == "free"
    assert (await book(desk, day)).status == "done"
    found = await ask(desk, "free_times", day=day, time=time(10))
    assert (found.status, found.values["nearest"]) == ("taken", "10:30:00")


async def test_times_of_a_day_are_few_and_spread(desk):
    found = await ask(desk, "free_times", day=workday())
    assert (found.status, found.values["times"]) == ("free", ["09:00:00", "13:00:00", "16:30:00"])


async def test_a_closed_day_names_the_next_one(desk):
    saturday = next(day for day in map(workday().__add__, map(timedelta, range(7))) if day.weekday() == 5)
    found = await ask(desk, "free_times", day=saturday)
    assert (found.status, found.values["next_day"]) == ("closed", (saturday + timedelta(days=2)).isoformat())


async def test_a_full_day_names_the_next_one(tmp_path):
    desk = toolbox(tmp_path, first="10:00", last="10:00")
    day = workday()
    await book(desk, day)
    found = await ask(desk, "free_times", day=day, time=time(10))
    assert (found.status, found.values["next_day"]) == ("full", workday((day - date.today()).days + 1).isoformat())
    await desk.close()


async def test_days_gone_and_days_too_far_ahead_are_told_apart(desk):
    assert (await ask(desk, "free_times", day=date.today() - timedelta(days=1))).status == "past"
    assert (await ask(desk, "free_times", day=date.today() + timedelta(days=91))).status == "too_far"


async def test_booking_twice_books_once(desk):
    day = workday()
    assert [(await book(desk, day)).status for _ in range(2)] == ["done", "already"]


async def test_a_time_is_given_to_one_of_two_calls(tmp_path):
    desks = [toolbox(tmp_path), toolbox(tmp_path)]
    day = workday()
    results = await asyncio.gather(*(book(desk, day, phone=f"55501{n}0") for n, desk in enumerate(desks)))
    assert sorted(result.status for result in results) == ["done", "taken"]
    for desk in desks:
        await desk.close()


async def test_two_chairs_take_two_visits_at_once(tmp_path):
    desk = toolbox(tmp_path, at_once=2)
    day = workday()
    assert [(await book(desk, day, phone=f"555010{n}")).status for n in range(3)] == ["done", "done", "taken"]
    await desk.close()


async def test_a_time_that_is_none_is_not_booked(desk):
    assert (await book(desk, workday(), time(10, 10))).status == "closed"
    assert (await book(desk, workday(), time(22))).status == "closed"


async def test_a_visit_is_found_by_its_number_however_it_is_written(desk):
    await book(desk, workday(), phone="+1 555-0111")
    found = await ask(desk, "visit", phone="15550111")
    assert (found.status, found.values["booked_service"], found.values["booked_time"]) == (
        "found",
        "checkup",
        "10:00:00",
    )
    assert (await ask(desk, "visit", phone="999999")).status == "not_found"


async def test_a_visit_is_moved_and_its_time_becomes_free(desk):
    day = workday()
    await book(desk, day)
    assert (await ask(desk, "move", phone="5550111", day=day, time=time(11))).status == "done"
    assert (await ask(desk, "free_times", day=day, time=time(10))).status == "free"
    assert (await ask(desk, "move", phone="5550111", day=day, time=time(11))).status == "done", "asked again"


async def test_a_visit_is_not_moved_onto_another(desk):
    day = workday()
    await book(desk, day)
    await book(desk, day, time(11), phone="5550112")
    assert (await ask(desk, "move", phone="5550111", day=day, time=time(11))).status == "taken"


async def test_a_cancelled_visit_is_gone_and_its_time_free_again_and_again(desk):
    day = workday()
    for _ in range(2):
        assert (await book(desk, day)).status == "done"
        assert (await ask(desk, "cancel", phone="5550111")).status == "done"
    assert (await ask(desk, "cancel", phone="5550111")).status == "not_found"


async def test_shortly_before_it_only_a_person_cancels_or_moves(tmp_path):
    desk = toolbox(tmp_path, late_cancel_hours=720)
    day = workday()
    await book(desk, day)
    assert (await ask(desk, "visit", phone="5550111")).values["late"] is True
    assert (await ask(desk, "cancel", phone="5550111")).status == "refused"
    assert (await ask(desk, "move", phone="5550111", day=day, time=time(11))).status == "refused"
    await desk.close()


async def test_the_demo_has_visits_for_today(tmp_path):
    desk = toolbox(tmp_path, demo=True)
    found = await ask(desk, "visit", phone="5550112")
    assert (found.values["booked_name"], found.values["booked_time"]) == ("Ann Lee", "14:30:00")
    assert datetime.fromisoformat(str(found.values["booked_day"])).date() > date.today()
    await desk.close()


async def test_what_is_no_day_fails_and_a_database_that_is_away_too(desk, tmp_path):
    assert (await ask(desk, "free_times", day="soon")).status == "failed"
    away = toolbox(tmp_path, url="postgresql+asyncpg://nobody@127.0.0.1:1/none")
    assert (await ask(away, "visit", phone="5550111")).status == "failed"
    assert "integration.frontdesk_db.url" in (await away.health())["frontdesk_db"]


async def test_a_request_that_is_tried_again_finds_what_it_did(desk):
    day = workday()
    assert [(await book(desk, day, key="call-1:book")).status for _ in range(2)] == ["done", "done"]
    assert (await book(desk, day, key="call-2:book")).status == "already"
