"""What can be done about outages."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from voicegw.actions.requests import idempotency_key
from voicegw.actions.sql import Database

from .forms import Account, Outage, Premise, Report, Reported, Subscribed, Supply, Updates
from .settings import OutagesSettings
from .tables import outages, premises, reports, updates


class Operations:
    """Outages in a database.

    :param now: local time; for tests another one.
    """

    def __init__(
        self, database: Database, settings: OutagesSettings, now: Callable[[], datetime] = datetime.now
    ) -> None:
        self._database = database
        self._settings = settings
        self._now = now

    async def premise(self, whose: Account) -> Premise:
        """Where an account is."""
        async with self._database.read() as connection:
            row = await _premise(connection, whose.account)
        return Premise(street=row["street"], critical=row["critical"]) if row else Premise(status="not_found")

    async def outage(self, supply: Supply) -> Outage:
        """What is known of an outage there."""
        async with self._database.read() as connection:
            premise = await _premise(connection, supply.account)
            if premise is None:
                return Outage(status="not_found")
            row = await self._outage(connection, premise["area"], supply.utility)
        if row is None:
            return Outage()
        until = row["until"]
        return Outage(
            status="planned" if row["planned"] else "outage",
            cause=row["cause"],
            since=row["since"],
            until_day=until.date() if until else None,
            until_time=until.time() if until else None,
        )

    async def report(self, what: Report) -> Reported:
        """Report what is missing, once."""
        async with self._database.begin() as connection:
            if await _premise(connection, what.account) is None:
                return Reported(status="not_found")
            since = self._now() - timedelta(hours=self._settings.same_report_hours)
            same = (reports.c.account == what.account, reports.c.utility == what.utility, reports.c.at > since)
            earlier = (await connection.execute(select(reports.c.id, reports.c.request_key).where(*same))).first()
            if earlier is not None:  # by this very request, at an earlier try, or by another
                ours = earlier.request_key == idempotency_key() != ""
                return Reported(status="done" if ours else "already", ticket=_ticket(earlier.id))
            row = {**what.model_dump(), "request_key": idempotency_key(), "at": self._now()}
            inserted = await connection.execute(insert(reports).values(row))
            key = inserted.inserted_primary_key
            assert key is not None  # SQLAlchemy has it for every insert of one row
        return Reported(ticket=_ticket(key[0]))

    async def subscribe(self, whom: Updates) -> Subscribed:
        """Tell somebody by text how the outage goes on, once."""
        try:
            async with self._database.begin() as connection:
                premise = await _premise(connection, whom.account)
                if premise is None:
                    return Subscribed(status="not_found")
                row = await self._outage(connection, premise["area"], whom.utility)
                if row is None:
                    return Subscribed(status="none")
                await connection.execute(insert(updates), [{"outage": row["id"], "phone": whom.phone}])
        except IntegrityError:
            return Subscribed(status="already")
        return Subscribed()

    async def _outage(self, connection: AsyncConnection, area: str, utility: str) -> RowMapping | None:
        """The one that goes on now; one that nobody planned before one that was."""
        now = self._now()
        query = (
            select(outages)
            .where(outages.c.area == area, outages.c.utility == utility, outages.c.since <= now)
            .where(or_(outages.c.until.is_(None), outages.c.until > now))
            .order_by(outages.c.planned, outages.c.since.desc())
        )
        return (await connection.execute(query)).mappings().first()


async def _premise(connection: AsyncConnection, account: str) -> RowMapping | None:
    query = select(premises).where(premises.c.account == account)
    return (await connection.execute(query)).mappings().one_or_none()


def _ticket(number: int) -> str:
    """Short enough to write down."""
    return f"{number:05}"
