"""Dates and times as values, and the spans that two of them make."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from voicegw.nlu.en.dates import shift
from voicegw.nlu.en.durations import Length, length
from voicegw.nlu.en.moments import Dated, Timed, dates, times
from voicegw.nlu.en.times import Clock
from voicegw.nlu.turn import EXPLICIT, Candidate, Turn
from voicegw.nlu.words import Words, match, match_back

JOINS = ("to", "until", "till", "til", "through", "thru", "-", "–", "and", "up to", "to the", "until the", "till the",
         "and the", "through the", "- the", "up to the", "and leaving", "leaving", "and leaving on",
         "leaving on", "leaving on the", "and leaving on the", "leave on", "and leave on", "leaving the", "leave",
         "and check out on", "checkout", "check out", "check out on", "and check out", "check out on the",
         "and check out on the", "and check out the", "and until", "and returning on", "returning",
         "returning on", "and staying until", "staying until", "staying till", "and will be staying until",
         "and stay until", "stay until", "and going back on", "ending", "ending on")  # fmt: skip
PERIODS = {
    "morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 24), "tonight": (18, 24),
    "this morning": (6, 12), "this afternoon": (12, 18), "this evening": (18, 24), "in the morning": (6, 12),
    "in the afternoon": (12, 18), "in the evening": (18, 24), "at night": (18, 24),
}  # fmt: skip


def find(turn: Turn) -> list[Candidate]:
    """Dates, times, and ranges of both."""
    dated, timed = dates(turn), times(turn)
    dated, pairs = _paired_dates(turn, dated)
    timed, clocks = _paired_times(turn.words, timed)
    days = [(each, day) for each in dated if (day := each.said.resolve(turn.today))]
    found = [Candidate("date", day.isoformat(), each.said.i, each.said.j, each.weight) for each, day in days]
    found += [Candidate("time", _hm(each.clock.resolve()), each.clock.i, each.clock.j, each.weight) for each in timed]
    found += [_range(a.said.i, b.said.j, a.said.resolve(turn.today), b.said.resolve(turn.today)) for a, b in pairs]
    found += [_clock_range(a.clock, b.clock, _day_near(days, a.clock, b.clock)) for a, b in clocks]
    found += _stays(turn, days)
    found += _parts_of_day(turn, days, timed)
    return found


def _hm(moment: time) -> str:
    return moment.strftime("%H:%M")


def _range(i: int, j: int, start: date | None, end: date | None) -> Candidate:
    value = {"start": start and start.isoformat(), "end": end and end.isoformat()}
    return Candidate("datetime_range", value, i, j, EXPLICIT)


def _joined(words: Words, i: int, j: int) -> bool:
    """Nothing but words that make a span stand between ``i`` and ``j``."""
    while i < j and words[i].text in (",", "."):
        i += 1
    last = j - 1 if i < j - 1 and words[j - 1].text in ("the", "that") else j
    return i < j and any(match(words, i, (join,)) in (j, last) for join in JOINS)


def _paired_dates(turn: Turn, found: list[Dated]) -> tuple[list[Dated], list[tuple[Dated, Dated]]]:
    """Tie the end of a span to its beginning: it is the next such day after it."""
    tied = list(found)
    pairs: list[tuple[Dated, Dated]] = []
    for k in range(len(tied) - 1):
        a, b = tied[k], tied[k + 1]
        if not _joined(turn.words, a.said.j, b.said.i) or (pairs and pairs[-1][1] is a):
            continue
        if a.said.day and not a.said.month and b.said.month and not b.said.year and _month_is_shared(a, b):
            a = tied[k] = Dated(replace(a.said, month=b.said.month), a.weight)
        start = a.said.resolve(turn.today)
        end = b.said.resolve(start) if start else None
        if start is None or end is None or not start <= end:
            continue
        tied[k + 1] = Dated(replace(b.said, fixed=end), b.weight)
        pairs.append((a, tied[k + 1]))
    return tied, pairs


def _month_is_shared(a: Dated, b: Dated) -> bool:
    """ "The 3rd to the 9th of May" is all in May; "the 28th to the 2nd of May" begins in April."""
    return (a.said.day or 0) < (b.said.day or 0)


def _paired_times(words: Words, found: list[Timed]) -> tuple[list[Timed], list[tuple[Timed, Timed]]]:
    """ "between 5 and 7 p.m.": the part of day of the end holds for the beginning too."""
    tied = list(found)
    pairs: list[tuple[Timed, Timed]] = []
    for k in range(len(tied) - 1):
        a, b = tied[k], tied[k + 1]
        if not _joined(words, a.clock.j, b.clock.i):
            continue
        if b.clock.part and not a.clock.part and 0 < a.clock.minutes < b.clock.minutes < 720:
            tied[k] = Timed(replace(a.clock, part=b.clock.part), a.weight)
        pairs.append((tied[k], b))
    return tied, pairs


def _day_near(days: list[tuple[Dated, date]], a: Clock, b: Clock) -> date | None:
    """The one day of the turn, if there is one."""
    return days[0][1] if len(days) == 1 else None


def _clock_range(a: Clock, b: Clock, day: date | None) -> Candidate:
    start, end = a.resolve(), b.resolve()
    if day is None:
        return Candidate("datetime_range", {"start": _hm(start), "end": _hm(end)}, a.i, b.j, EXPLICIT)
    last = day + timedelta(days=end < start)
    value = {"start": _minute(datetime.combine(day, start)), "end": _minute(datetime.combine(last, end))}
    return Candidate("datetime_range", value, a.i, b.j, EXPLICIT)


def _minute(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def _stays(turn: Turn, days: list[tuple[Dated, date]]) -> list[Candidate]:
    """A day with a length of time next to it: "3 nights from the 12th", "Friday for two nights"."""
    found: list[Candidate] = []
    for each, day in days:
        after = match(turn.words, each.said.j, ("for",))
        read = length(turn.words, after) if after else None
        if read and (read.days or read.months):
            found.append(_range(each.said.i, read.j, day, shift(day, read, 1)))
            continue
        before = match_back(turn.words, each.said.i, ("from", "from the", "starting", "starting on", "starting from",
                                                      "starting on the", "beginning", "on", "on the"))  # fmt: skip
        stay = _length_before(turn.words, before)
        if stay:
            i, read = stay
            found.append(_range(i, each.said.j, day, shift(day, read, 1)))
    return found


def _length_before(words: Words, j: int) -> tuple[int, Length] | None:
    """A length in days that ends before ``j``."""
    for i in range(max(0, j - 6), j):
        read = length(words, i)
        if read and read.j == j and (read.days or read.months):
            return i, read
    return None


def _parts_of_day(turn: Turn, days: list[tuple[Dated, date]], timed: list[Timed]) -> list[Candidate]:
    """ "tomorrow morning", "tonight": hours of a day, where no time of day is said with them."""
    found: list[Candidate] = []
    i = 0
    while i < len(turn.words):
        end = match(turn.words, i, PERIODS)
        if not end or any(each.clock.i <= i < each.clock.j or each.clock.part for each in timed):
            i += 1
            continue
        period = PERIODS[" ".join(word.text for word in turn.words[i:end])]
        day = next((day for each, day in days if each.said.i <= i <= each.said.j or each.said.i == end), None)
        this = turn.words[i].text in ("this", "tonight")
        if day or this or turn.expects("time", "datetime_range"):
            first = next((each.said.i for each, _ in days if each.said.i < i <= each.said.j), i)
            found.append(_hours(first, end, day or (turn.today if this else None), *period))
        i = end
    return found


def _hours(i: int, j: int, day: date | None, first: int, last: int) -> Candidate:
    if day is None:
        value = {"start": f"{first:02}:00", "end": f"{last % 24:02}:00"}
    else:
        midnight = datetime.combine(day, time())
        value = {"start": _minute(midnight + timedelta(hours=first)), "end": _minute(midnight + timedelta(hours=last))}
    return Candidate("datetime_range", value, i, j, EXPLICIT)
