"""The connection to the order database, opened at first use."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from voicegw.actions.requests import Embed

from . import demo, tables
from .settings import OrdersSettings

AWAY = (SQLAlchemyError, OSError, asyncpg.PostgresError)
"""What is raised when the database cannot be reached or used; asyncpg's own while connecting."""


class Database:
    """Orders in SQLite or any database that SQLAlchemy speaks to. Belongs to one event loop."""

    def __init__(self, settings: OrdersSettings) -> None:
        self._settings = settings
        self._engine: AsyncEngine | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction."""
        engine = await self._open()
        async with engine.begin() as connection:
            yield connection

    async def open(self, embed: Embed | None) -> None:
        """Connect ahead of the first caller."""
        await self._open()

    async def close(self) -> None:
        """Close all connections."""
        if self._engine:
            await self._engine.dispose()
            self._engine = None

    async def health(self) -> str:
        """Empty when well, else what to do. A default database that is not there yet will be made."""
        if not self._settings.url and not (self._settings.data_dir / "orders.sqlite").exists():
            return ""
        try:
            async with self.begin():
                return ""
        except AWAY as error:
            url = make_url(self._settings.resolved_url).render_as_string(hide_password=True)
            return f"cannot reach {url}: {error} (setting integration.orders_db.url)"

    async def _open(self) -> AsyncEngine:
        async with self._opening:
            if self._engine is None:
                engine = _engine(self._settings.resolved_url)
                await self._prepare(engine)
                self._engine = engine
        return self._engine

    async def _prepare(self, engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            await connection.run_sync(tables.metadata.create_all)
            if self._settings.with_demo_orders:
                await demo.refresh(connection, date.today())


def _engine(url: str) -> AsyncEngine:
    parsed = make_url(url)
    if not parsed.drivername.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, connect_args={"timeout": 5})
    event.listen(engine.sync_engine, "connect", _leave_begin_to_us)
    event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _leave_begin_to_us(connection: Any, _: Any) -> None:
    connection.isolation_level = None


def _begin_immediate(connection: Any) -> None:
    """Several processes write; a transaction that begins as reader and turns writer would fail as busy."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
