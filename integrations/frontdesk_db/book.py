"""Which times there are on a day, and which of them are free. Pure: days and times in, times out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .settings import FrontdeskSettings


@dataclass(frozen=True)
class Day:
    """One day of the book."""

    times: tuple[time, ...]
    """When a visit may begin; none on a day that is closed."""
    taken: Collection[time]

    @property
    def free(self) -> tuple[time, ...]:
        """In order."""
        return tuple(at for at in self.times if at not in self.taken)

    def nearest(self, wanted: time) -> time | None:
        """The free time that is nearest to the one wanted; the later of two."""
        return min(self.free, key=lambda at: (abs(_minutes(at) - _minutes(wanted)), -_minutes(at)), default=None)


def times(settings: FrontdeskSettings, day: date, now: datetime) -> tuple[time, ...]:
    """When a visit may begin on a day, those that are past left out."""
    if day.weekday() not in settings.open_days or not now.date() <= day <= last_day(settings, now.date()):
        return ()
    first, last = _minutes(settings.first), _minutes(settings.last)
    begins = (time(*divmod(minutes, 60)) for minutes in range(first, last + 1, settings.every_minutes))
    return tuple(at for at in begins if datetime.combine(day, at) > now)


def last_day(settings: FrontdeskSettings, today: date) -> date:
    """Until when can be booked."""
    return today + timedelta(days=settings.days_ahead)


def is_late(settings: FrontdeskSettings, day: date, at: time, now: datetime) -> bool:
    """Too short before a visit to cancel or move it without a person."""
    return datetime.combine(day, at) - now < timedelta(hours=settings.late_cancel_hours)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
