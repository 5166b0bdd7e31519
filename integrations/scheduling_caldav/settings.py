"""Settings of appointments, from ``[integration.scheduling_caldav]``."""

from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _span(value: Any) -> Any:
    """``09:00-12:30``."""
    if not isinstance(value, str):
        return value
    begin, _, end = value.partition("-")
    try:
        span = time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())
    except ValueError:
        raise ValueError(f"{value!r}: write hours as 09:00-12:30") from None
    if span[0] >= span[1]:
        raise ValueError(f"{value!r}: it ends before it begins")
    return span


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"no time zone is called {name!r}: write one such as Europe/Berlin") from None
    return name


Span = Annotated[tuple[time, time], BeforeValidator(_span)]


class SchedulingSettings(BaseModel):
    """Which calendar, and when there are appointments."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://", description="The calendar's own address, as CalDAV clients show it.")
    username: str = ""
    password: SecretStr = SecretStr("")
    also_busy: tuple[str, ...] = Field((), description="Addresses of more calendars whose events leave no time free.")
    zone: Annotated[str, AfterValidator(_zone)] = Field(description="Time zone of the hours, such as Europe/Berlin.")
    hours: dict[Weekday, tuple[Span, ...]] = Field(description="When appointments can be: {mon = ['09:00-12:30']}.")
    closed: frozenset[date] = Field(frozenset(), description="Days without appointments.")
    minutes: int = Field(30, ge=5, le=480, description="How long an appointment is.")
    every_minutes: int = Field(30, ge=5, le=480, description="How far apart they begin.")
    notice_minutes: int = Field(60, ge=0, description="The soonest from now.")
    days_ahead: int = Field(60, ge=1, le=366, description="The latest from today.")
    title: str = Field("Appointment: {name}", description="What the calendar shows; {name} and {phone} are put in.")
    offered: int = Field(3, ge=1, le=10, description="How many free times are told at most.")
    data_dir: Path = Field(Path(), description="The service's data folder; not used.")
    time_limit_s: float = Field(8.0, gt=0, description="After this the caller hears that it takes too long.")

    @property
    def length(self) -> timedelta:
        """Of an appointment."""
        return timedelta(minutes=self.minutes)

    @property
    def tz(self) -> ZoneInfo:
        """Of the hours."""
        return ZoneInfo(self.zone)

    def spans(self, day: date) -> tuple[tuple[time, time], ...]:
        """Hours of a day."""
        return () if day in self.closed else self.hours.get(WEEKDAYS[day.weekday()], ())
