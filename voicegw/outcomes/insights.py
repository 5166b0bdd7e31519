"""How calls go, counted: by day, dialplan, version, task and hour; which questions and tools fail."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal_column, select

from voicegw.outcomes.database import connect, parse_url, reading
from voicegw.outcomes.tables import calls, events, turns

MOST_TURNS = 20_000
"""Latencies and questions are those of the newest turns of the period, so that a page comes at once."""
HOUR_S, DAY_S = 3600.0, 86400.0
_LATENCY = turns.c.first_packet_ms - turns.c.last_voice_ms
_OVER = calls.c.disposition.is_not(None)
BY = {"dialplan": calls.c.dialplan, "version": calls.c.version, "task": calls.c.task}


@dataclass(frozen=True)
class Period:
    """Which calls are counted."""

    since: float
    """Unix time; began then or later."""
    until: float
    dialplan: str = ""
    """Empty: of all."""


@dataclass(frozen=True)
class Group:
    """What came of some calls."""

    name: str
    calls: int
    """That are over."""
    completed: int
    handed_over: int
    abandoned: int
    failed: int
    """Or refused."""
    talk_s: float | None
    """On average."""
    turns: int
    said: int
    """Turns in which the caller said something."""
    missed: int
    """Of these, not understood."""
    interrupted: int

    def share(self, count: int) -> float | None:
        """``count`` of the calls, 0 to 1."""
        return count / self.calls if self.calls else None

    @property
    def contained(self) -> float | None:
        """Calls that no person had to take, of those that were not broken off by the caller or by us."""
        ended = self.completed + self.handed_over
        return self.completed / ended if ended else None

    @property
    def no_match(self) -> float | None:
        """Of what callers said, the share that was not understood."""
        return self.missed / self.said if self.said else None

    @property
    def interruption(self) -> float | None:
        """Of all turns, those cut short by the caller."""
        return self.interrupted / self.turns if self.turns else None


@dataclass(frozen=True)
class Asked:
    """Something callers said that nothing answered."""

    text: str
    call_id: str
    turn: int
    at: float


@dataclass(frozen=True)
class ToolGroup:
    """What came of one tool."""

    tool: str
    status: str
    count: int
    slowest_ms: float | None


@dataclass(frozen=True)
class Latency:
    """Of replies; None: there were none."""

    count: int
    p50_ms: float | None
    p90_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class Insights:
    """Counted in the database that ``url`` names."""

    def __init__(self, url: str) -> None:
        """:raises SettingsError: not a URL of a database we speak to."""
        self._engine = connect(parse_url(url))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def whole(self, period: Period) -> Group:
        """Of all calls of the period."""
        return (await self._groups(period, literal_column("''")))[0]

    async def groups(self, period: Period, by: str) -> list[Group]:
        """By ``dialplan``, ``version`` or ``task``, the most calls first."""
        found = await self._groups(period, BY[by])
        return sorted(found, key=lambda group: -group.calls)

    async def over_time(self, period: Period, step_s: float) -> list[tuple[float, Group]]:
        """By the hour or the day, from the period's beginning on; steps without calls are left out."""
        number = func.floor((calls.c.began_at - period.since) / step_s)
        found = await self._groups(period, number)
        return sorted((period.since + float(group.name) * step_s, group) for group in found)

    async def latency(self, period: Period) -> Latency:
        """Percentiles of the newest replies."""
        query = _newest_turns(period, _LATENCY).where(_LATENCY.is_not(None)).limit(MOST_TURNS)
        async with reading(self._engine) as connection:
            values = sorted((await connection.execute(query)).scalars())
        return Latency(len(values), *(_rank(values, percent) for percent in (50, 90, 95, 99)))

    async def unanswered(self, period: Period, limit: int = 500) -> list[Asked]:
        """The newest things said that were not understood."""
        columns = (turns.c.caller_text, turns.c.call_id, turns.c.index, turns.c.at)
        query = _newest_turns(period, *columns).where(turns.c.no_match, turns.c.caller_text != "")
        query = query.where(calls.c.turns_missed > 0).limit(limit)
        async with reading(self._engine) as connection:
            return [Asked(*row) for row in await connection.execute(query)]

    async def tools(self, period: Period) -> list[ToolGroup]:
        """Tools by what they answered in the newest calls, the most first."""
        newest = _newest_turns(period, events.c["values"], table=events).where(events.c.kind == "ToolAnswered")
        async with reading(self._engine) as connection:
            answers = (await connection.execute(newest.limit(MOST_TURNS))).scalars()
        counted: dict[tuple[str, str], list[float]] = {}
        for answer in answers:
            counted.setdefault((answer["tool"], answer["status"]), []).append(answer["took_ms"])
        found = [ToolGroup(tool, status, len(took), max(took)) for (tool, status), took in counted.items()]
        return sorted(found, key=lambda each: (-each.count, each.tool))

    async def _groups(self, period: Period, by: ColumnElement[Any]) -> list[Group]:
        async with reading(self._engine) as connection:
            return await connection.run_sync(_counted, period, by)


def _counted(connection: Connection, period: Period, by: ColumnElement[Any]) -> list[Group]:
    rows = connection.execute(_counts(period, by)).all()
    made = [Group("" if row[0] is None else str(row[0]), *(value if number == 5 else int(value or 0)
            for number, value in enumerate(row[1:]))) for row in rows]  # fmt: skip
    return made or [Group("", 0, 0, 0, 0, 0, None, 0, 0, 0, 0)]


def _counts(period: Period, by: ColumnElement[Any]) -> Select[Any]:
    def ended(*dispositions: str) -> ColumnElement[int]:
        return func.sum(case((calls.c.disposition.in_(dispositions), 1), else_=0))

    group = by.label("group")
    columns = (
        group,
        func.count(),
        ended("completed"),
        ended("handed_over"),
        ended("abandoned"),
        ended("failed", "refused"),
        func.avg(calls.c.closed_at - calls.c.answered_at),
        func.sum(calls.c.turns),
        func.sum(calls.c.turns_said),
        func.sum(calls.c.turns_missed),
        func.sum(calls.c.turns_interrupted),
    )
    return select(*columns).where(_within(period), _OVER).group_by(group)


def _within(period: Period) -> ColumnElement[bool]:
    began = and_(calls.c.began_at >= period.since, calls.c.began_at < period.until)
    return and_(began, calls.c.dialplan == period.dialplan) if period.dialplan else began


def _newest_turns(period: Period, *columns: ColumnElement[Any], table: Any = turns) -> Select[Any]:
    joined = calls.join(table, table.c.call_id == calls.c.call_id)
    return select(*columns).select_from(joined).where(_within(period)).order_by(calls.c.began_at.desc())


def _rank(values: Sequence[float], percent: float) -> float | None:
    """Nearest rank, of sorted values."""
    return values[max(math.ceil(percent / 100 * len(values)), 1) - 1] if values else None
