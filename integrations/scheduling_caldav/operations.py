"""What can be done with appointments.

Several callers want the same time at once: each writes their booking as *tentative*, then looks who else is there. Who
sees nobody has the time, and writes it as *confirmed*; so of two that overlap never both do, since the one who wrote
later looks after both are written. Who sees somebody confirmed withdraws. Among the tentative, the one with the lowest
UID stays and waits, and the others withdraw and wait for what becomes of it: so somebody always gets the time. A
booking that is moved stays where it is until the new time is held.
"""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from pydantic import BaseModel, Field

from voicegw.actions.requests import ToolBusy, ToolResult, idempotency_key

from . import times
from .booking import Booking, uid_for
from .calendar import Calendar, Changed, Stored
from .settings import SchedulingSettings

PATIENCE = 0.7
"""Of the time limit, for others to make up their minds."""
Clock = Callable[[], datetime]
Day = date
Time = time
"""Fields have the names of their types."""


class FreeRequest(BaseModel):
    """When a caller would like to come."""

    day: Day | None = None
    """None: as soon as there is something."""
    time: Time | None = None


class Free(ToolResult):
    """Free times, all of one day."""

    status: Literal["found", "taken", "none"] = "found"
    """``taken``: not at the time that was asked for, but at these; ``none``: nothing that day, but on this one."""
    day: Day | None = None
    time: Time | None = None
    """The one that was asked for, else the first."""
    times: tuple[str, ...] = ()


class BookingFilter(BaseModel):
    """Which booking."""

    booking: str = Field("", pattern=r"^[0-9]*$")
    phone: str = ""


class Found(ToolResult):
    """A booking still to come, the next one."""

    status: Literal["found", "not_found"] = "found"
    booking: str = ""
    day: Day | None = None
    time: Time | None = None
    how_many: int = 0


class BookingRequest(BaseModel):
    """What to book."""

    day: Day
    time: Time
    name: str = Field(min_length=1, max_length=100)
    phone: str = Field("", max_length=40)
    note: str = Field("", max_length=1000)


class MoveRequest(BaseModel):
    """What to move, and where."""

    booking: str = Field(pattern=r"^[0-9]{6}$")
    day: Day
    time: Time


class Booked(ToolResult):
    """What came of booking."""

    status: Literal["done", "taken", "refused"] = "done"
    booking: str = ""
    day: Day | None = None
    time: Time | None = None


class Moved(ToolResult):
    """What came of moving; where it is now."""

    status: Literal["done", "taken", "refused", "not_found"] = "done"
    booking: str = ""
    day: Day | None = None
    time: Time | None = None


class CancelRequest(BaseModel):
    """What to cancel."""

    booking: str = Field(pattern=r"^[0-9]{6}$")


class Cancelled(ToolResult):
    """What came of it."""

    status: Literal["done", "not_found"] = "done"
    day: Day | None = None
    time: Time | None = None


