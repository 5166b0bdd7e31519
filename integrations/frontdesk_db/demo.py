"""A few visits to try the service with. Dates are counted from today."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables

BOOKED = datetime(2026, 1, 5, 9, tzinfo=UTC)


def visits(today: date) -> list[dict[str, Any]]:
    """The visits, as rows; the next working day at ten is taken."""
    day = next_working_day(today)
    return [
        _visit("5550111", "Joe Miller", "checkup", day, time(10)),
        _visit("5550112", "Ann Lee", "cleaning", next_working_day(day + timedelta(days=3)), time(14, 30)),
        _visit("01012345678", "김민수", "checkup", next_working_day(day + timedelta(days=4)), time(11)),
    ]


def next_working_day(day: date) -> date:
    """The first day after ``day`` that is from Monday to Friday."""
    ahead = day + timedelta(days=1)
    return ahead if ahead.weekday() < 5 else next_working_day(ahead)


def _visit(phone: str, name: str, service: str, day: date, at: time) -> dict[str, Any]:
    row = {"phone": phone, "name": name, "service": service, "day": day, "time": at}
    return {**row, "seat": 0, "open": True, "booked_at": BOOKED}


async def put_in(connection: AsyncConnection, today: date) -> None:
    """Put the demo visits in, in place of those of another day."""
    rows = visits(today)
    await connection.execute(delete(tables.visits).where(tables.visits.c.phone.in_([row["phone"] for row in rows])))
    await connection.execute(insert(tables.visits), rows)
