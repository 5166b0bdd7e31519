"""When an appointment can be, on paper."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from ..settings import SchedulingSettings
from ..times import Busy, free, nearest, why_not

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 16)
NOW = datetime(2026, 3, 13, 12, tzinfo=UTC)


def settings(**values) -> SchedulingSettings:
    hours = {"mon": ["09:00-10:30", "13:00-14:00"], "sun": ["01:00-04:00"]}
    return SchedulingSettings(**{"url": "http://x/c/", "zone": "Europe/Berlin", "hours": hours, **values})


def at(hour: int, minute: int = 0, day: date = MONDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN)


def clock(found: list[datetime]) -> list[str]:
    return [f"{each:%H:%M}" for each in found]


def test_a_day_has_the_times_that_fit_into_its_hours():
    assert clock(free(MONDAY, settings(), [], NOW)) == ["09:00", "09:30", "10:00", "13:00", "13:30"]
    assert clock(free(MONDAY, settings(minutes=60), [], NOW)) == ["09:00", "09:30", "13:00"]
    assert free(MONDAY + timedelta(days=1), settings(), [], NOW) == []
    assert free(MONDAY, settings(closed=[MONDAY]), [], NOW) == []


def test_what_is_busy_is_not_free_to_the_minute():
    busy = [Busy(at(9, 29), at(9, 31)), Busy(at(13, 30), at(15))]
    assert clock(free(MONDAY, settings(), busy, NOW)) == ["10:00", "13:00"]


def test_times_need_notice():
    assert clock(free(MONDAY, settings(notice_minutes=60), [], at(9, 15))) == ["13:00", "13:30"]
    assert clock(free(MONDAY, settings(notice_minutes=0), [], at(9, 15))) == ["09:30", "10:00", "13:00", "13:30"]


def test_an_hour_that_clocks_skip_has_no_appointments_and_one_that_they_repeat_has_them_once():
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    assert clock(free(spring, settings(), [], NOW)) == ["01:00", "01:30", "03:00", "03:30"]
    assert len(free(autumn, settings(), [], NOW)) == 6


@pytest.mark.parametrize(
    ("begin", "reason"),
    [
        (at(9, 30), ""),
        (at(9, 45), "there are no appointments at that time"),
        (at(10, 30), "there are no appointments at that time"),
        (at(9, day=date(2026, 3, 17)), "we are closed that day"),
        (at(9, day=date(2026, 3, 9)), "that time has passed"),
        (at(9, day=date(2026, 8, 17)), "that is too far ahead"),
    ],
)
def test_a_time_that_cannot_be_has_a_reason(begin, reason):
    assert why_not(begin, settings(), NOW) == reason


def test_too_soon_is_said_as_such():
    assert why_not(at(9, 30), settings(), at(9, 15)) == "that is too soon"


def test_the_nearest_to_a_wish_come_in_order():
    assert clock(nearest(at(11, 15), free(MONDAY, settings(), [], NOW), 3)) == ["09:30", "10:00", "13:00"]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"hours": {"mon": ["9-5"]}}, "write hours as 09:00-12:30"),
        ({"hours": {"mon": ["12:00-09:00"]}}, "it ends before it begins"),
        ({"zone": "Berlin"}, "no time zone is called 'Berlin'"),
    ],
)
def test_settings_that_cannot_be_are_named(values, complaint):
    with pytest.raises(ValidationError, match=complaint):
        settings(**values)
