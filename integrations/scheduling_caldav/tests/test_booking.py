"""A booking is written and read as a pair."""

from dataclasses import replace
from datetime import UTC, datetime

import icalendar
import pytest

from ..booking import Booking, dump, load, number_of, span, uid_for

BOOKING = Booking(
    uid_for("call-7"),
    datetime(2026, 3, 16, 9, tzinfo=UTC),
    datetime(2026, 3, 16, 9, 30, tzinfo=UTC),
    "Appointment: Joe",
    "+1 555 0111",
    "wants, a; comma\nand a line",
    "CONFIRMED",
    "call-7",
    datetime(2026, 3, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    "booking",
    [
        BOOKING,
        replace(BOOKING, note=""),
        replace(BOOKING, phone="", status="CANCELLED"),
        replace(BOOKING, phone="", note=""),
    ],
)
def test_what_is_written_is_read(booking):
    assert load(dump(booking)) == booking


def test_somebody_elses_event_is_no_booking():
    theirs = dump(BOOKING).replace("X-VOICEGW-KEY", "X-OTHER")
    assert load(theirs) is None


def test_the_number_comes_from_the_key():
    assert uid_for("call-7") == uid_for("call-7") != uid_for("call-8")
    assert number_of(uid_for("call-7")) == BOOKING.number
    assert len(BOOKING.number) == 6


@pytest.mark.parametrize(
    ("lines", "hours"),
    [
        ("DTSTART;VALUE=DATE:20260316", 24),
        ("DTSTART;VALUE=DATE:20260316\nDTEND;VALUE=DATE:20260318", 48),
        ("DTSTART:20260316T100000Z\nDURATION:PT90M", 1.5),
        ("DTSTART:20260316T100000Z", 0),
        ("DTSTART:20260316T100000\nDTEND:20260316T120000", 2),
    ],
)
def test_events_last_as_the_standard_says(lines, hours):
    event = icalendar.Event.from_ical(f"BEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT")
    begin, end = span(event)
    assert (end - begin).total_seconds() / 3600 == hours
    assert begin.tzinfo
