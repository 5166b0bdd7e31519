"""What can be done with the appointment book."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from voicegw.actions.requests import idempotency_key
from voicegw.actions.sql import Database

from . import book
from .book import Day
from .forms import Booked, Booking, Changed, FreeTimes, Move, Phone, Visit, Wanted
from .settings import FrontdeskSettings
from .tables import visits

MOST_TIMES = 3
"""More are not kept in mind on the phone."""


class Operations:
    """The book, in a database.

    :param now: local time, for tests another one.
    """

    def __init__(
        self, database: Database, settings: FrontdeskSettings, now: Callable[[], datetime] = datetime.now
    ) -> None:
        self._database = database
        self._settings = settings
        self._now = now

    async def free_times(self, wanted: Wanted) -> FreeTimes:
        """Whether a time is free, or which times are."""
        today = self._now().date()
        if wanted.day < today:
            return FreeTimes(status="past")
        if wanted.day > book.last_day(self._settings, today):
            return FreeTimes(status="too_far")
        async with self._database.read() as connection:
            day = await self._day(connection, wanted.day)
            if not day.free:
                next_day = await self._next_free_day(connection, wanted.day)
                return FreeTimes(status="full" if day.times else "closed", next_day=next_day)
        if wanted.time is None or wanted.time in day.free:
            return FreeTimes(nearest=wanted.time or day.free[0], times=_spread(day.free))
        return FreeTimes(status="taken", nearest=day.nearest(wanted.time), times=_spread(day.free))

    async def visit(self, whose: Phone) -> Visit:
        """The next visit under a telephone number."""
        async with self._database.read() as connection:
            row = await self._next_visit(connection, whose.phone)
        if row is None:
            return Visit(status="not_found")
        late = book.is_late(self._settings, row["day"], row["time"], self._now())
        return Visit(
            booked_name=row["name"],
            booked_service=row["service"],
            booked_day=row["day"],
            booked_time=row["time"],
            late=late,
        )

    async def book(self, wanted: Booking) -> Booked:
        """Book a visit, once."""
        try:
            async with self._database.begin() as connection:
                return await self._book(connection, wanted)
        except IntegrityError:  # another call was first
            return Booked(status="taken")

    async def move(self, to: Move) -> Changed:
        """Move the next visit to another time."""
        try:
            async with self._database.begin() as connection:
                return await self._move(connection, to)
        except IntegrityError:
            return Changed(status="taken")

    async def cancel(self, whose: Phone) -> Changed:
        """Cancel the next visit."""
        async with self._database.begin() as connection:
            row = await self._next_visit(connection, whose.phone)
            if row is None:
                return Changed(status="not_found")
            if book.is_late(self._settings, row["day"], row["time"], self._now()):
                return Changed(status="refused")
            # Its seat becomes free for others: a cancelled visit sits on its own number, below zero.
            changes = {"open": False, "seat": -row["id"]}
            await connection.execute(update(visits).where(visits.c.id == row["id"]).values(changes))
        return Changed()

    async def _book(self, connection: AsyncConnection, wanted: Booking) -> Booked:
        same = [visits.c.phone == wanted.phone, visits.c.day == wanted.day, visits.c.time == wanted.time]
        query = select(visits.c.request_key).where(*same, visits.c.open)
        earlier = (await connection.execute(query)).scalar_one_or_none()
        if earlier is not None:  # by this very request, at an earlier try, or by another
            return Booked(status="done" if earlier == idempotency_key() != "" else "already")
        if wanted.time not in book.times(self._settings, wanted.day, self._now()):
            return Booked(status="closed")
        seat = await self._free_seat(connection, wanted.day, wanted.time)
        if seat is None:
            return Booked(status="taken")
        row: dict[str, Any] = {**wanted.model_dump(), "seat": seat, "open": True}
        row |= {"request_key": idempotency_key(), "booked_at": datetime.now(UTC)}
        await connection.execute(insert(visits), [row])
        return Booked()

    async def _move(self, connection: AsyncConnection, to: Move) -> Changed:
        row = await self._next_visit(connection, to.phone)
        if row is None:
            return Changed(status="not_found")
        if (row["day"], row["time"]) == (to.day, to.time):
            return Changed()
        if book.is_late(self._settings, row["day"], row["time"], self._now()):
            return Changed(status="refused")
        if to.time not in book.times(self._settings, to.day, self._now()):
            return Changed(status="closed")
        seat = await self._free_seat(connection, to.day, to.time)
        if seat is None:
            return Changed(status="taken")
        changes = {"day": to.day, "time": to.time, "seat": seat}
        await connection.execute(update(visits).where(visits.c.id == row["id"]).values(changes))
        return Changed()

    async def _day(self, connection: AsyncConnection, day: date) -> Day:
        seats = func.count(visits.c.id)
        query = select(visits.c.time).where(visits.c.day == day, visits.c.open).group_by(visits.c.time)
        full = await connection.execute(query.having(seats >= self._settings.at_once))
        return Day(book.times(self._settings, day, self._now()), frozenset(full.scalars()))

    async def _next_free_day(self, connection: AsyncConnection, after: date) -> date | None:
        day = after + timedelta(days=1)
        while day <= book.last_day(self._settings, self._now().date()):
            if (await self._day(connection, day)).free:
                return day
            day += timedelta(days=1)
        return None

    async def _free_seat(self, connection: AsyncConnection, day: date, at: time) -> int | None:
        query = select(visits.c.seat).where(visits.c.day == day, visits.c.time == at, visits.c.open)
        taken = set((await connection.execute(query)).scalars())
        return next((seat for seat in range(self._settings.at_once) if seat not in taken), None)

    async def _next_visit(self, connection: AsyncConnection, phone: str) -> RowMapping | None:
        query = (
            select(visits)
            .where(visits.c.phone == phone, visits.c.open, visits.c.day >= self._now().date())
            .order_by(visits.c.day, visits.c.time)
        )
        return (await connection.execute(query)).mappings().first()


def _spread(free: tuple[time, ...]) -> tuple[time, ...]:
    """The first, one in the middle and the last."""
    if len(free) <= MOST_TIMES:
        return free
    return free[0], free[len(free) // 2], free[-1]
