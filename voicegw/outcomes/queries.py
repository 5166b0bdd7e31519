"""What people ask of the table of calls, as SQL that its indexes answer."""

from dataclasses import dataclass, replace

from sqlalchemy import Select, and_, or_, select, union
from sqlalchemy.sql.elements import ColumnElement

from voicegw.outcomes.rows import CallRow
from voicegw.outcomes.tables import call_labels, calls

_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True)
class Wanted:
    """Which calls of a list; what is None does not narrow it."""

    since: float | None = None
    """Unix time; began then or later."""
    until: float | None = None
    """Unix time; began before it."""
    number: str | None = None
    """Caller's or callee's, with or without ``+``; spaces and dashes do not matter."""
    dialplan: str | None = None
    version: int | None = None
    """Of the dialplan."""
    disposition: str | None = None
    task: str | None = None
    words: str = ""
    """Of one turn, all of them, in any order; beginnings of words count."""
    slower_ms: float | None = None
    """A reply took so long or longer."""
    label: str | None = None
    """Somebody said so of it."""
    limit: int = 50
    after: tuple[float, str] | None = None
    """``began_at`` and ``call_id`` of the last call of the page before."""

    def next_page(self, last: CallRow | None, limit: int) -> "Wanted":
        """The ``limit`` calls that follow ``last``; None: the first ones."""
        return replace(self, limit=limit, after=(last.began_at, last.call_id) if last else self.after)


def listed(wanted: Wanted, *further: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    """Calls, newest first.

    :param further: what they must be besides: ``words.said``.
    """
    narrowed = [*_narrowed(wanted), *further]
    if wanted.number is None:
        return _page(select(calls).where(*narrowed), wanted.limit)
    # Each of these is read from the end of one index and cut short; an OR over two columns would be sorted whole.
    found = [
        _page(select(calls.c.call_id).where(column == number, *narrowed), wanted.limit)
        for column in (calls.c.caller, calls.c.callee)
        for number in _spellings(wanted.number)
    ]
    ids = union(*(select(page.subquery().c.call_id) for page in found))
    return _page(select(calls).where(calls.c.call_id.in_(ids)), wanted.limit)


def beginning_with(prefix: str, limit: int) -> Select[str]:
    """Ids of calls, newest first."""
    within = and_(calls.c.call_id >= prefix, calls.c.call_id < prefix + _LAST_CHARACTER)
    return select(calls.c.call_id).where(within).order_by(calls.c.began_at.desc()).limit(limit)


def still_open(began_before: float) -> Select[str]:
    """Ids of calls that have no end."""
    return select(calls.c.call_id).where(calls.c.closed_at.is_(None), calls.c.began_at < began_before)


def _page(query: Select[tuple[object, ...]], limit: int) -> Select[tuple[object, ...]]:
    return query.order_by(calls.c.began_at.desc(), calls.c.call_id.desc()).limit(limit)


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.task is not None:
        conditions.append(calls.c.task == wanted.task)
    if wanted.slower_ms is not None:
        conditions.append(calls.c.slowest_ms >= wanted.slower_ms)
    if wanted.label is not None:
        labelled = select(call_labels.c.call_id).where(call_labels.c.label == wanted.label)
        conditions.append(calls.c.call_id.in_(labelled))
    if wanted.since is not None:
        conditions.append(calls.c.began_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(calls.c.began_at < wanted.until)
    if wanted.dialplan is not None:
        conditions.append(calls.c.dialplan == wanted.dialplan)
    if wanted.version is not None:
        conditions.append(calls.c.version == wanted.version)
    if wanted.disposition is not None:
        conditions.append(calls.c.disposition == wanted.disposition)
    if wanted.after is not None:
        began_at, call_id = wanted.after
        tie = and_(calls.c.began_at == began_at, calls.c.call_id < call_id)
        conditions.append(and_(calls.c.began_at <= began_at, or_(calls.c.began_at < began_at, tie)))
    return conditions


def _spellings(number: str) -> tuple[str, str]:
    bare = "".join(character for character in number if character not in " -().").removeprefix("+")
    return bare, f"+{bare}"
