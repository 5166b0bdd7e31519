"""What the appointment book's tools take and give."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field, field_validator

from voicegw.actions.requests import ToolResult


class Wanted(BaseModel):
    """A day, and perhaps a time."""

    day: dt.date
    time: dt.time | None = None


class Phone(BaseModel):
    """Whose visit."""

    phone: str = Field(min_length=4, max_length=32)

    @field_validator("phone")
    @classmethod
    def _figures(cls, phone: str) -> str:
        """Written without spaces and signs, so that it is found again."""
        return "".join(character for character in phone if character.isdigit())


class Booking(Phone):
    """A visit to book."""

    name: str = Field(min_length=1, max_length=100)
    service: str = Field(min_length=1, max_length=40)
    day: dt.date
    time: dt.time


class Move(Phone):
    """Where a visit goes."""

    day: dt.date
    time: dt.time


class FreeTimes(ToolResult):
    """Whether the time can be had, or what can be had instead."""

    status: Literal["free", "taken", "full", "closed", "past", "too_far"] = "free"
    """``free``: the time wanted, or some time if none was named; ``taken``: another time of that day is ``nearest``."""
    nearest: dt.time | None = None
    times: tuple[dt.time, ...] = ()
    """Free ones of that day, at most three, spread over it."""
    next_day: dt.date | None = None
    """The next day with a free time, when that day has none."""


class Visit(ToolResult):
    """The next visit of somebody."""

    status: Literal["found", "not_found"] = "found"
    booked_name: str = ""
    booked_service: str = ""
    booked_day: dt.date | None = None
    booked_time: dt.time | None = None
    late: bool = False
    """Too soon to be cancelled or moved without a person."""


class Booked(ToolResult):
    """What came of a booking. Asking twice books once."""

    status: Literal["done", "already", "taken", "closed"] = "done"


class Changed(ToolResult):
    """What came of moving or cancelling."""

    status: Literal["done", "taken", "closed", "refused", "not_found"] = "done"
