"""Appointments in a real Radicale: nobody's is lost, and no two are at one time."""

import asyncio
import itertools
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import caldav
import pytest

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import ActionRequest
from voicegw.config import from_values

from .radicale_server import PASSWORD, USER, new_calendar, serving

pytestmark = pytest.mark.servers
INTEGRATIONS = Path(__file__).parents[2]
ZONE = "America/New_York"
DAY = date.today() + timedelta(days=9)
ALL_WEEK = {day: ["09:00-12:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
JOE = {"name": "Joe", "phone": "+1 555 0111"}


@pytest.fixture(scope="module")
def radicale(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("radicale")) as url:
        yield url


@pytest.fixture
def url(radicale: str, request: pytest.FixtureRequest) -> str:
    return new_calendar(radicale, request.node.name)


@pytest.fixture
async def tools(url: str):
    box = toolbox(url)
    yield box
    await box.close()


def toolbox(url: str, **settings: Any) -> Toolbox:
    own = {"url": url, "username": USER, "password": PASSWORD, "zone": ZONE, "hours": ALL_WEEK, **settings}
    values = {"integrations": INTEGRATIONS, "integration": {"scheduling_caldav": own}}
    return Toolbox.load(from_values(values), ["scheduling_caldav"])


async def run(box: Toolbox, tool: str, key: str = "", **arguments: Any):
    known = box.tool(f"scheduling_caldav.{tool}")
    assert known
    return await box.run(ActionRequest("1", known.name, arguments, known.effect), key)


def enter(url: str, text: str) -> None:
    """Somebody enters an event by hand."""
    with caldav.DAVClient(url, username=USER, password=PASSWORD) as client:
        client.calendar(url=url).add_event(
            f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:{hash(text)}\nDTSTAMP:20260101T000000Z\n"
            f"SUMMARY:by hand\n{text}\nEND:VEVENT\nEND:VCALENDAR\n"
        )


def in_calendar(url: str) -> list[tuple[str, str]]:
    """Local time and status of what is there, in order."""
    with caldav.DAVClient(url, username=USER, password=PASSWORD) as client:
        events = [each.icalendar_component for each in client.calendar(url=url).events()]
    zone = ZoneInfo(ZONE)
    return sorted((f"{event['dtstart'].dt.astimezone(zone):%H:%M}", str(event["status"])) for event in events)


async def test_a_time_is_booked_found_moved_and_cancelled(tools, url):
    free = await run(tools, "free", day=DAY.isoformat())
    assert (free.status, free.values["day"], free.values["times"]) == (
        "found",
        DAY.isoformat(),
        ["09:00", "09:30", "10:00"],
    )
    booked = await run(tools, "book", "k1", day=DAY.isoformat(), time="09:30", **JOE)
    number = booked.values["booking"]
    assert (booked.status, len(number)) == ("done", 6)
    found = await run(tools, "find", phone="555-0111")
    assert (found.values["booking"], found.values["time"], found.values["how_many"]) == (number, "09:30:00", 1)
    moved = await run(tools, "move", "k2", booking=number, day=DAY.isoformat(), time="10:00")
    assert (moved.status, moved.values["booking"]) == ("done", number)
    assert in_calendar(url) == [("10:00", "CONFIRMED")]
    cancelled = await run(tools, "cancel", "k3", booking=number)
    assert (cancelled.status, cancelled.values["time"]) == ("done", "10:00:00")
    assert in_calendar(url) == [("10:00", "CANCELLED")]
    assert (await run(tools, "find", booking=number)).status == "not_found"
    assert (await run(tools, "free", day=DAY.isoformat(), time="10:00")).status == "found"


async def test_each_request_tried_again_finds_what_it_did(tools, url):
    book = {"day": DAY.isoformat(), "time": "09:00", **JOE}
    first, again = await run(tools, "book", "k1", **book), await run(tools, "book", "k1", **book)
    assert first.values == again.values
    move = {"booking": first.values["booking"], "day": DAY.isoformat(), "time": "11:30"}
    assert [(await run(tools, "move", "k2", **move)).status for _ in range(2)] == ["done", "done"]
    cancel = {"booking": first.values["booking"]}
    assert [(await run(tools, "cancel", "k3", **cancel)).status for _ in range(2)] == ["done", "done"]
    assert (await run(tools, "cancel", "k4", **cancel)).status == "not_found"
    assert in_calendar(url) == [("11:30", "CANCELLED")]


async def test_of_many_who_want_one_time_at_once_one_gets_it(url):
    boxes = [toolbox(url, time_limit_s=60) for _ in range(4)]
    wish = {"day": DAY.isoformat(), "time": "10:00", "name": "Joe"}
    results = await asyncio.gather(*(run(box, "book", f"call-{k}", **wish) for k, box in enumerate(boxes * 2)))
    statuses = sorted(result.status for result in results)
    assert in_calendar(url) == [("10:00", "CONFIRMED")]
    assert statuses.count("done") == 1
    assert set(statuses) == {"done", "taken"}
    for box in boxes:
        await box.close()


async def test_bookings_that_overlap_in_part_never_both_stay(url):
    boxes = [toolbox(url, minutes=60, time_limit_s=60) for _ in range(2)]
    times = ["09:00", "09:30", "10:00", "10:30"]
    results = await asyncio.gather(
        *(run(box, "book", f"{k} {at}", day=DAY.isoformat(), time=at, name="Joe")
          for k, box in enumerate(boxes) for at in times)
    )  # fmt: skip
    kept = [datetime.strptime(at, "%H:%M") for at, _ in in_calendar(url)]
    assert all(later - earlier >= timedelta(hours=1) for earlier, later in itertools.pairwise(kept))
    assert len(kept) == sum(result.status == "done" for result in results)
    assert kept
    for box in boxes:
        await box.close()


async def test_what_people_entered_by_hand_leaves_no_time_free(tools, url):
    enter(url, f"DTSTART;TZID={ZONE}:{DAY:%Y%m%d}T093000\nDURATION:PT45M")
    weekly = DAY - timedelta(days=14)
    enter(url, f"DTSTART;TZID={ZONE}:{weekly:%Y%m%d}T113000\nDURATION:PT30M\nRRULE:FREQ=WEEKLY;COUNT=4")
    enter(url, f"DTSTART;TZID={ZONE}:{DAY:%Y%m%d}T090000\nDURATION:PT3H\nTRANSP:TRANSPARENT")
    free = await run(tools, "free", day=DAY.isoformat(), time="10:00")
    assert (free.status, free.values["times"]) == ("taken", ["09:00", "10:30", "11:00"])
    assert (await run(tools, "book", "k", day=DAY.isoformat(), time="11:30", name="Joe")).status == "taken"


async def test_a_whole_day_off_leads_to_the_next_day(tools, url):
    enter(url, f"DTSTART;VALUE=DATE:{DAY:%Y%m%d}")
    free = await run(tools, "free", day=DAY.isoformat())
    assert (free.status, free.values["day"]) == ("none", (DAY + timedelta(days=1)).isoformat())


async def test_another_calendar_can_leave_no_time_free(radicale, url):
    holidays = new_calendar(radicale, "holidays")
    enter(holidays, f"DTSTART;VALUE=DATE:{DAY:%Y%m%d}")
    box = toolbox(url, also_busy=[holidays])
    assert (await run(box, "book", "k", day=DAY.isoformat(), time="09:00", name="Joe")).status == "taken"
    await box.close()


async def test_a_move_to_a_time_that_is_taken_leaves_the_booking_where_it_was(tools, url):
    mine = (await run(tools, "book", "k1", day=DAY.isoformat(), time="09:00", **JOE)).values["booking"]
    await run(tools, "book", "k2", day=DAY.isoformat(), time="09:30", name="Ann")
    moved = await run(tools, "move", "k3", booking=mine, day=DAY.isoformat(), time="09:30")
    assert (moved.status, moved.values["time"]) == ("taken", "09:00:00")
    assert in_calendar(url) == [("09:00", "CONFIRMED"), ("09:30", "CONFIRMED")]


async def test_a_booking_can_move_into_its_own_time(url):
    box = toolbox(url, minutes=60)
    mine = (await run(box, "book", "k1", day=DAY.isoformat(), time="09:00", **JOE)).values["booking"]
    assert (await run(box, "move", "k2", booking=mine, day=DAY.isoformat(), time="09:30")).status == "done"
    assert in_calendar(url) == [("09:30", "CONFIRMED")]
    await box.close()


async def test_what_a_try_left_that_died_half_way_is_finished_by_the_next(tools, url, monkeypatch):
    """The first try dies after it has written, before it has looked who else is there."""

    async def die(*_: object) -> None:
        raise RuntimeError("killed")

    known = tools.tool("scheduling_caldav.book")
    assert known
    operations = known.run.__self__
    others = type(operations)._others
    looks = iter([others, die, *[others] * 9])
    monkeypatch.setattr(type(operations), "_others", lambda self, *a: next(looks)(self, *a))
    wish = {"day": DAY.isoformat(), "time": "09:00", "name": "Joe"}
    assert (await run(tools, "book", "k1", **wish)).status == "too_slow", "nobody knows"
    assert in_calendar(url) == [("09:00", "TENTATIVE")]
    assert (await run(tools, "book", "k1", **wish)).status == "done"
    assert in_calendar(url) == [("09:00", "CONFIRMED")]


async def test_a_time_that_cannot_be_is_refused_with_a_reason(tools):
    result = await run(tools, "book", "k", day=DAY.isoformat(), time="12:00", name="Joe")
    assert (result.status, result.values["reason"]) == ("refused", "there are no appointments at that time")
    assert (await run(tools, "move", "k", booking="000000", day=DAY.isoformat(), time="09:00")).status == "not_found"


async def test_the_doctor_says_what_is_wrong(radicale, url):
    boxes = [
        toolbox(url),
        toolbox(url, password="wrong"),
        toolbox(f"{radicale}/nobody/"),
        toolbox("http://127.0.0.1:9/c"),
    ]
    said = [(await box.health())["scheduling_caldav"] for box in boxes]
    assert said[0] == ""
    assert "user name or password are wrong" in said[1]
    assert "integration.scheduling_caldav.url" in said[2]
    assert "cannot be reached" in said[3]
    assert (await run(boxes[3], "free")).status == "failed"
    for box in boxes:
        await box.close()
