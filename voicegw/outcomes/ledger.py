"""The ledger: every write that callers said yes to, what came of it, and which messages are due."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from voicegw.outcomes.action import AT_WORK, CHANGED, DUE, REPEAT, UNCHANGED, ActionRow
from voicegw.outcomes.columns import Columns
from voicegw.outcomes.database import connect, parse_url, reading, writing
from voicegw.outcomes.tables import actions

_COLUMNS = tuple(column.name for column in fields(ActionRow))
Judge = Callable[[Sequence[float]], ActionRow]
"""Takes the Unix times at which this caller had the same done; returns the row, perhaps as already refused."""


class Ledger:
    """Table ``actions`` of the database that ``url`` names; the schema is there (``migrate``).

    Every method raises ``ServerAway`` when the database cannot be reached: then nothing was written.
    """

    def __init__(self, url: str) -> None:
        """:raises SettingsError: not a URL of a database we speak to."""
        self._engine = connect(parse_url(url))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def accept(self, row: ActionRow, judge: Judge) -> ActionRow:
        """The row of a request. It is there already if the request was told before; a repeat of another with the same
        subject, if there is one that stands; else new.

        :param row: as it would be if it is new.
        :param judge: asked only then.
        """
        async with writing(self._engine) as connection:
            await _one_at_a_time(connection, row)
            found = await _one(connection, actions.c.key == row.key)
            if found:
                return found
            same = (actions.c.tool == row.tool) & (actions.c.subject == row.subject)
            first = await _one(connection, same & actions.c.state.not_in((UNCHANGED, REPEAT)))
            new = replace(row, state=REPEAT, first=first.key) if first else judge(await _earlier(connection, row))
            await connection.execute(insert(actions), [_columns(new)])
            return new

    async def find(self, key: str) -> ActionRow | None:
        """The row of this key."""
        async with reading(self._engine) as connection:
            return await _one(connection, actions.c.key == key)

    async def finish(self, key: str, state: str, status: str, result: Mapping[str, Any], at: float) -> ActionRow:
        """What came of it. Told twice, the first word stands."""
        done = {"state": state, "status": status, "result": dict(result), "finished_at": at}
        async with writing(self._engine) as connection:
            open_one = (actions.c.key == key) & (actions.c.state == AT_WORK)
            changed = await connection.execute(update(actions).where(open_one).values(done).returning(actions))
            row = changed.mappings().one_or_none()
            return _row(row) if row else await _known(connection, key)

    async def promise(self, key: str, notice: Mapping[str, Any]) -> ActionRow:
        """A message is due when this ends. Of two promises the first stands."""
        async with writing(self._engine) as connection:
            none_yet = (actions.c.key == key) & actions.c.notice_status.is_(None)
            await connection.execute(update(actions).where(none_yet).values(notice=dict(notice), notice_status=DUE))
            return await _known(connection, key)

    async def noticed(self, key: str, status: str) -> None:
        """The message has gone out, or cannot."""
        async with writing(self._engine) as connection:
            due = (actions.c.key == key) & (actions.c.notice_status == DUE)
            await connection.execute(update(actions).where(due).values(notice_status=status))

    async def unfinished(self, runner: str) -> list[ActionRow]:
        """What a runner has to do: actions at work, and those whose message is due."""
        to_do = or_(actions.c.state == AT_WORK, actions.c.notice_status == DUE)
        async with reading(self._engine) as connection:
            found = await connection.execute(select(actions).where(actions.c.runner == runner, to_do))
            return [_row(columns) for columns in found.mappings()]

    async def repeats(self, key: str) -> list[ActionRow]:
        """Requests that came later and found this one."""
        return await self._all(actions.c.first == key)

    async def of_call(self, call_id: str) -> list[ActionRow]:
        """Actions of a call, in order."""
        return await self._all(actions.c.call_id == call_id)

    async def all(self) -> list[ActionRow]:
        """Every action, in order."""
        return await self._all(actions.c.key.is_not(None))

    async def _all(self, which: ColumnElement[bool]) -> list[ActionRow]:
        async with reading(self._engine) as connection:
            found = await connection.execute(select(actions).where(which).order_by(actions.c.requested_at))
            return [_row(columns) for columns in found.mappings()]


async def _one_at_a_time(connection: AsyncConnection, row: ActionRow) -> None:
    """Two machines that look for the same subject at once would both find none."""
    if connection.dialect.name == "postgresql":  # SQLite's transactions already wait for one another
        number = func.hashtext(f"{row.tool} {row.subject}")
        await connection.execute(select(func.pg_advisory_xact_lock(number)))


async def _earlier(connection: AsyncConnection, row: ActionRow) -> Sequence[float]:
    mine = (actions.c.caller == row.caller) & (actions.c.tool == row.tool)
    counts = actions.c.state.in_((AT_WORK, CHANGED))
    return (await connection.execute(select(actions.c.requested_at).where(mine, counts))).scalars().all()


async def _known(connection: AsyncConnection, key: str) -> ActionRow:
    found = await _one(connection, actions.c.key == key)
    if found is None:
        raise LookupError(f"no action has the key {key}")
    return found


async def _one(connection: AsyncConnection, which: ColumnElement[bool]) -> ActionRow | None:
    columns = (await connection.execute(select(actions).where(which))).mappings().one_or_none()
    return _row(columns) if columns else None


def _row(columns: Columns) -> ActionRow:
    return ActionRow(**{name: columns[name] for name in _COLUMNS})


def _columns(row: ActionRow) -> dict[str, Any]:
    return asdict(row)
