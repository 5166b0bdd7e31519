"""Migrations make the tables that the code has, on both kinds of database."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from voicegw.accounts.tables import metadata
from voicegw.errors import SetupError
from voicegw.outcomes import migrate as migrate_module
from voicegw.outcomes.database import connect, parse_url
from voicegw.outcomes.migrate import check_migrated, migrate, ours, revisions
from voicegw.outcomes.store import OutcomeStore

pytestmark = pytest.mark.servers


async def on(url: str, act):  # type: ignore[no-untyped-def]
    engine = connect(parse_url(url))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(act)
    finally:
        await engine.dispose()


def differences(connection: Connection) -> list[object]:
    options = {"include_name": ours, "compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def indexes(connection: Connection) -> dict[str, tuple[object, bool]]:
    found = inspect(connection)
    return {
        str(index["name"]): (index["column_names"], bool([key for key in index["dialect_options"] if "where" in key]))
        for table in metadata.tables
        for index in found.get_indexes(table)
        if ours(index["name"], "index")
    }


async def test_migrated_tables_are_those_of_the_code(database: str) -> None:
    assert await on(database, differences) == []


async def test_migrated_indexes_are_those_of_the_code_to_the_condition(empty_database: str, database: str) -> None:
    migrated = await on(database, indexes)
    await on(database, lambda connection: metadata.drop_all(connection))
    await on(database, metadata.create_all)
    assert await on(database, indexes) == migrated
    assert migrated["ix_calls_open"] == (["began_at"], True)


async def test_migrating_again_changes_nothing(database: str) -> None:
    await migrate(database)
    assert await on(database, differences) == []


async def test_tables_of_durable_execution_are_none_of_our_business(database: str) -> None:
    for name in ("datasource_outputs", "dbos_datasource_migrations"):
        await on(database, lambda connection, name=name: connection.execute(text(f"CREATE TABLE {name} (id INTEGER)")))
    assert await on(database, differences) == []


async def test_several_processes_may_migrate_at_once(empty_database: str) -> None:
    code = "import asyncio, sys; from voicegw.outcomes.migrate import migrate; asyncio.run(migrate(sys.argv[1]))"
    all_of_them = [subprocess.Popen([sys.executable, "-c", code, empty_database]) for _ in range(4)]
    assert [process.wait(60) for process in all_of_them] == [0, 0, 0, 0]
    assert await on(empty_database, differences) == []


async def test_a_database_of_a_newer_version_is_left_alone(database: str) -> None:
    await on(database, lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(SetupError, match=r"newer voicegw.*9999.*upgrade voicegw"):
        await migrate(database)
    with pytest.raises(SetupError, match="another version"):
        await check_migrated(database)


async def test_an_empty_database_is_told_what_makes_it_ready(empty_database: str) -> None:
    with pytest.raises(SetupError, match="voicegw serve"):
        await check_migrated(empty_database)
    await migrate(empty_database)
    await check_migrated(empty_database)


async def test_asking_makes_no_database(tmp_path: Path) -> None:
    with pytest.raises(SetupError):
        await check_migrated(f"sqlite:///{tmp_path / 'calls.sqlite'}")
    assert not list(tmp_path.iterdir())


def test_an_installation_without_migrations_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(migrate_module.voicegw, "__file__", str(tmp_path / "voicegw" / "__init__.py"))
    with pytest.raises(SetupError, match="install voicegw again"):
        asyncio.run(migrate(f"sqlite:///{tmp_path / 'calls.sqlite'}"))


BEFORE_LAST = [revision.revision for revision in reversed(revisions())][:-1]
SAMPLES = {
    "TEXT": "text é",
    "DOUBLE": 1.5,
    "DOUBLE PRECISION": 1.5,
    "INTEGER": 3,
    "BOOLEAN": True,
    "JSON": '{"order_id": "4567"}',
    "BLOB": b"\0\1",
    "BYTEA": b"\0\1",
}
"""A value for each type of column."""
NAMED = {"call_id": "c1", "worker_losses": "[[1.5, true]]"}
"""Values that must be something in particular."""


def fill_all(connection: Connection) -> dict[str, dict[str, object]]:
    """A row in every table that there is at this revision; what was put in, by table."""
    found = inspect(connection)
    tables = [name for name in found.get_table_names() if name != "alembic_version" and ours(name, "table")]
    put: dict[str, dict[str, object]] = {}
    for table in sorted(tables, key=lambda name: name not in ("calls", "users")):  # others refer to them
        columns = {
            str(column["name"]): str(column["type"]).partition(" COLLATE")[0] for column in found.get_columns(table)
        }
        row = {name: NAMED.get(name, SAMPLES[kind]) for name, kind in columns.items()}
        parsed = "JSON" if connection.dialect.name == "postgresql" else ""  # SQLite keeps the text
        places = ", ".join(f"CAST(:{name} AS JSON)" if columns[name] == parsed else f":{name}" for name in row)
        names = ", ".join(f'"{name}"' for name in row)
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), row)
        put[table] = row
    return put


def read_all(connection: Connection, tables: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """The rows again, as far as the columns go that they were put in with."""
    read: dict[str, dict[str, object]] = {}
    for table, row in tables.items():
        names = ", ".join(f'"{name}"' for name in row)
        (found,) = connection.execute(text(f"SELECT {names} FROM {table}")).mappings()
        read[table] = dict(found)
    return read


def plain(rows: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """PostgreSQL's driver gives JSON parsed, SQLite's as text; SQLite gives truth as 1."""
    return {
        table: {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in row.items()}
        for table, row in rows.items()
    }


@pytest.mark.parametrize("revision", BEFORE_LAST)
async def test_what_is_in_a_database_of_an_earlier_version_is_there_after_migrating(
    empty_database: str, revision: str
) -> None:
    await migrate(empty_database, revision)
    put = await on(empty_database, fill_all)
    assert "calls" in put
    await migrate(empty_database)
    assert await on(empty_database, differences) == []
    assert plain(await on(empty_database, lambda connection: read_all(connection, put))) == plain(put)
    store = OutcomeStore(empty_database)
    story = await store.show_call("c1")
    await store.close()
    assert story is not None
    assert story.turns[0].no_match is (revision not in BEFORE_NO_MATCH)


BEFORE_NO_MATCH = ("0001",)
"""Turns of these revisions have no word on it, which reads as no."""
