"""What is asked of the list of calls, as it stands in a page's address."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query

from voicegw.outcomes.queries import Wanted
from voicegw.outcomes.rows import CallRow

PAGE_CALLS = 50
Ending = Literal["", "completed", "handed_over", "abandoned", "refused", "failed"]


@dataclass(frozen=True)
class Search:
    """Query parameters of ``/calls``; what is empty does not narrow."""

    words: Annotated[str, Query(description="Said in one turn, by either side; beginnings of words count.")] = ""
    number: Annotated[str, Query(description="The caller's or the one that was called, with or without +.")] = ""
    dialplan: str = ""
    version: Annotated[str, Query(description="Of the dialplan.")] = ""
    task: str = ""
    outcome: Annotated[Ending, Query(description="How it ended.")] = ""
    label: Annotated[str, Query(description="Somebody put it on the call.")] = ""
    slower_ms: Annotated[str, Query(description="A reply took so many milliseconds or more.")] = ""
    since: Annotated[str, Query(description="Began then or later; local time of the service: 2026-03-15T18:35.")] = ""
    until: Annotated[str, Query(description="Began before then.")] = ""
    after: Annotated[str, Query(description="Where the page before ended: BEGAN_AT,CALL_ID.")] = ""

    def wanted(self, limit: int = PAGE_CALLS) -> Wanted:
        """As the store is asked.

        :raises ValueError: names what is not as it should be.
        """
        began_at, _, call_id = self.after.partition(",")
        return Wanted(
            since=_unix("since", self.since),
            until=_unix("until", self.until),
            number=self.number.strip() or None,
            dialplan=self.dialplan.strip() or None,
            version=_whole("version", self.version),
            disposition=self.outcome or None,
            task=self.task.strip() or None,
            words=self.words[:200],
            slower_ms=_number("slower_ms", self.slower_ms),
            label=self.label.strip() or None,
            limit=limit,
            after=(_number("after", began_at) or 0.0, call_id) if self.after else None,
        )

    @property
    def narrows(self) -> bool:
        """Whether anything is asked besides the page."""
        return any(getattr(self, field.name) for field in fields(self) if field.name != "after")

    def address(self, last: CallRow | None = None) -> str:
        """The query string, of the page after ``last``."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "after"}
        values["after"] = f"{last.began_at!r},{last.call_id}" if last else ""
        return urlencode({name: value for name, value in values.items() if value})


def _unix(name: str, text: str) -> float | None:
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{name}: not a time: write 2026-03-15T18:35") from None


def _number(name: str, text: str) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{name}: {text!r} is not a number") from None
    if not abs(value) < 1e12:  # infinity and not-a-number, too
        raise ValueError(f"{name}: {text!r} is out of range")
    return value


def _whole(name: str, text: str) -> int | None:
    if not text.strip():
        return None
    if not (text.strip().isdecimal() and len(text) < 10):
        raise ValueError(f"{name}: {text!r} is not a version")
    return int(text)
