"""A few premises and outages to try the service with. Times are counted from now."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .tables import outages, premises, reports, updates

NORTH, SOUTH, EAST = "demo-north", "demo-south", "demo-east"
AREAS = (NORTH, SOUTH, EAST)
PREMISES = (
    {"account": "30014412", "street": "12 Mill Road", "area": NORTH, "critical": False},
    {"account": "30014420", "street": "20 Mill Road", "area": NORTH, "critical": True},
    {"account": "30027731", "street": "4 Harbour Street", "area": SOUTH, "critical": False},
    {"account": "30031188", "street": "9 Garden Lane", "area": EAST, "critical": False},
)


def current(today: date) -> list[dict[str, Any]]:
    """The outages, as rows: they last all day."""
    begin, end = datetime.combine(today, time()), datetime.combine(today + timedelta(days=1), time(6))
    return [
        {"area": NORTH, "utility": "power", "cause": "a damaged cable", "planned": False, "since": begin, "until": end},
        {"area": NORTH, "utility": "water", "cause": "a burst main", "planned": False, "since": begin, "until": None},
        {"area": SOUTH, "utility": "water", "cause": "new pipes", "planned": True, "since": begin, "until": end},
    ]


async def put_in(connection: AsyncConnection, today: date) -> None:
    """Put the demo outages in, in place of those of another day."""
    old = select(outages.c.id).where(outages.c.area.in_(AREAS))
    accounts = [row["account"] for row in PREMISES]
    await connection.execute(delete(updates).where(updates.c.outage.in_(old)))
    await connection.execute(delete(reports).where(reports.c.account.in_(accounts)))
    await connection.execute(delete(outages).where(outages.c.area.in_(AREAS)))
    await connection.execute(delete(premises).where(premises.c.account.in_(accounts)))
    await connection.execute(insert(premises), list(PREMISES))
    await connection.execute(insert(outages), current(today))
