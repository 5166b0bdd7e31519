"""Fills the table of calls fast, with made-up ones: for benches of a database of some size."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from voicegw.outcomes.columns import call_to_columns, turn_to_columns
from voicegw.outcomes.database import connect, parse_url, writing
from voicegw.outcomes.events import event_to_columns
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.outcomes.tables import calls, events, turns

_T = TypeVar("_T")

BATCH = 20_000
_COLUMNS = tuple(column.name for column in calls.columns)


async def fill(url: str, rows: Iterable[CallRow]) -> int:
    """Insert ``rows`` into an empty table; how many there were. Indexes are made afterwards, as that is quicker.

    :raises ServerAway: the database is away; nothing was written.
    """
    engine = connect(parse_url(url))
    try:
        async with writing(engine) as connection:
            await connection.run_sync(_without_indexes)
            count = 0
            for batch in _batches(map(_record, rows)):
                await _insert(connection, batch)
                count += len(batch)
            await connection.run_sync(_with_indexes)
    finally:
        await engine.dispose()
    return count


async def fill_stories(url: str, stories: Iterable[CallStory]) -> int:
    """Insert calls with their turns and events; how many there were.

    :raises ServerAway: the database is away; what was written by then is written.
    """
    engine = connect(parse_url(url))
    count = 0
    try:
        for batch in _batches(iter(stories), 2_000):
            async with writing(engine) as connection:
                await connection.execute(insert(calls), [call_to_columns(story.call) for story in batch])
                await _all(connection, turns, [turn_to_columns(turn) for story in batch for turn in story.turns])
                await _all(connection, events, [event_to_columns(event) for story in batch for event in story.events])
            count += len(batch)
    finally:
        await engine.dispose()
    return count


async def _all(connection: AsyncConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        await connection.execute(insert(table), rows)


async def _insert(connection: AsyncConnection, batch: list[tuple[Any, ...]]) -> None:
    if connection.dialect.name == "postgresql":
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.copy_records_to_table("calls", records=batch, columns=_COLUMNS)
        return
    places = ", ".join("?" * len(_COLUMNS))
    await connection.exec_driver_sql(f"INSERT INTO calls ({', '.join(_COLUMNS)}) VALUES ({places})", batch)


def _record(call: CallRow) -> tuple[Any, ...]:
    columns = call_to_columns(call)
    return tuple(json.dumps(value) if isinstance(value, dict | list) else value for value in columns.values())


def _batches(records: Iterator[_T], size: int = BATCH) -> Iterator[list[_T]]:
    while batch := list(islice(records, size)):
        yield batch


def _without_indexes(connection: Connection) -> None:
    for index in calls.indexes:
        index.drop(connection)


def _with_indexes(connection: Connection) -> None:
    for index in calls.indexes:
        index.create(connection)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE calls")  # its autovacuum does so by itself, later
