"""How calls went, by dialplan and version, for a stretch of time: what alerts are made of."""

from collections import Counter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from voicegw.observe.rules import Spell
from voicegw.outcomes.database import connect, parse_url, reading
from voicegw.outcomes.tables import calls, events, turns

_LATENCY = turns.c.first_packet_ms - turns.c.last_voice_ms
FAILED = ("failed", "too_slow")
MOST_LATENCIES = 20_000
"""Of the latest turns; more do not move a percentile."""


class Trends:
    """In the database that ``url`` names."""

    def __init__(self, url: str) -> None:
        """:raises SettingsError: not a URL of a database we speak to."""
        self._engine = connect(parse_url(url))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def spells(self, since: float) -> dict[tuple[str, int], Spell]:
        """By dialplan and version, of calls that began since then (Unix time); without latencies.

        :raises ServerAway: the database is away.
        """
        async with reading(self._engine) as connection:
            return await connection.run_sync(_spells, since)

    async def latencies(self, since: float) -> dict[str, list[float]]:
        """By dialplan, ascending, in ms, of turns taken since then.

        :raises ServerAway: the database is away.
        """
        found: dict[str, list[float]] = {}
        query = _of_turns(select(calls.c.dialplan, _LATENCY.label("ms"))).where(
            turns.c.at >= since, calls.c.began_at >= since - 3600.0, _LATENCY.is_not(None)
        )
        async with reading(self._engine) as connection:
            for dialplan, ms in await connection.execute(query.limit(MOST_LATENCIES)):
                found.setdefault(dialplan or "", []).append(float(ms))
        return {dialplan: sorted(values) for dialplan, values in found.items()}

    async def tools(self, since: float) -> dict[str, tuple[int, int]]:
        """How often each tool was asked since then, and how often it failed or was too slow.

        :raises ServerAway: the database is away.
        """
        asked: Counter[str] = Counter()
        failed: Counter[str] = Counter()
        recent = select(calls.c.call_id).where(calls.c.began_at >= since)
        query = select(events.c["values"]).where(events.c.kind == "ToolAnswered", events.c.call_id.in_(recent))
        async with reading(self._engine) as connection:
            for values in (await connection.execute(query)).scalars():
                asked[values["tool"]] += 1
                failed[values["tool"]] += values["status"] in FAILED
        return {tool: (count, failed[tool]) for tool, count in asked.items()}


def _spells(connection: Connection, since: float) -> dict[tuple[str, int], Spell]:
    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    by = (calls.c.dialplan, calls.c.version)
    over = count(calls.c.disposition.is_not(None) & (calls.c.disposition != "refused"))
    completed = count(calls.c.disposition == "completed")
    ended = connection.execute(select(*by, over, completed).where(calls.c.began_at >= since).group_by(*by))
    spoken = _of_turns(select(*by, func.count(), count(turns.c.no_match)))
    said = connection.execute(spoken.where(calls.c.began_at >= since, turns.c.caller_text != "").group_by(*by))
    heard = {(name, version): (number, missed) for name, version, number, missed in said}
    return {
        (name, version or 0): Spell(number, done, *heard.get((name, version), (0, 0)))
        for name, version, number, done in ended
        if name
    }


def _of_turns(query: Select[Any]) -> Select[Any]:
    return query.select_from(turns).join(calls, calls.c.call_id == turns.c.call_id)