class Operations:
    """Appointments in one calendar."""

    def __init__(
        self, calendar: Calendar, settings: SchedulingSettings, clock: Clock = lambda: datetime.now(UTC)
    ) -> None:
        self._calendar = calendar
        self._settings = settings
        self._clock = clock

    async def free(self, wish: FreeRequest) -> Free:
        """Free times of the day, or of the next day that has some."""
        now = self._clock()
        today = now.astimezone(self._settings.tz).date()
        day = max(wish.day or today, today)
        last = today + timedelta(days=self._settings.days_ahead)
        while day <= last:
            week = min(day + timedelta(days=6), last)
            begin, end = times.bounds(day, self._settings)[0], times.bounds(week, self._settings)[1]
            busy = await self._calendar.busy(begin, end, now)
            while day <= week:
                if found := times.free(day, self._settings, busy, now):
                    return self._told(found, wish)
                day += timedelta(days=1)
        return Free(status="none")

    async def find(self, wanted: BookingFilter) -> Found:
        """The next booking with that number, or of that phone."""
        fitting = [
            each
            for each in await self._upcoming()
            if (wanted.booking or wanted.phone)
            and wanted.booking in ("", each.number)
            and (not wanted.phone or _digits(each.phone).endswith(_digits(wanted.phone)[-7:]))
        ]
        if not fitting:
            return Found(status="not_found")
        first = min(fitting, key=lambda each: each.begin)
        return Found(booking=first.number, how_many=len(fitting), **self._when(first.begin))

    async def book(self, request: BookingRequest) -> Booked:
        """Book a time. The same key finds what it booked before."""
        key = idempotency_key()
        begin = self._begin(request.day, request.time)
        mine = await self._calendar.get(uid_for(key))
        if mine and mine.booking.status != "TENTATIVE":
            return Booked(booking=mine.booking.number, **self._when(mine.booking.begin))
        title = self._settings.title.replace("{name}", request.name).replace("{phone}", request.phone)
        end = begin + self._settings.length
        wanted = Booking(uid_for(key), begin, end, title, request.phone, request.note, "TENTATIVE", key)
        if reason := times.why_not(begin, self._settings, self._clock()):
            return Booked(status="refused", reason=reason)
        hold = await self._hold(wanted, mine)
        if hold is None:
            return Booked(status="taken")
        await self._write(wanted.changed(status="CONFIRMED"), hold)
        return Booked(booking=wanted.number, **self._when(begin))

    async def move(self, request: MoveRequest) -> Moved:
        """Move a booking. If the new time is taken, the old one stays."""
        key = idempotency_key()
        stored = await self._numbered(request.booking)
        if stored is None:
            return Moved(status="not_found")
        begin = self._begin(request.day, request.time)
        before = stored.booking
        moved = before.changed(begin=begin, end=begin + self._settings.length, key=key)
        left = await self._calendar.get(uid_for(key))
        if (before.key, before.begin) != (key, begin):  # else an earlier try did it, and died before it could say so
            if reason := times.why_not(begin, self._settings, self._clock()):
                return Moved(status="refused", reason=reason)
            left = await self._hold(moved.changed(uid=uid_for(key), status="TENTATIVE"), left, before.uid)
            if left is None:
                return Moved(status="taken", booking=before.number, **self._when(before.begin))
            await self._write(moved, stored)
        if left:
            await self._calendar.delete(left)
        return Moved(booking=before.number, **self._when(begin))

    async def cancel(self, request: CancelRequest) -> Cancelled:
        """Cancel a booking; it stays in the calendar as cancelled."""
        key = idempotency_key()
        stored = await self._numbered(request.booking, cancelled_by=key)
        if stored is None:
            return Cancelled(status="not_found")
        if stored.booking.status != "CANCELLED":
            await self._write(stored.booking.changed(status="CANCELLED", key=key), stored)
        return Cancelled(**self._when(stored.booking.begin))

    async def _hold(self, wanted: Booking, mine: Stored | None, *ignored: str) -> Stored | None:
        """Have the time, tentatively; None: others have it, and nothing of ours is left there.

        :param mine: what an earlier try left.
        :param ignored: UIDs of bookings that may stand there.
        """
        give_up_at = asyncio.get_running_loop().time() + PATIENCE * self._settings.time_limit_s
        while asyncio.get_running_loop().time() < give_up_at:
            others = await self._others(wanted, (wanted.uid, *ignored))
            if any(not each.tentative for each in others):
                break
            if any(each.uid < wanted.uid for each in others):
                await self._withdraw(mine)
                mine = None
            elif mine is None:
                mine = await self._write(wanted, None)
                continue  # and look again, now that others can see us
            elif not others:
                return mine
            await asyncio.sleep(random.uniform(0.05, 0.15))
        await self._withdraw(mine)
        return None

    async def _withdraw(self, mine: Stored | None) -> None:
        if mine:
            await self._calendar.delete(mine)

    async def _write(self, booking: Booking, over: Stored | None) -> Stored:
        try:
            return await self._calendar.put(booking.changed(written=self._clock()), over)
        except Changed:  # by a person, or by another try of this same request
            raise ToolBusy("the booking was changed meanwhile") from None

    async def _others(self, wanted: Booking, own: tuple[str, ...]) -> list[times.Busy]:
        """What else is there at that time."""
        busy = await self._calendar.busy(wanted.begin, wanted.end, self._clock())
        return [each for each in busy if each.uid not in own and each.overlaps(wanted.begin, wanted.end)]

    async def _upcoming(self) -> list[Booking]:
        now = self._clock()
        ahead = timedelta(days=self._settings.days_ahead + 1)
        return [each for each in await self._calendar.bookings(now, now + ahead) if each.begin >= now]

    async def _numbered(self, number: str, cancelled_by: str = "") -> Stored | None:
        now = self._clock()
        ahead = timedelta(days=self._settings.days_ahead + 1)
        for each in await self._calendar.bookings(now, now + ahead, cancelled_by=cancelled_by):
            if each.number == number and each.begin >= now:
                return await self._calendar.get(each.uid)
        return None

    def _begin(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at.replace(second=0, microsecond=0, tzinfo=None), self._settings.tz)

    def _when(self, begin: datetime) -> dict[str, date | time]:
        there = begin.astimezone(self._settings.tz)
        return {"day": there.date(), "time": there.time()}

    def _told(self, found: list[datetime], wish: FreeRequest) -> Free:
        day, most = found[0].date(), self._settings.offered
        begin = self._begin(day, wish.time) if wish.time else found[0]
        offered = times.nearest(begin, found, most) if wish.time else found[:most]
        status: Literal["found", "taken", "none"] = "found"
        if wish.day and day != wish.day:
            status = "none"
        elif wish.time and begin not in found:
            status = "taken"
        chosen = begin if begin in found else offered[0]
        return Free(status=status, day=day, time=chosen.time(), times=tuple(f"{each:%H:%M}" for each in offered))


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
