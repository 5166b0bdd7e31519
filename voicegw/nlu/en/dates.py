"""Dates as they are said, read against a reference day.

A date without a year is the next such day; one without a month the next such day of a month; a weekday the next
such day after today. "Next Friday" is Friday of next week, weeks beginning on Monday.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from voicegw.nlu.en.durations import Length, length
from voicegw.nlu.en.holidays import HOLIDAYS, nth_weekday_of
from voicegw.nlu.en.numbers import ordinal, whole
from voicegw.nlu.words import Words, at, match, match_back

_WEEKDAY_NAMES = (
    ("monday", "mon", "mondays"), ("tuesday", "tue", "tues", "tuesdays"), ("wednesday", "wed", "weds", "wednesdays"),
    ("thursday", "thu", "thur", "thurs", "thursdays"), ("friday", "fri", "fridays"),
    ("saturday", "sat", "saturdays"), ("sunday", "sun", "sundays"),
)  # fmt: skip
WEEKDAYS = {name: k for k, names in enumerate(_WEEKDAY_NAMES) for name in names}
_MONTH_NAMES = (
    ("january", "jan"), ("february", "feb", "febuary"), ("march", "mar"), ("april", "apr"), ("may",),
    ("june", "jun"), ("july", "jul"), ("august", "aug"), ("september", "sep", "sept"), ("october", "oct"),
    ("november", "nov"), ("december", "dec"),
)  # fmt: skip
MONTHS = {name: k for k, names in enumerate(_MONTH_NAMES, 1) for name in names}
RELATIVE = {
    "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "this very day": 0,
    "tomorrow": 1, "tmrw": 1, "tomorow": 1, "tommorow": 1, "tommorrow": 1, "day after tomorrow": 2,
    "the day after tomorrow": 2, "overmorrow": 2, "yesterday": -1, "last night": -1, "day before yesterday": -2,
    "the day before yesterday": -2,
}  # fmt: skip
AHEAD = ("this coming", "the coming", "this", "coming", "next", "the next", "following", "the following")
YEARS = range(1900, 2200)


@dataclass(frozen=True)
class Said:
    """A date expression: its parts as said, or the day itself where the words fix it."""

    i: int
    j: int
    day: int | None = None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None
    fixed: date | None = None
    certain: bool = True
    """False where the words could mean something else ("the first")."""

    def resolve(self, today: date) -> date | None:
        """The day that is meant, the next one on or after ``today`` where the words leave it open."""
        if self.fixed is not None:
            return self.fixed
        if self.day is None:
            return _next_weekday(today, self.weekday) if self.weekday is not None else None
        matching = (day for day in _days(self, today) if self.weekday in (None, day.weekday()))
        # A weekday that fits no such day for years is a slip of the tongue: day and month count.
        return next(matching, None) or next(_days(self, today), None)


def _next_weekday(today: date, weekday: int) -> date:
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _days(said: Said, today: date) -> Iterator[date]:
    """Days with the day (and month, and year) said, from ``today`` on, for twelve years."""
    years = [said.year] if said.year else range(today.year, today.year + 12)
    for year in years:
        for month in [said.month] if said.month else range(1, 13):
            try:
                day = date(year, month, said.day or 1)
            except ValueError:  # 30 February
                continue
            if said.year or day >= today:
                yield day


def said_at(words: Words, i: int, today: date) -> Said | None:
    """The longest date expression that begins at ``i``."""
    readers = (_numeric, _relative, _holiday, _in_a_while, _calendar, _nth_weekday, _weekday, _edge_of_month)
    found = [said for reader in readers if (said := reader(words, i, today))]
    return max(found, key=lambda said: said.j, default=None)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last day where it has no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    return day


def shift(day: date, by: Length, sign: int) -> date | None:
    try:
        return add_months(day, sign * by.months) + timedelta(days=sign * int(by.days))
    except (ValueError, OverflowError):
        return None


def _numeric(words: Words, i: int, today: date) -> Said | None:
    """2018/04/24, 2018-04-24, 08/14/2018 (month first unless that cannot be), 5/8/18."""
    parts = [at(words, i + k) for k in range(5)]
    if i + 4 >= len(words) or parts[1] not in "/-." or parts[1] != parts[3] or not parts[1]:
        return None
    if not all(parts[k].isdigit() and parts[k].isascii() for k in (0, 2, 4)) or not words[i + 1].glued:
        return None
    a, b, c = (int(parts[k][:6]) for k in (0, 2, 4))
    if len(parts[0]) == 4:
        return _checked(i, i + 5, c, b, a)
    if len(parts[4]) not in (2, 4) or len(parts[0]) > 2 or len(parts[2]) > 2 or (parts[1] == "." and a > 31):
        return None
    year = c + 2000 if c < 100 else c
    return _checked(i, i + 5, b, a, year) if b > 12 or a <= 12 else _checked(i, i + 5, a, b, year)


def _checked(i: int, j: int, day: int, month: int, year: int) -> Said | None:
    try:
        return Said(i, j, fixed=date(year, month, day))
    except ValueError:
        return None


def _relative(words: Words, i: int, today: date) -> Said | None:
    end = match(words, i, RELATIVE)
    if not end:
        return None
    days = RELATIVE[" ".join(word.text for word in words[i:end])]
    week = match(words, end, ("week",)) if days in (0, 1) else 0  # "tomorrow week" is eight days ahead
    return Said(i, week or end, fixed=today + timedelta(days=days + 7 * bool(week)))


def _holiday(words: Words, i: int, today: date) -> Said | None:
    end = match(words, i, HOLIDAYS)
    if not end:
        return None
    rule = HOLIDAYS[" ".join(word.text for word in words[i:end]).replace(" .", ".").replace(" '", "'")]
    year = _year(words, end)
    if year:
        return Said(i, year[1], fixed=rule(year[0]))
    this_year = rule(today.year)
    return Said(i, end, fixed=this_year if this_year >= today else rule(today.year + 1))


def _year(words: Words, i: int) -> tuple[int, int] | None:
    """ "2018", ", 2018", "twenty eighteen", "two thousand and nineteen"."""
    k = i + (at(words, i) in (",", "of", "in"))
    if k < len(words) and words[k].is_digits and len(words[k].text) == 4 and int(words[k].text) in YEARS:
        return int(words[k].text), k + 1
    century = whole(words, k)
    if century is None or (k < len(words) and words[k].is_digits):
        return None
    rest = whole(words, century[1]) if century[0] in (19, 20, 21) else None
    if rest and 10 <= rest[0] <= 99:
        return century[0] * 100 + rest[0], rest[1]
    return century if century[0] in YEARS and at(words, k) == "two" else None


def _in_a_while(words: Words, i: int, today: date) -> Said | None:
    """ "in 3 days", "a fortnight today", "two weeks from Friday", "3 days ago", "a couple of days later"."""
    inside = at(words, i) in ("in", "within")
    read = length(words, i + 1 if inside else i)
    if read is None or not (read.days or read.months):
        return None
    if inside:
        day = shift(today, read, 1)
        return Said(i, read.j, fixed=day) if day else None
    return _counted_from(words, i, read, today)


def _counted_from(words: Words, i: int, read: Length, today: date) -> Said | None:
    ago = match(words, read.j, ("ago", "earlier", "back", "before today"))
    if ago:
        day = shift(today, read, -1)
        return Said(i, ago, fixed=day) if day else None
    now = match(words, read.j, ("from now", "from today", "hence", "time", "' time", "today"))
    if now:
        day = shift(today, read, 1)
        return Said(i, now, fixed=day) if day else None
    link = match(words, read.j, ("from", "after", "on", "before"))
    weeks = read.days % 7 == 0
    if not link and not weeks:
        return None
    origin = said_at(words, link or read.j, today)
    start = origin.resolve(today) if origin and origin.certain else None
    if origin is None or start is None:
        return None
    how = at(words, link - 1) if link else ""
    # "3 nights from Friday" is a stay, "two weeks from Friday" and "2 days from tomorrow" are days.
    if how in ("from", "on") and not weeks and (how == "on" or at(words, read.j - 1) != "days" or not origin.fixed):
        return None
    return _shifted(i, origin, start, read, -1 if how == "before" else 1)


def _shifted(i: int, origin: Said, start: date, read: Length, sign: int) -> Said | None:
    day = shift(start, read, sign)
    return Said(i, origin.j, fixed=day) if day else None


def _day_number(words: Words, i: int) -> tuple[int, int, bool] | None:
    """A day of the month: ordinal ("21st") or plain ("21"), and whether it was an ordinal."""
    read = ordinal(words, i)
    if read and 1 <= read[0] <= 31:
        return read[0], read[1], True
    read = whole(words, i)
    if read and 1 <= read[0] <= 31 and (not words[i].is_digits or len(words[i].text) <= 2):
        return read[0], read[1], False
    return None


def _calendar(words: Words, i: int, today: date) -> Said | None:
    """ "Thursday 30th June 2022", "Friday, August the 17th", "the twenty-first", "Tuesday 2nd"."""
    weekday, k = _leading_weekday(words, i)
    month_first = _month_then_day(words, k)
    day_first = _day_then_month(words, k, weekday is not None)
    day, month, j, certain = month_first or day_first or (0, None, 0, False)
    if not j:
        return None
    year = _year(words, j) if month else None
    return Said(i, year[1] if year else j, day, month, year[0] if year else None, weekday, certain=certain)


def _leading_weekday(words: Words, i: int) -> tuple[int | None, int]:
    """A weekday with its marks and "the": "Tue., the", "Friday"."""
    ahead = match(words, i, AHEAD) or i
    weekday = WEEKDAYS.get(at(words, ahead))
    k = ahead + 1 if weekday is not None else i
    if weekday is not None:
        while at(words, k) in (".", ","):
            k += 1
    return weekday, k


def _month_then_day(words: Words, k: int) -> tuple[int, int | None, int, bool] | None:
    month = MONTHS.get(at(words, k))
    if month is None:
        return None
    k += 1
    k += at(words, k) == "." and at(words, k + 1) != ""
    k += at(words, k) in ("the", ",")
    read = _day_number(words, k)
    if read is None or _is_clock(words, read[1]) or match(words, read[1], ("of us", "people")):
        return None
    return read[0], month, read[1], True


def _is_clock(words: Words, j: int) -> bool:
    """What stood before ``j`` is an hour: "7:30", "7 pm"."""
    if at(words, j) == ":" and j < len(words) and words[j].glued:
        return True
    return at(words, j) in ("am", "pm") or (at(words, j) in ("p", "a") and at(words, j + 1) in ("", ".", ","))


def _day_then_month(words: Words, k: int, weekday: bool) -> tuple[int, int | None, int, bool] | None:
    the = at(words, k) == "the"
    read = _day_number(words, k + the)
    if read is None or _is_clock(words, read[1]):
        return None
    day, j, is_ordinal = read
    of = j + (at(words, j) in ("of", "in", "-", "/", ","))
    month = MONTHS.get(at(words, of))
    if month is not None and not (at(words, of) == "may" and at(words, of + 1) in ("i", "we")):
        dot = at(words, of + 1) == "." and words[of + 1].glued and len(at(words, of)) <= 4 and at(words, of + 2)
        return day, month, of + 2 if dot else of + 1, True
    this_month = match(words, j, ("of this month", "of the month", "of next month"))
    if is_ordinal and this_month:
        return day, None, this_month, True
    return (day, None, j, weekday or words[k + the].is_digits) if is_ordinal else None


def _weekday(words: Words, i: int, today: date) -> Said | None:
    """ "Friday", "next Friday", "Sunday next week", "a week on Tuesday", "last Monday", "Saturday coming"."""
    ahead = match(words, i, (*AHEAD, "last", "this past"))
    k = ahead or i
    weekday = WEEKDAYS.get(at(words, k))
    if weekday is None or (at(words, k) in ("sun", "mon", "wed", "sat") and not _short_name_stands(words, k)):
        return None
    j = k + 1 + (at(words, k + 1) == "." and k + 2 < len(words) and words[k + 1].glued and len(at(words, k)) <= 4)
    how = " ".join(word.text for word in words[i:k])
    after = match(words, j, ("next week", "of next week", "week", "after next", "next", "coming", "this week"))
    tail = " ".join(word.text for word in words[j:after]) if after else ""
    led = match_back(words, i, ("next week on", "next week"))
    if led >= 0 and not how and not tail:  # "next week on Wednesday"
        i, tail = led, "next week"
    day = _weekday_day(today, weekday, how, tail)
    return Said(i, after or j, weekday=weekday if not (how or tail) else None, fixed=day if how or tail else None)


def _short_name_stands(words: Words, k: int) -> bool:
    """ "sat", "sun", "wed" and "mon" are other words too: they count with a mark, a number or alone."""
    nearby = at(words, k + 1)
    return nearby in ("", ".", ",") or nearby.isdigit() or at(words, k - 1) in ("on", "next", "this", "until", "till")


def _weekday_day(today: date, weekday: int, how: str, tail: str) -> date:
    monday = today - timedelta(days=today.weekday())
    in_week = monday + timedelta(days=weekday)
    coming = _next_weekday(today, weekday)
    if how in ("last", "this past"):
        return in_week if in_week < today else in_week - timedelta(days=7)
    if tail == "after next":
        return in_week + timedelta(days=14)
    if tail == "week":
        return coming + timedelta(days=7)
    if how in ("next", "the next", "following", "the following") or tail in ("next week", "of next week", "next"):
        return in_week + timedelta(days=7)
    return coming


def _nth_weekday(words: Words, i: int, today: date) -> Said | None:
    """ "the last Friday of this month", "the first Monday in June"."""
    k = i + (at(words, i) == "the")
    last = at(words, k) == "last"
    nth = (-1, k + 1) if last else ordinal(words, k)
    weekday = WEEKDAYS.get(at(words, nth[1])) if nth and nth[0] <= 5 else None
    if nth is None or weekday is None:
        return None
    j = nth[1] + 1
    named = match(words, j, ("of this month", "in this month", "of the month", "this month"))
    if named:
        return Said(i, named, fixed=nth_weekday_of(today.year, today.month, weekday, nth[0]))
    following = match(words, j, ("of next month", "in next month", "next month"))
    if following:
        day = add_months(today.replace(day=1), 1)
        return Said(i, following, fixed=nth_weekday_of(day.year, day.month, weekday, nth[0]))
    month = MONTHS.get(at(words, j + 1)) if at(words, j) in ("of", "in") else None
    if month is None:
        return None
    day = nth_weekday_of(today.year, month, weekday, nth[0])
    return Said(i, j + 2, fixed=day if day >= today else nth_weekday_of(today.year + 1, month, weekday, nth[0]))


def _edge_of_month(words: Words, i: int, today: date) -> Said | None:
    """ "the end of the month", "the beginning of June"."""
    edge = match(words, i, ("the end of", "end of", "the beginning of", "the start of", "beginning of", "start of"))
    if not edge:
        return None
    is_end = "end" in (word.text for word in words[i:edge])
    this = match(words, edge, ("the month", "this month"))
    upcoming = match(words, edge, ("next month",))
    month = MONTHS.get(at(words, edge))
    if this:
        first = today.replace(day=1)
    elif upcoming:
        first = add_months(today.replace(day=1), 1)
    elif month:
        first = date(today.year + (month < today.month), month, 1)
    else:
        return None
    day = add_months(first, 1) - timedelta(days=1) if is_end else first
    return Said(i, this or upcoming or edge + 1, fixed=day)
