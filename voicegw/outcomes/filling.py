"""Fills the table of calls fast, with made-up ones: for benches of a database of some size."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from voicegw.outcomes.columns import call_to_columns
from voicegw.outcomes.database import connect, parse_url, writing
from voicegw.outcomes.rows import CallRow
from voicegw.outcomes.tables import calls

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


def _batches(records: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while batch := list(islice(records, BATCH)):
        yield batch


def _without_indexes(connection: Connection) -> None:
    for index in calls.indexes:
        index.drop(connection)


def _with_indexes(connection: Connection) -> None:
    for index in calls.indexes:
        index.create(connection)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE calls")  # its autovacuum does so by itself, later
