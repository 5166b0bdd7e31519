"""How calls went with each version of a dialplan, side by side."""

import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, case, func, select

from voicegw.outcomes.database import connect, parse_url, reading
from voicegw.outcomes.tables import calls, turns
from voicegw.publishing.record import FROM_FILE

Conditions = tuple[ColumnElement[bool], ...]
_LATENCY = turns.c.first_packet_ms - turns.c.last_voice_ms


@dataclass(frozen=True)
class VersionResults:
    """What came of one version's calls. None: there is nothing to count."""

    version: int
    calls: int
    completed: int
    handed_over: int
    abandoned: int
    failed: int
    """Or refused."""
    turns: int
    """In which the caller said something."""
    no_match: int
    """Of these, not understood."""
    latency_p50_ms: float | None
    """Caller's last word to the agent's first packet."""
    latency_p95_ms: float | None

    @property
    def no_match_percent(self) -> float | None:
        """Turns that were not understood, of a hundred."""
        return round(100 * self.no_match / self.turns, 1) if self.turns else None

    def percent(self, count: int) -> float | None:
        """``count`` of a hundred calls that are over."""
        over = self.completed + self.handed_over + self.abandoned + self.failed
        return round(100 * count / over, 1) if over else None


async def results(url: str, name: str, since: float) -> list[VersionResults]:
    """Of each version of ``name`` that had calls, newest version first; drafts are not counted.

    :param since: Unix time; calls that began then or later.
    :raises ServerAway: the database is away.
    """
    engine = connect(parse_url(url))
    try:
        async with reading(engine) as connection:
            return await connection.run_sync(_results, name, since)
    finally:
        await engine.dispose()


def _results(connection: Connection, name: str, since: float) -> list[VersionResults]:
    found = connection.execute(_counts(name, since)).mappings().all()
    return [_with_turns(connection, row, (*_these(name, since), calls.c.version == row["version"])) for row in found]


def _with_turns(connection: Connection, counted: RowMapping, these: Conditions) -> VersionResults:
    said = connection.execute(_turns(these)).one()
    timed = connection.execute(_timed(select(func.count()), these)).scalar_one()
    return VersionResults(
        **counted,
        turns=said.turns,
        no_match=said.no_match or 0,
        latency_p50_ms=_percentile(connection, these, timed, 50),
        latency_p95_ms=_percentile(connection, these, timed, 95),
    )


def _these(name: str, since: float) -> Conditions:
    return calls.c.dialplan == name, calls.c.began_at >= since


def _counts(name: str, since: float) -> Select[Any]:
    def ended(*dispositions: str) -> ColumnElement[int]:
        return func.sum(case((calls.c.disposition.in_(dispositions), 1), else_=0))

    columns = (
        calls.c.version,
        func.count().label("calls"),
        ended("completed").label("completed"),
        ended("handed_over").label("handed_over"),
        ended("abandoned").label("abandoned"),
        ended("failed", "refused").label("failed"),
    )
    query = select(*columns).where(*_these(name, since), calls.c.version >= FROM_FILE)
    return query.group_by(calls.c.version).order_by(calls.c.version.desc())


def _turns(these: Conditions) -> Select[int, Any]:
    missed = func.sum(case((turns.c.no_match, 1), else_=0)).label("no_match")
    query = select(func.count().label("turns"), missed).join(calls, calls.c.call_id == turns.c.call_id)
    return query.where(*these, turns.c.caller_text != "")


def _timed(query: Select[Any], these: Conditions) -> Select[Any]:
    return query.select_from(turns).join(calls, calls.c.call_id == turns.c.call_id).where(*these, _LATENCY.is_not(None))


def _percentile(connection: Connection, these: Conditions, count: int, percent: float) -> float | None:
    """Nearest rank; SQLite has no function for it."""
    if not count:
        return None
    rank = max(math.ceil(percent / 100 * count), 1)
    query = _timed(select(_LATENCY), these).order_by(_LATENCY).offset(rank - 1).limit(1)
    return round(float(connection.execute(query).scalar_one()), 1)
