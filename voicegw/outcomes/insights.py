"""How calls go, counted: by day, dialplan, version, task and hour; which questions and tools fail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from voicegw.outcomes.database import connect, parse_url, reading
from voicegw.outcomes.replies import Replies, Reply
from voicegw.outcomes.tables import COUNTED_BY, calls, events, turns

MOST_TURNS = 5_000
"""Questions and tools are those of the newest turns of the period, so that a page comes at once."""
MOST_REPLIES = 2_000
"""Latencies are those of so many replies of the whole period, for the same reason."""
HOUR_S, DAY_S = 3600.0, 86400.0
GOOD_PART = 3
"""A period that is one of so many parts of all that is stored is counted by reading all: that is quicker by then."""
_LATENCY = turns.c.first_packet_ms - turns.c.last_voice_ms
_OVER = calls.c.disposition.is_not(None)


@dataclass(frozen=True)
class Period:
    """Which calls are counted."""

    since: float
    """Unix time; began then or later."""
    until: float
    dialplan: str = ""
    """Empty: of all."""

    def is_most_since(self, first_at: float) -> bool:
        """Whether it is a good part of the time from ``first_at`` on."""
        return (self.until - max(self.since, first_at)) * GOOD_PART > self.until - first_at


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
    talked_s: float
    """Together."""
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
    def talk_s(self) -> float | None:
        """On average."""
        return self.talked_s / self.calls if self.calls else None

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
class Counted:
    """Calls of a period by all that tables tell apart, so that one look at the database makes them all."""

    cells: tuple[tuple[tuple[str, str, str], Group], ...]
    """Dialplan, version and task, each as text; and what came of these calls."""

    def whole(self) -> Group:
        """Of all calls."""
        return _merged("", [group for _, group in self.cells])

    def by(self, name: str) -> list[Group]:
        """By ``dialplan``, ``version`` or ``task``, the most calls first."""
        place = BY.index(name)
        groups: dict[str, list[Group]] = {}
        for names, group in self.cells:
            groups.setdefault(names[place], []).append(group)
        return sorted((_merged(*each) for each in groups.items()), key=lambda group: -group.calls)


BY = COUNTED_BY
_COUNTS = tuple(field.name for field in fields(Group) if field.name != "name")


def _merged(name: str, groups: Iterable[Group]) -> Group:
    members = list(groups)
    return Group(name, *(sum(getattr(group, count) for group in members) for count in _COUNTS))


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


class Insights:
    """Counted in the database that ``url`` names."""

    def __init__(self, url: str) -> None:
        """:raises SettingsError: not a URL of a database we speak to."""
        self._engine = connect(parse_url(url))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def counted(self, period: Period) -> Counted:
        """Calls of the period that are over."""
        async with reading(self._engine) as connection:
            first_at = (await connection.execute(select(func.min(calls.c.began_at)))).scalar()
            most = period.is_most_since(first_at or 0.0)
            rows = (await connection.execute(_counts(period, *(calls.c[name] for name in BY), in_order=most))).all()
        return Counted(tuple((_names(row[:3]), _group("", row[3:])) for row in rows))

    async def over_time(self, period: Period, step_s: float) -> list[tuple[float, Group]]:
        """By the hour or the day, from the period's beginning on; steps without calls are left out."""
        number = func.floor((calls.c.began_at - period.since) / step_s)
        async with reading(self._engine) as connection:
            rows = (await connection.execute(_counts(period, number))).all()
        return sorted((period.since + float(row[0]) * step_s, _group(str(row[0]), row[1:])) for row in rows)

    async def replies(self, period: Period, turns_taken: int) -> Replies:
        """How long callers waited: of all replies, or of so many calls, chosen by chance, that these tell.

        :param turns_taken: in the period, about.
        """
        columns = (*(calls.c[name] for name in BY), calls.c.began_at, _LATENCY)
        joined = calls.join(turns, turns.c.call_id == calls.c.call_id)
        query = select(*columns).select_from(joined).where(_within(period), _LATENCY.is_not(None))
        if turns_taken > MOST_REPLIES:  # ids are random hexadecimal digits: those below one of them are a sample
            query = query.where(calls.c.call_id < f"{MOST_REPLIES * 16**8 // turns_taken:08x}")
        async with reading(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        return Replies(tuple(Reply(_names(row[:3]), row[3], row[4]) for row in rows))

    async def unanswered(self, period: Period, limit: int = 500) -> list[Asked]:
        """The newest things said that were not understood."""
        columns = (turns.c.caller_text, turns.c.call_id, turns.c.index, turns.c.at)
        query = _newest_turns(period, *columns).where(turns.c.no_match, turns.c.caller_text != "")
        query = query.where(calls.c.turns_missed > 0).limit(limit)
        async with reading(self._engine) as connection:
            return [Asked(*row) for row in await connection.execute(query)]

    async def tools(self, period: Period) -> list[ToolGroup]:
        """Tools by what they answered in the newest calls, the most first."""
        values = events.c["values"]
        answers = (
            _newest_turns(
                period,
                *(values[name].as_string().label(name) for name in ("tool", "status")),
                values["took_ms"].as_float().label("took_ms"),
                table=events,
            )
            .where(events.c.kind == "ToolAnswered")
            .limit(MOST_TURNS)
            .subquery()
        )
        by = answers.c.tool, answers.c.status
        count = func.count()
        grouped = select(*by, count, func.max(answers.c.took_ms)).group_by(*by).order_by(count.desc(), *by)
        async with reading(self._engine) as connection:
            return [ToolGroup(*row) for row in await connection.execute(grouped)]


def _names(values: Sequence[Any]) -> tuple[str, str, str]:
    dialplan, version, task = ("" if value is None else str(value) for value in values)
    return dialplan, version, task


def _group(name: str, counts: Sequence[Any]) -> Group:
    return Group(name, *(count or 0 for count in counts))


def _counts(period: Period, *by: ColumnElement[Any], in_order: bool = False) -> Select[Any]:
    """:param in_order: of ``COUNTED_BY``, by their index, all of which is read then; else by that of times."""

    def ended(*dispositions: str) -> ColumnElement[int]:
        return func.sum(case((calls.c.disposition.in_(dispositions), 1), else_=0))

    columns = (
        func.count(),
        ended("completed"),
        ended("handed_over"),
        ended("abandoned"),
        ended("failed", "refused"),
        func.sum(calls.c.closed_at - calls.c.answered_at),
        func.sum(calls.c.turns),
        func.sum(calls.c.turns_said),
        func.sum(calls.c.turns_missed),
        func.sum(calls.c.turns_interrupted),
    )
    began_at = calls.c.began_at + 0.0 if in_order else calls.c.began_at  # an expression has no index
    return select(*by, *columns).where(_within(period, began_at), _OVER).group_by(*by)


def _within(period: Period, began_at: ColumnElement[float] = calls.c.began_at) -> ColumnElement[bool]:
    began = and_(began_at >= period.since, began_at < period.until)
    return and_(began, calls.c.dialplan == period.dialplan) if period.dialplan else began


def _newest_turns(period: Period, *columns: ColumnElement[Any], table: Any = turns) -> Select[Any]:
    joined = calls.join(table, table.c.call_id == calls.c.call_id)
    return select(*columns).select_from(joined).where(_within(period)).order_by(calls.c.began_at.desc())
