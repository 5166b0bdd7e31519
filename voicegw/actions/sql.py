"""A SQL database behind an integration: opened at first use, safe among processes, away without a crash.

Integrations that keep their data in SQL import it beside ``voicegw.actions.requests``; see ``integrations/orders_db``.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Column, Date, MetaData, Table, delete, event, insert, make_url, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from voicegw.actions.requests import Embed, ToolUnreachable

Prepare = Callable[[AsyncConnection], Awaitable[None]]
AWAY = (SQLAlchemyError, OSError, asyncpg.PostgresError)
"""What is raised when a database cannot be reached or used; asyncpg's own while connecting."""
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
    :param prepare: run once, in the transaction that opens it: demo rows.
    """

    def __init__(self, name: str, settings: SqlSettings, metadata: MetaData, prepare: Prepare | None = None) -> None:
        self._name = name
        self._file = None if settings.url else settings.data_dir / f"{name.removesuffix('_db')}.sqlite"
        self._url = settings.url or f"sqlite+aiosqlite:///{self._file}"
        self._metadata = metadata
        self._prepare = prepare
        self._engine: AsyncEngine | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction.

        :raises ToolUnreachable: the database is away, or refuses.
        :raises IntegrityError: another process was first.
        """
        try:
            engine = await self._open()
            async with engine.begin() as connection:
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
                async with engine.begin() as connection:
                    await connection.run_sync(self._metadata.create_all)
                    if self._prepare:
                        await self._prepare(connection)
                self._engine = engine
        return self._engine


def demo_table(metadata: MetaData) -> Table:
    """Remembers the day on which demo rows were put in."""
    return Table("demo", metadata, Column("day", Date, primary_key=True))


def fresh_every_day(demo: Table, put_in: Callable[[AsyncConnection, date], Awaitable[None]]) -> Prepare:
    """Demo rows whose dates are counted from today: put in unless today's are there already.

    :param put_in: takes yesterday's out and puts today's in.
    """

    async def prepare(connection: AsyncConnection) -> None:
        today = date.today()
        day = (await connection.execute(select(demo.c.day))).scalar_one_or_none()
        if day == today:
            return
        await put_in(connection, today)
        await connection.execute(delete(demo))
        await connection.execute(insert(demo), [{"day": today}])

    return prepare


def _engine(url: str) -> AsyncEngine:
    parsed = make_url(url)
    if not parsed.drivername.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, connect_args={"timeout": BUSY_S})
    event.listen(engine.sync_engine, "connect", _leave_begin_to_us)
    event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _leave_begin_to_us(connection: Any, _: Any) -> None:
    connection.isolation_level = None


def _begin_immediate(connection: Any) -> None:
    """Several processes write; a transaction that begins as reader and turns writer would fail as busy."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
