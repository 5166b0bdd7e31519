"""The database: its URL, its connections, and what to say when it is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import (
    TimeoutError as PoolTimeout,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from voicegw.errors import ServerAway, SettingsError
from voicegw.outcomes.record import FactRefused

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
"""Scheme of the URL as people write it, and the driver that is used."""
BUSY_TIMEOUT_S = 10
CONNECT_TIMEOUT_S = 5


def parse_url(text: str) -> URL:
    """The URL with the driver we use.

    :raises SettingsError: not a URL, or of a database we do not speak to.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise SettingsError("database_url is not a URL: write postgresql://USER:PASSWORD@HOST/DATABASE") from None
    driver = DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise SettingsError(f"database_url: {url.drivername} is not spoken here: use sqlite or postgresql")
    if "sslmode" in url.query:  # libpq's name for what asyncpg calls ssl
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": url.query["sslmode"]})
    return url.set(drivername=driver)


def for_workflows(text: str, folder: Path) -> str:
    """URL, for a synchronous driver, of where durable execution keeps its own: in the same PostgreSQL, or beside
    SQLite in a file of its own in ``folder``.

    :raises SettingsError: not a URL of a database we speak to.
    """
    url = parse_url(text)
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{folder.absolute() / 'workflows.sqlite'}"
    if "ssl" in url.query:  # asyncpg's name for what libpq calls sslmode
        url = url.difference_update_query(["ssl"]).update_query_dict({"sslmode": url.query["ssl"]})
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def shown(url: URL) -> str:
    """The URL for people: no driver, no password."""
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)


def connect(url: URL) -> AsyncEngine:
    """An engine; nothing is connected yet."""
    if url.get_backend_name() == "sqlite":
        return _connect_sqlite(url)
    limits: dict[str, Any] = {"timeout": CONNECT_TIMEOUT_S, "command_timeout": 60}
    return create_async_engine(url, connect_args=limits, pool_size=4, pool_pre_ping=True)


def _connect_sqlite(url: URL) -> AsyncEngine:
    if url.database and url.database != ":memory:":
        _make_folder(Path(url.database).parent)
    engine = create_async_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"database_url: cannot make {folder}: {error.strerror}") from None


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # pysqlite's own BEGIN comes late and is deferred; we say it ourselves, in _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that begins by reading and then writes fails at once when another process has written in
    # between (SQLITE_BUSY_SNAPSHOT, no timeout helps); one that says beforehand that it will write just waits.
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that is committed at the end.

    :raises ServerAway: the database cannot be reached, or went away meanwhile: nothing was written.
    :raises FactRefused: it was reached and will not take what was written.
    """
    async with _transaction(engine) as connection:
        yield connection


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that only reads, and waits for no writer.

    :raises ServerAway: the database cannot be reached, or went away meanwhile.
    """
    async with _transaction(engine.execution_options(reads_only=True)) as connection:
        yield connection


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    connection = await _connected(engine)
    try:
        async with connection.begin():
            yield connection
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        verdict = _away if _passes(error) else _refusal
        raise verdict(engine.url, error) from error
    finally:
        await connection.close()


async def _connected(engine: AsyncEngine) -> AsyncConnection:
    try:
        return await engine.connect()
    except (SQLAlchemyError, OSError, TimeoutError, asyncpg.PostgresError) as error:
        # No such host, wrong password, no such database, starting up: to whoever waits it is all the same.
        raise _away(engine.url, error) from error


def _passes(error: BaseException) -> bool:
    """Whether what failed may succeed later, unchanged."""
    if isinstance(error, DBAPIError):
        # OperationalError is what SQLite says when locked, full or unreadable, and PostgreSQL when it stops or has
        # no room left.
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return isinstance(error, PoolTimeout | OSError | TimeoutError)


def _away(url: URL, error: BaseException) -> ServerAway:
    return ServerAway(f"database {shown(url)} does not answer: {_cause(error)} (setting database_url)")


def _refusal(url: URL, error: BaseException) -> FactRefused:
    return FactRefused(f"database {shown(url)} refuses: {_cause(error)}")


def _cause(error: BaseException) -> str:
    origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = str(origin).splitlines()[0] if str(origin) else type(origin).__name__
    return text.rpartition(">: ")[2]  # SQLAlchemy's asyncpg puts the class ahead of the words
