"""When an appointment can be. Pure: what is busy and what time it is are arguments."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from .settings import SchedulingSettings


@dataclass(frozen=True)
class Busy:
    """Somebody has this time."""

    begin: datetime
    end: datetime
    uid: str = ""
    tentative: bool = False
    """Of ours: its caller does not have it for good yet."""

    def overlaps(self, begin: datetime, end: datetime) -> bool:
        """They have a moment in common."""
        return self.begin < end and begin < self.end


def bounds(day: date, settings: SchedulingSettings) -> tuple[datetime, datetime]:
    """Begin and end of a day, where the appointments are."""
    begin = datetime.combine(day, time(), settings.tz)
    return begin, datetime.combine(day + timedelta(days=1), time(), settings.tz)


def starts(day: date, settings: SchedulingSettings, now: datetime) -> Iterator[datetime]:
    """When appointments can begin, whether taken or not."""
    soonest = now + timedelta(minutes=settings.notice_minutes)
    for opens, closes in settings.spans(day):
        begin, last = datetime.combine(day, opens), datetime.combine(day, closes) - settings.length
        while begin <= last:
            there = begin.replace(tzinfo=settings.tz)
            if _exists(there) and there >= soonest:
                yield there
            begin += timedelta(minutes=settings.every_minutes)


def free(day: date, settings: SchedulingSettings, busy: Iterable[Busy], now: datetime) -> list[datetime]:
    """Free ones of a day."""
    taken = list(busy)
    return [
        begin
        for begin in starts(day, settings, now)
        if not any(each.overlaps(begin, begin + settings.length) for each in taken)
    ]


def why_not(begin: datetime, settings: SchedulingSettings, now: datetime) -> str:
    """Why nothing can be booked then, whoever has it, as the agent can say it; empty if it can."""
    day = begin.date()
    if begin < now:
        return "that time has passed"
    if not settings.spans(day):
        return "we are closed that day"
    if day > now.astimezone(settings.tz).date() + timedelta(days=settings.days_ahead):
        return "that is too far ahead"
    if begin not in starts(day, settings, now - timedelta(minutes=settings.notice_minutes)):
        return "there are no appointments at that time"
    if begin not in starts(day, settings, now):
        return "that is too soon"
    return ""


def nearest(begin: datetime, free_times: Iterable[datetime], most: int) -> list[datetime]:
    """Those closest to a wish, in order of time."""
    return sorted(sorted(free_times, key=lambda each: abs(each - begin))[:most])


def _exists(there: datetime) -> bool:
    """No clock shows the hour that is skipped in spring."""
    return there.astimezone(UTC).astimezone(there.tzinfo).replace(fold=0) == there.replace(fold=0)
