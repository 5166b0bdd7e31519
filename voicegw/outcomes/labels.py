"""What people say of calls: "agent misheard"; a label stands on a call once."""

from dataclasses import asdict, dataclass, fields

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from voicegw.outcomes.database import connect, parse_url, reading, writing
from voicegw.outcomes.tables import call_labels

USUAL = ("agent misheard", "wrong answer", "too slow", "cut off", "rude caller", "good example")
"""Offered to whoever labels."""


@dataclass(frozen=True)
class Label:
    """A row of table ``call_labels``."""

    call_id: str
    label: str
    at: float
    """Unix time."""
    by: str
    turn: int | None = None
    """Which turn is meant; None: the call."""
    note: str = ""


class Labels:
    """In the database that ``url`` names."""

    def __init__(self, url: str) -> None:
        """:raises SettingsError: not a URL of a database we speak to."""
        self._engine = connect(parse_url(url))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def put(self, label: Label) -> None:
        """Put it on its call; what was there by that name gives way."""
        async with writing(self._engine) as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            values = asdict(label)
            statement = insert(call_labels).values(values)
            keys = ["call_id", "label"]
            others = {name: values[name] for name in values if name not in keys}
            await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others))

    async def take(self, call_id: str, label: str) -> None:
        """Take it off its call."""
        which = (call_labels.c.call_id == call_id) & (call_labels.c.label == label)
        async with writing(self._engine) as connection:
            await connection.execute(delete(call_labels).where(which))

    async def of_call(self, call_id: str) -> list[Label]:
        """By time."""
        query = select(call_labels).where(call_labels.c.call_id == call_id).order_by(call_labels.c.at)
        names = [field.name for field in fields(Label)]
        async with reading(self._engine) as connection:
            rows = (await connection.execute(query)).mappings()
            return [Label(**{name: row[name] for name in names}) for row in rows]

    async def known(self) -> list[str]:
        """All that stand on calls, the most used first, then the usual ones."""
        query = select(call_labels.c.label).group_by(call_labels.c.label).order_by(func.count().desc())
        async with reading(self._engine) as connection:
            used = list((await connection.execute(query)).scalars())
        return [*used, *(label for label in USUAL if label not in used)]
