"""Lengths of time: "3 nights", "a couple of hours", "an hour and a half". Values are ISO 8601 (``PT1H30M``)."""

from dataclasses import dataclass

from voicegw.nlu.en.numbers import number
from voicegw.nlu.turn import EXPLICIT, Candidate, Turn
from voicegw.nlu.words import Words, at, match

MINUTES = {"minute": 1, "minutes": 1, "min": 1, "mins": 1, "hour": 60, "hours": 60, "hr": 60, "hrs": 60}
DAYS = {"day": 1, "days": 1, "night": 1, "nights": 1, "nite": 1, "nites": 1, "week": 7, "weeks": 7,
        "fortnight": 14, "fortnights": 14}  # fmt: skip
MONTHS = {"month": 1, "months": 1, "year": 12, "years": 12}
ARTICLES = ("a", "an", "one", "another", "1")
BETWEEN = ("more", "full", "whole", "extra", "further", "business", "working", "calendar", "-", "good")


@dataclass(frozen=True)
class Length:
    """A length of time, with the index after its last word."""

    j: int
    months: int = 0
    days: float = 0
    minutes: float = 0

    def iso(self) -> str:
        """ISO 8601: whole months, days, hours and minutes."""
        minutes = round(self.minutes + (self.days % 1) * 1440)
        days = int(self.days)
        dated = (f"{self.months}M" if self.months else "") + (f"{days}D" if days else "")
        hours, rest = divmod(minutes, 60)
        timed = (f"{hours}H" if hours else "") + (f"{rest}M" if rest else "")
        return "P" + dated + (f"T{timed}" if timed else "") if dated or timed else "PT0M"


def length(words: Words, i: int) -> Length | None:
    """The length of time that begins at ``i``, with "and a half" and smaller units after it."""
    head = _fixed(words, i) or _counted(words, i)
    if head is None:
        return None
    half = match(words, head.j, ("and a half", "and one half"))
    if half:
        size = head.days if head.days else head.minutes
        unit = 7.0 if size % 7 == 0 and head.days else 1.0
        return Length(half, head.months, head.days + unit / 2, 0) if head.days else Length(
            half, head.months, 0, head.minutes + _unit_minutes(words, head.j) / 2)  # fmt: skip
    quarter = match(words, head.j, ("and a quarter",))
    if quarter and head.minutes:
        return Length(quarter, 0, 0, head.minutes + 15)
    return _and_smaller(words, head)


def _unit_minutes(words: Words, j: int) -> int:
    return MINUTES.get(at(words, j - 1), 1)


def _fixed(words: Words, i: int) -> Length | None:
    """ "half an hour", "three quarters of an hour", "a quarter of an hour", "half a day"."""
    table = {"half an hour": 30, "half hour": 30, "a half hour": 30, "a half an hour": 30, "half a hour": 30,
             "a quarter of an hour": 15, "quarter of an hour": 15, "three quarters of an hour": 45,
             "half a day": 720}  # fmt: skip
    end = match(words, i, table)
    return Length(end, minutes=table[" ".join(word.text for word in words[i:end])]) if end else None


def _counted(words: Words, i: int) -> Length | None:
    read = number(words, i)
    if read is None and at(words, i) in ARTICLES:
        read = (1, i + 1)
    if read is None:
        return None
    value, j = read
    for _ in range(2):
        j += at(words, j) in BETWEEN
    unit = at(words, j)
    if value > 10_000:
        return None
    if unit in MINUTES:
        return Length(j + 1, minutes=value * MINUTES[unit])
    if unit in DAYS:
        return Length(j + 1, days=value * DAYS[unit])
    if unit in MONTHS:
        return Length(j + 1, months=int(value * MONTHS[unit]))
    return None


def _and_smaller(words: Words, head: Length) -> Length:
    """ "two hours and twenty minutes", "one week and two days"; a unit never repeats."""
    k = head.j + (at(words, head.j) in ("and", ","))
    rest = _counted(words, k)
    if rest is None or not _is_smaller(rest, head):
        return head
    return Length(rest.j, head.months, head.days + rest.days, head.minutes + rest.minutes)


def _is_smaller(rest: Length, head: Length) -> bool:
    if rest.months:
        return False
    if rest.days:
        return bool(head.months) or (head.days % 7 == 0 and 0 < rest.days < 7 and head.days > 0)
    return head.minutes >= 60 and rest.minutes < 60 and head.minutes % 60 == 0


def find(turn: Turn) -> list[Candidate]:
    """Every length of time in the turn."""
    found: list[Candidate] = []
    i = 0
    while i < len(turn.words):
        read = length(turn.words, i)
        if read is None:
            i += 1
            continue
        found.append(Candidate("duration", read.iso(), i, read.j, EXPLICIT))
        i = read.j
    return found
