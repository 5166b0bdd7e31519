"""Appointments in a calendar that a CalDAV server keeps: free times, book, move, cancel."""

from typing import Any

from voicegw.actions.requests import Effect, Integration, Tool

from .calendar import Calendar
from .operations import (
    Booked,
    BookingFilter,
    BookingRequest,
    Cancelled,
    CancelRequest,
    Found,
    Free,
    FreeRequest,
    Moved,
    MoveRequest,
    Operations,
)
from .settings import SchedulingSettings


def integration(settings: dict[str, Any]) -> Integration:
    """The integration, from its settings."""
    own = SchedulingSettings.model_validate(settings)
    calendar = Calendar(own)
    operations = Operations(calendar, own)
    limit_s = own.time_limit_s
    return Integration(
        "scheduling_caldav",
        (
            Tool(
                "scheduling_caldav.free",
                Effect.READS,
                FreeRequest,
                Free,
                operations.free,
                limit_s,
                "Free times of a day, or of the next day that has some; whether a time is free.",
            ),
            Tool(
                "scheduling_caldav.find",
                Effect.READS,
                BookingFilter,
                Found,
                operations.find,
                limit_s,
                "A booking still to come, by its number or the caller's phone.",
            ),
            Tool(
                "scheduling_caldav.book",
                Effect.WRITES,
                BookingRequest,
                Booked,
                operations.book,
                limit_s,
                "Books a time.",
                unchanged=frozenset({"taken", "refused"}),
            ),
            Tool(
                "scheduling_caldav.move",
                Effect.WRITES,
                MoveRequest,
                Moved,
                operations.move,
                limit_s,
                "Moves a booking to another time.",
                unchanged=frozenset({"taken", "refused", "not_found"}),
            ),
            Tool(
                "scheduling_caldav.cancel",
                Effect.WRITES,
                CancelRequest,
                Cancelled,
                operations.cancel,
                limit_s,
                "Cancels a booking.",
            ),
        ),
        close=calendar.close,
        health=calendar.health,
    )
