"""Deletes what a dialplan no longer wants kept: words, values, callers' numbers, and recordings. Rows stay, for counts.

What is deleted: texts of turns, slots, the caller's number, events' values, what was asked and answered before a
write, and the recording. What stays: that there was a call, when, how long, how fast, and how it ended.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.elements import ColumnElement

from voicegw.outcomes.database import connect, parse_url, reading, writing
from voicegw.outcomes.tables import actions, calls, events, turns
from voicegw.recording.format import SUFFIX

DEFAULT_DAYS = 90
"""Of calls whose dialplan is not there any more, or that never had one."""
DAY_S = 86_400
BATCH = 500
"""Calls in one transaction: recorders and consoles wait no longer than for these."""


@dataclass(frozen=True)
class Deleted:
    """What a purge deleted."""

    calls: int = 0
    """Calls whose words are gone now."""
    turns: int = 0
    """Their turns."""
    recordings: int = 0
    recording_bytes: int = 0


async def purge(
    url: str, recordings: Path, retention_days: Mapping[str, int], now: float, *, dry_run: bool = False
) -> dict[str, Deleted]:
    """Delete what is due, and say what, by dialplan (empty name: of calls without one that is known).

    :param url: of the database.
    :param recordings: the folder of recordings.
    :param retention_days: by dialplan.
    :param now: Unix time.
    :param dry_run: say what would be deleted.
    :raises ServerAway: the database is away; what was deleted by then is deleted.
    """
    engine = connect(parse_url(url))
    found: dict[str, Deleted] = {}
    try:
        for name in (*sorted(retention_days), ""):
            due = _due(name, retention_days, now)
            async with reading(engine) as connection:
                ids = list((await connection.execute(due)).scalars())
                old = set((await connection.execute(_old(name, retention_days, now))).scalars())
            taken = 0
            for at in range(0, len(ids), BATCH):
                taken += await _forget(engine, ids[at : at + BATCH], dry_run)
            count, size = _delete_recordings(recordings, old, dry_run)
            if ids or count:
                found[name] = Deleted(len(ids), taken, count, size)
    finally:
        await engine.dispose()
    return found


def _of(name: str, retention_days: Mapping[str, int], now: float) -> ColumnElement[bool]:
    """Calls of a dialplan that are past their time and over."""
    days = retention_days.get(name, DEFAULT_DAYS)
    whose = (
        calls.c.dialplan == name if name else or_(calls.c.dialplan.is_(None), calls.c.dialplan.not_in(retention_days))
    )
    return and_(whose, calls.c.began_at < now - days * DAY_S, calls.c.closed_at.is_not(None))


def _old(name: str, retention_days: Mapping[str, int], now: float) -> Select[Any]:
    return select(calls.c.call_id).where(_of(name, retention_days, now))


def _due(name: str, retention_days: Mapping[str, int], now: float) -> Select[Any]:
    """Those that still hold something."""
    spoken = select(turns.c.call_id).where(
        turns.c.call_id == calls.c.call_id, or_(turns.c.caller_text != "", turns.c.agent_text != "")
    )
    holds = or_(calls.c.caller.is_not(None), spoken.exists())
    return _old(name, retention_days, now).where(holds).order_by(calls.c.began_at)


async def _forget(engine: AsyncEngine, ids: list[str], dry_run: bool) -> int:
    """Returns how many turns."""
    if dry_run:
        async with reading(engine) as connection:
            return len((await connection.execute(select(turns.c.index).where(turns.c.call_id.in_(ids)))).all())
    async with writing(engine) as connection:
        return await connection.run_sync(_blank, ids)


def _blank(connection: Connection, ids: list[str]) -> int:
    words = update(turns).where(turns.c.call_id.in_(ids)).values(caller_text="", agent_text="")
    taken = connection.execute(words).rowcount
    connection.execute(update(calls).where(calls.c.call_id.in_(ids)).values(caller=None, slots={}))
    connection.execute(delete(events).where(events.c.call_id.in_(ids)))
    asked = update(actions).where(actions.c.call_id.in_(ids), actions.c.finished_at.is_not(None))
    connection.execute(asked.values(caller="", question="", answer="", arguments={}, subject="", notice=None))
    return taken


def _delete_recordings(folder: Path, call_ids: set[str], dry_run: bool) -> tuple[int, int]:
    """How many, and their bytes."""
    count = size = 0
    for file in folder.glob(f"*{SUFFIX}") if folder.is_dir() else ():
        if file.name.removesuffix(SUFFIX) not in call_ids:
            continue
        with suppress(FileNotFoundError):  # another purge was quicker
            bytes_ = file.stat().st_size
            if not dry_run:
                file.unlink()
            count, size = count + 1, size + bytes_
    return count, size
