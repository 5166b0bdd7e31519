"""A few accounts to try the service with."""

from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .secrets_kept import kept
from .tables import accounts, changes, codes, failures, messages, proofs


def people() -> list[dict[str, Any]]:
    """The accounts, as rows."""
    return [
        _person("204118", "Ann Lee", "5550142", date(1986, 4, 9), "7731", locked=False),
        _person("204225", "Joe Miller", "5550187", date(1979, 11, 30), "1064", locked=True),
        _person("204336", "Mia Brown", "5550163", date(1992, 7, 21), "5518", locked=False),
    ]


def _person(user_id: str, name: str, phone: str, born: date, badge: str, *, locked: bool) -> dict[str, Any]:
    row = {"id": user_id, "name": name, "phone": phone, "birth_date": born, "badge": kept(user_id, badge)}
    return {**row, "sign_in_locked": locked, "demo": True}


async def put_in(connection: AsyncConnection, today: date) -> None:
    """Put the demo accounts in, as if nobody had called yet."""
    rows = people()
    ids = select(accounts.c.id).where(accounts.c.demo)
    for table in (changes, proofs, codes, failures):
        await connection.execute(delete(table).where(table.c.account.in_(ids)))
    await connection.execute(delete(messages).where(messages.c.phone.in_([row["phone"] for row in rows])))
    await connection.execute(delete(accounts).where(accounts.c.demo))
    await connection.execute(insert(accounts), rows)
