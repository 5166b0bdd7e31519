"""Hours: when something is open."""

import difflib
from datetime import date, datetime, time
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from voicegw.dialplan.part import Part

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ClockRange = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


def _timezone(name: str) -> str:
    if name and name not in available_timezones():
        near = difflib.get_close_matches(name, available_timezones(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "as in Europe/Berlin"
        raise PydanticCustomError("bad_timezone", "there is no time zone {name}", {"name": repr(name), "hint": hint})
    return name


class OpenHours(Part):
    """Days and times.

    Example::

        week: {monday: "09:00-17:00", tuesday: "09:00-12:00"}
        holidays: [2026-12-25]
    """

    week: dict[Weekday, ClockRange] = Field(min_length=1, description="Days it is open, each `HH:MM-HH:MM`.")
    holidays: tuple[date, ...] = Field((), description="Days it is closed all the same.")
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        "", description="As in `Europe/Berlin`. Empty: the machine's own."
    )

    def open_at(self, at: datetime) -> bool:
        """Whether it is open at this local time."""
        hours = self.week.get(WEEKDAYS[at.weekday()])
        if hours is None or at.date() in self.holidays:
            return False
        first, last = hours.split("-")
        return time.fromisoformat(first) <= at.time() and (last == "24:00" or at.time() < time.fromisoformat(last))
