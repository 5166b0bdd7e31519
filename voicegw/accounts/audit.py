"""The audit log: who changed or looked at what; lines are added and read, and never changed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from voicegw.accounts.record import AuditLine
from voicegw.accounts.tables import audit_lines
from voicegw.outcomes.database import connect, parse_url, reading, writing


@dataclass(frozen=True)
class Looked:
    """Which lines; what is empty does not narrow them."""

    who: str = ""
    action: str = ""
    subject: str = ""
    before: int | None = None
    """Id of the last line of the page before."""
    limit: int = 50


class AuditLog:
    """In the database that ``url`` names."""

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        """:raises SettingsError: not a URL of a database we speak to."""
        self._engine = connect(parse_url(url))
        self._clock = clock

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def write(self, who: str, action: str, subject: str = "", **details: Any) -> None:
        """Add a line. Written before the answer goes out: no line, no look.

        :raises ServerAway: the database is away.
        """
        values = {"at": self._clock(), "who": who, "action": action, "subject": subject, "details": details}
        async with writing(self._engine) as connection:
            await connection.execute(insert(audit_lines).values(values))

    async def lines(self, looked: Looked | None = None) -> list[AuditLine]:
        """Newest first."""
        wanted = looked or Looked()
        query = select(audit_lines).order_by(audit_lines.c.id.desc()).limit(wanted.limit)
        for name in ("who", "action", "subject"):
            if value := getattr(wanted, name):
                query = query.where(audit_lines.c[name] == value)
        if wanted.before is not None:
            query = query.where(audit_lines.c.id < wanted.before)
        async with reading(self._engine) as connection:
            return [AuditLine(**row) for row in (await connection.execute(query)).mappings()]
