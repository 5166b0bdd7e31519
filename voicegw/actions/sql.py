"""A SQL database behind an integration: opened at first use, safe among processes, away without a crash.

Integrations that keep their data in SQL import it beside ``voicegw.actions.requests``; see ``integrations/orders_db``.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import asyncpg
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Column, Date, MetaData, Table, delete, event, insert, inspect, make_url, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from voicegw.actions.requests import Embed, ToolUnreachable

PutIn = Callable[[AsyncConnection, date], Awaitable[None]]
AWAY = (SQLAlchemyError, OSError, asyncpg.PostgresError)
"""What is raised when a database cannot be reached or used; asyncpg's own while connecting."""
READS: Mapping[str, object] = MappingProxyType({"reads": True})
"""Execution options of a transaction that changes nothing."""
BUSY_S = 5.0
"""How long one process waits for another that writes to the same SQLite file."""


class SqlSettings(BaseModel):
    """What every integration over SQL is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field("", description="SQLAlchemy URL, async driver; empty: SQLite in the data folder.", repr=False)
    data_dir: Path = Field(Path(), description="The service's data folder.")
    demo: bool | None = Field(
        None, description="Put demo rows in, fresh every day. Empty: only into the default database."
    )
    time_limit_s: float = Field(3.0, gt=0, description="After this the caller hears that it takes too long.")

    @property
    def with_demo(self) -> bool:
        """Never into a company's own database unless asked for: they replace rows of the same number."""
        return not self.url if self.demo is None else self.demo


class Database:
    """SQLite or any database that SQLAlchemy speaks to. Belongs to one event loop.

    :param name: of the integration, as ``orders_db``; its file in the data folder is ``orders.sqlite``.
    :param metadata: tables, made if they are not there.
    :param demo: rows to try it with, put in when it is opened.
    """

    def __init__(
        self, name: str, settings: SqlSettings, metadata: MetaData, demo: "FreshEveryDay | None" = None
    ) -> None:
        self._name = name
        self._file = None if settings.url else settings.data_dir / f"{name.removesuffix('_db')}.sqlite"
        self._url = settings.url or f"sqlite+aiosqlite:///{self._file}"
        self._metadata = metadata
        self._demo = demo
        self._engine: AsyncEngine | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that changes nothing: in SQLite, no other one waits for it, nor it for others.

        :raises ToolUnreachable: the database is away, or refuses.
        """
        async with self.begin(READS) as connection:
            yield connection

    @asynccontextmanager
    async def begin(self, options: Mapping[str, object] = MappingProxyType({})) -> AsyncIterator[AsyncConnection]:
        """A transaction.

        :raises ToolUnreachable: the database is away, or refuses.
        :raises IntegrityError: another process was first.
        """
        try:
            engine = await self._open()
            async with engine.execution_options(**options).begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except AWAY as error:
            raise ToolUnreachable(f"the database of {self._name} is away: {error}") from error

    async def open(self, embed: Embed | None) -> None:
        """Connect ahead of the first caller."""
        async with self.begin():
            pass

    async def close(self) -> None:
        """Close all connections."""
        if self._engine:
            await self._engine.dispose()
            self._engine = None

    async def health(self) -> str:
        """Empty when well, else what to do. A default database that is not there yet will be made."""
        if self._file and not self._file.exists():
            return ""
        try:
            async with self.begin():
                return ""
        except ToolUnreachable as error:
            url = make_url(self._url).render_as_string(hide_password=True)
            return f"cannot reach {url}: {error} (setting integration.{self._name}.url)"

    async def _open(self) -> AsyncEngine:
        async with self._opening:
            if self._engine is None:
                engine = _engine(self._url)
                async with engine.execution_options(**READS).begin() as connection:
                    is_ready = await self._is_ready(connection)
                if not is_ready:
                    async with engine.begin() as connection:
                        await connection.run_sync(self._metadata.create_all)
                        if self._demo:
                            await self._demo.prepare(connection)
                self._engine = engine
        return self._engine

    async def _is_ready(self, connection: AsyncConnection) -> bool:
        """Looked at without a lock: every worker does, and all but the first find it so."""
        there = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
        return there >= set(self._metadata.tables) and (self._demo is None or await self._demo.is_there(connection))


def import_driver() -> None:
    """SQLite's, which SQLAlchemy imports with the first engine: 20 ms that no forked process need spend."""
    make_url("sqlite+aiosqlite://").get_dialect().import_dbapi()


def demo_table(metadata: MetaData) -> Table:
    """Remembers the day on which demo rows were put in."""
    return Table("demo", metadata, Column("day", Date, primary_key=True))


@dataclass(frozen=True)
class FreshEveryDay:
    """Demo rows whose dates are counted from today."""

    days: Table
    """Of ``demo_table``."""
    put_in: PutIn
    """Takes yesterday's out and puts today's in."""

    async def is_there(self, connection: AsyncConnection) -> bool:
        """Today's rows are."""
        return (await connection.execute(select(self.days.c.day))).scalar_one_or_none() == date.today()

    async def prepare(self, connection: AsyncConnection) -> None:
        """Put today's rows in, unless they are there."""
        if await self.is_there(connection):
            return
        today = date.today()
        await self.put_in(connection, today)
        await connection.execute(delete(self.days))
        await connection.execute(insert(self.days), [{"day": today}])


def _engine(url: str) -> AsyncEngine:
    parsed = make_url(url)
    if not parsed.drivername.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, connect_args={"timeout": BUSY_S})
    event.listen(engine.sync_engine, "connect", _make_ready)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _make_ready(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")  # who reads never waits
    cursor.close()


def _begin(connection: Any) -> None:
    """Several processes write; a transaction that begins as reader and turns writer would fail as busy."""
    reads = connection.get_execution_options().get("reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
