"""Messages that wait, in a SQLite file: they survive every process, and several processes share them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite

LEASE_S = 120.0
"""Who tries to send a message has it for so long; it must be longer than any try."""
KEPT_S = 30 * 86400.0
"""How long the key of a message is remembered after it has ended, so that it is not sent again."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    key TEXT PRIMARY KEY, event_id TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL, tries INTEGER NOT NULL, next_at REAL NOT NULL, created_at REAL NOT NULL, error TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS messages_due ON messages (state, next_at);
"""
WAITING, SENT, REFUSED, GIVEN_UP = "waiting", "sent", "refused", "given_up"


@dataclass(frozen=True)
class Letter:
    """A message in the outbox."""

    key: str
    """Idempotency key of the request; the same key is the same message."""
    event_id: str
    """What receivers know it by: the same at every try."""
    recipient: str
    subject: str
    body: str
    state: str = WAITING
    tries: int = 0
    next_at: float = 0.0
    """Seconds since 1970."""
    created_at: float = 0.0
    error: str = ""
    """Of the last try."""


class Outbox:
    """Belongs to one event loop; the file may be used by several processes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: aiosqlite.Connection | None = None
        self._opening = asyncio.Lock()

    async def accept(self, letter: Letter) -> Letter:
        """Keep a message for sending; returns it as it is kept, with what has become of it if its key is known."""
        await self._run(
            "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
            (letter.key, letter.event_id, letter.recipient, letter.subject, letter.body, letter.state, letter.tries,
             letter.next_at, letter.created_at, letter.error),
        )  # fmt: skip
        (found,) = await self._run("SELECT * FROM messages WHERE key = ?", (letter.key,))
        return found

    async def find(self, key: str) -> Letter | None:
        """What has become of a message."""
        return next(iter(await self._run("SELECT * FROM messages WHERE key = ?", (key,))), None)

    async def claim(self, now: float, key: str = "") -> Letter | None:
        """A message that is due, or the one with this key if it is; nobody else gets it for a while."""
        due = (
            "SELECT key FROM messages WHERE state = ? AND next_at <= ? AND (? = '' OR key = ?) ORDER BY next_at LIMIT 1"
        )
        found = await self._run(
            f"UPDATE messages SET next_at = ?, tries = tries + 1 WHERE key = ({due}) RETURNING *",
            (now + LEASE_S, WAITING, now, key, key),
        )
        return next(iter(found), None)

    async def later(self, key: str, next_at: float, error: str) -> None:
        """It did not work: it is tried again then."""
        await self._run("UPDATE messages SET next_at = ?, error = ? WHERE key = ?", (next_at, error, key))

    async def end(self, key: str, state: str, now: float, error: str = "") -> None:
        """It is over; the words are forgotten, the key is not."""
        await self._run(
            "UPDATE messages SET state = ?, next_at = ?, error = ?, subject = '', body = '' WHERE key = ?",
            (state, now, error, key),
        )

    async def forget_old(self, now: float) -> None:
        """Forget keys of messages that ended long ago."""
        await self._run("DELETE FROM messages WHERE state <> ? AND next_at < ?", (WAITING, now - KEPT_S))

    async def health(self) -> str:
        """Empty, or what could not be sent yet."""
        if not self._file.exists():
            return ""
        rows = await self._run(
            "SELECT * FROM messages WHERE state = ? AND error <> '' ORDER BY next_at DESC", (WAITING,)
        )
        return f"{len(rows)} messages could not be sent yet: {rows[0].error}" if rows else ""

    async def close(self) -> None:
        """Close the file."""
        if self._connection:
            await self._connection.close()
            self._connection = None

    async def _run(self, statement: str, values: Sequence[Any] = ()) -> list[Letter]:
        connection = await self._open()
        async with connection.execute(statement, values) as cursor:
            return [Letter(*row) for row in await cursor.fetchall()]

    async def _open(self) -> aiosqlite.Connection:
        async with self._opening:
            if self._connection is None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                # Each statement is a transaction of its own, and waits for those of other processes.
                connection = await aiosqlite.connect(self._file, timeout=10.0, isolation_level=None)
                await connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _SCHEMA)
                self._connection = connection
        return self._connection
