"""Rows of calls and turns, in SQLite or PostgreSQL: facts in, calls out."""

import math
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Sequence

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from voicegw.outcomes import queries, words
from voicegw.outcomes.columns import (
    call_from_columns,
    call_to_columns,
    turn_from_columns,
    turn_to_columns,
)
from voicegw.outcomes.database import connect, parse_url, reading, shown, writing
from voicegw.outcomes.events import event_from_columns, event_to_columns
from voicegw.outcomes.history import RECOVERY, History, from_row, to_row
from voicegw.outcomes.queries import Wanted
from voicegw.outcomes.record import CallClosed, Event, Fact
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.outcomes.tables import calls, events, turns

EXPORT_PAGE = 500
_APPLY_LOCK = 0x766F6963  # "voic": one number for all appliers of one PostgreSQL database


class OutcomeStore:
    """Calls and turns in the database that ``url`` names; the schema is there (``migrate``)."""

    def __init__(self, url: str) -> None:
        """:raises SettingsError: not a URL of a database we speak to."""
        self._engine = connect(parse_url(url))
        self.shown_url = shown(self._engine.url)
        """For people and logs: without the password."""

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def apply(self, facts: Sequence[Fact]) -> None:
        """Make rows of ``facts``, in one transaction, all or none.

        In any order, any number of times, from several processes: the rows come out the same.

        :raises ServerAway: the database is away; nothing was written, try again later.
        :raises FactRefused: at least one of the facts can be no row; nothing was written.
        """
        by_call: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            by_call[fact.call_id].append(fact)
        if not by_call:
            return
        async with writing(self._engine) as connection:
            await _one_at_a_time(connection)
            known = await connection.run_sync(_histories, by_call)
            histories = [known[call_id].joined(told) for call_id, told in by_call.items()]
            changed = [history for history in histories if history != known[history.call_id]]
            await connection.run_sync(_write, changed, known)

    async def list_calls(self, wanted: Wanted | None = None) -> list[CallRow]:
        """Calls, newest first, as narrowed by ``wanted``."""
        async with reading(self._engine) as connection:
            return await connection.run_sync(_listed, wanted or Wanted())

    async def show_call(self, call_id: str) -> CallStory | None:
        """A call with its turns; None: no such call."""
        async with reading(self._engine) as connection:
            stories = await connection.run_sync(_stories, [call_id])
        return stories[0] if stories else None

    async def open_calls(self) -> list[CallStory]:
        """Calls without an end, of whatever machine, with all that is recorded of them."""
        async with reading(self._engine) as connection:
            open_ids = (await connection.execute(queries.still_open(math.inf))).scalars().all()
            return await connection.run_sync(_stories, open_ids)

    async def find_calls(self, prefix: str, limit: int = 10) -> list[str]:
        """Ids of the calls whose id begins so, newest first."""
        async with reading(self._engine) as connection:
            return list((await connection.execute(queries.beginning_with(prefix, limit))).scalars())

    async def last_call(self) -> str | None:
        """Id of the call that began last; None: there is none."""
        newest = await self.list_calls(Wanted(limit=1))
        return newest[0].call_id if newest else None

    async def export(self, wanted: Wanted | None = None) -> AsyncIterator[CallStory]:
        """Calls with their turns, newest first, as narrowed by ``wanted``; without its ``limit``."""
        page = Wanted(limit=EXPORT_PAGE) if wanted is None else wanted.next_page(None, EXPORT_PAGE)
        while True:
            rows = await self.list_calls(page)
            async with reading(self._engine) as connection:
                stories = await connection.run_sync(_stories, [row.call_id for row in rows])
            for story in stories:
                yield story
            if len(rows) < EXPORT_PAGE:
                return
            page = page.next_page(rows[-1], EXPORT_PAGE)

    async def close_orphans(
        self, live_call_ids: Collection[str], *, began_before: float, reason: str = "the service stopped"
    ) -> list[str]:
        """Close the calls that nobody holds any more, as ended when they were last heard of; their ids.

        Should the true end still be on its way, in the stream or in a spool, it takes the place of this one.

        :param live_call_ids: calls whose heartbeat goes on.
        :param began_before: Unix time; calls that began later are left alone.
        """
        async with reading(self._engine) as connection:
            open_ids = (await connection.execute(queries.still_open(began_before))).scalars().all()
            gone = sorted(set(open_ids) - set(live_call_ids))
            known = await connection.run_sync(_histories, gone)
        await self.apply([_orphaned(history, reason) for history in known.values()])
        return gone


def _listed(connection: Connection, wanted: Wanted) -> list[CallRow]:
    spoken = words.said(connection, wanted.words) if wanted.words else None
    query = queries.listed(wanted) if spoken is None else queries.listed(wanted, spoken)
    return [call_from_columns(row) for row in connection.execute(query).mappings()]


def _orphaned(history: History, reason: str) -> CallClosed:
    return CallClosed(history.call_id, history.last_known_at, by=RECOVERY, sip_status=0, reason=reason)


async def _one_at_a_time(connection: AsyncConnection) -> None:
    """Appliers read, join and write: two at once would each miss what the other adds."""
    if connection.dialect.name == "postgresql":  # SQLite's transactions already wait for one another
        await connection.execute(select(func.pg_advisory_xact_lock(_APPLY_LOCK)))


def _histories(connection: Connection, call_ids: Iterable[str]) -> dict[str, History]:
    ids = list(call_ids)
    known = {story.call.call_id: from_row(story.call, story.turns, story.events) for story in _stories(connection, ids)}
    return {call_id: known.get(call_id) or History(call_id) for call_id in ids}


def _stories(connection: Connection, call_ids: Sequence[str]) -> list[CallStory]:
    """Calls with their turns, in the order of ``call_ids``; unknown ones are left out."""
    if not call_ids:
        return []
    found = connection.execute(select(calls).where(calls.c.call_id.in_(call_ids))).mappings()
    rows = {row["call_id"]: call_from_columns(row) for row in found}
    spoken = select(turns).where(turns.c.call_id.in_(call_ids)).order_by(turns.c.call_id, turns.c.index)
    taken = defaultdict(list)
    for turn in connection.execute(spoken).mappings():
        taken[turn["call_id"]].append(turn_from_columns(turn))
    told = _events(connection, call_ids)
    return [
        CallStory(rows[call_id], tuple(taken[call_id]), tuple(told[call_id])) for call_id in call_ids if call_id in rows
    ]


def _events(connection: Connection, call_ids: Sequence[str]) -> dict[str, list[Event]]:
    """By call, in order of time; those of a newer version are left out."""
    found = select(events).where(events.c.call_id.in_(call_ids)).order_by(events.c.at, events.c.kind, events.c.key)
    told: dict[str, list[Event]] = defaultdict(list)
    for columns in connection.execute(found).mappings():
        if (event := event_from_columns(columns)) is not None:
            told[event.call_id].append(event)
    return told


def _write(connection: Connection, changed: Sequence[History], known: dict[str, History]) -> None:
    rows = [call_to_columns(to_row(history)) for history in changed]
    taken = [
        turn_to_columns(turn)
        for history in changed
        for index, turn in history.turns.items()
        if known[history.call_id].turns.get(index) != turn
    ]
    told = [
        event_to_columns(event)
        for history in changed
        for place, event in history.events.items()
        if known[history.call_id].events.get(place) != event
    ]
    _upsert(connection, calls, rows)
    _upsert(connection, turns, taken)
    _upsert(connection, events, told)


def _upsert(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    if not rows:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    others = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), rows)
