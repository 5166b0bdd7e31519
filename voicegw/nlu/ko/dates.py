"""Days: 내일, 다음 주 목요일, 삼월 십구일, 사흘 뒤, 이번 달 말일."""

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

from voicegw.nlu.ko.found import EXPLICIT, LIKELY, Found
from voicegw.nlu.ko.numerals import read_sino

SINO_SIGNS = "영공일이삼사오육륙칠팔구십백천"
SINO = rf"(?:[{SINO_SIGNS}](?:\s?(?=[{SINO_SIGNS}]))?)+|\d+"
"""A number in Sino-Korean words, perhaps with spaces between them, or in digits."""
NEAR = {
    "그저께": -2, "그제": -2, "어저께": -1, "어제": -1, "오늘": 0, "내일모레": 2, "내일": 1, "모레": 2, "낼모레": 2,
    "글피": 3,
}  # fmt: skip
SPANS = {"하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "일주일": 7, "이주일": 14, "보름": 15}
WEEKDAYS = "월화수목금토일"
WEEKS = {"이번": 0, "금": 0, "다음": 1, "담": 1, "내": 1, "다다음": 2, "지난": -1, "저번": -1}
MONTHS = {"유": 6, "시": 10}
"""유월 and 시월 are worn down from 육월 and 십월."""

_WEEK = "|".join(sorted(WEEKS, key=len, reverse=True))
_NEAR = re.compile("|".join(sorted(NEAR, key=len, reverse=True)))
_WEEKDAY = re.compile(rf"(?:(?P<week>{_WEEK})\s*주\s*)?(?P<day>[{WEEKDAYS}])\s?요일")
_MONTH_DAY = re.compile(
    rf"(?:(?P<year>(?:{SINO}))\s*년\s*)?(?P<month>{SINO}|유|시)\s*월\s*(?P<day>{SINO})\s*일(?!\s*동안)"
)
_DAY = re.compile(
    rf"(?<!월)(?<!월\s)(?<![{SINO_SIGNS}\d])(?:(?P<which>이번|다음)\s*달\s*)?(?P<day>{SINO})\s*일"
    r"(?=날|에|은|로|이요|이에요|입니다|요|\s|$|[.,?!])"
)
_LAST = re.compile(r"(?P<which>이번|다음)\s*달\s*말일?")
_AHEAD = re.compile(
    rf"(?:(?P<span>{'|'.join(SPANS)})|(?P<days>{SINO})\s*일|(?P<weeks>{SINO})\s*주(?:일)?)"
    r"\s*(?:뒤|후|있다가)"
)


def find(text: str, today: date) -> Iterator[Found]:
    """Every day that is named."""
    for match in _NEAR.finditer(text):
        yield _found(match, today + timedelta(days=NEAR[match[0]]))
    for match in _WEEKDAY.finditer(text):
        yield _found(match, _weekday(WEEKDAYS.index(match["day"]), match["week"], today))
    for match in _AHEAD.finditer(text):
        days = SPANS.get(match["span"] or "") or _number(match["days"]) or 7 * (_number(match["weeks"]) or 0)
        if days:
            yield _found(match, today + timedelta(days=days))
    for match in _LAST.finditer(text):
        first = _first_of(today, match["which"])
        yield _found(match, first.replace(day=calendar.monthrange(first.year, first.month)[1]))
    yield from _calendar_days(text, today)


def _calendar_days(text: str, today: date) -> Iterator[Found]:
    for match in _MONTH_DAY.finditer(text):
        month = MONTHS.get(match["month"]) or _number(match["month"])
        day = _in_year(_number(match["year"]), month, _number(match["day"]), today)
        if day:
            yield _found(match, day)
    for match in _DAY.finditer(text):
        if match[0].startswith("이 "):  # "이 일" is this matter
            continue
        number = _number(match["day"])
        day = _day_of_month(number, match["which"], today) if number else None
        if day:
            yield _found(match, day, EXPLICIT if match["which"] or (number and number > 9) else LIKELY)


def _found(match: re.Match[str], day: date, weight: float = EXPLICIT) -> Found:
    return Found("date", day.isoformat(), match.start(), match.end(), weight)


def _number(words: str | None) -> int | None:
    if not words:
        return None
    plain = words.replace(" ", "")
    return int(plain) if plain.isdigit() else read_sino(plain)


def _weekday(weekday: int, week: str | None, today: date) -> date:
    """Without a week, the next such day that is not today."""
    monday = today - timedelta(days=today.weekday())
    if week:
        return monday + timedelta(days=weekday, weeks=WEEKS[week])
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _in_year(year: int | None, month: int | None, day: int | None, today: date) -> date | None:
    """Without a year, the day of that name that is nearest; years of two digits are those of our time."""
    if not month or not day:
        return None
    if year is not None and year < 100:
        year += 2000 if year <= today.year % 100 + 10 else 1900
    candidates = [_day(each, month, day) for each in ([year] if year else (today.year, today.year + 1))]
    known = [each for each in candidates if each]
    coming = [each for each in known if each >= today]
    return next(iter(coming or known), None)


def _day_of_month(day: int, which: str | None, today: date) -> date | None:
    """ "십구일": this month's, or next month's if that is over."""
    first = _first_of(today, which or "이번")
    found = _day(first.year, first.month, day)
    if found and (which or found >= today):
        return found
    following = _first_of(today, "다음")
    return _day(following.year, following.month, day) if not which else found


def _first_of(today: date, which: str) -> date:
    first = today.replace(day=1)
    return (first + timedelta(days=32)).replace(day=1) if which == "다음" else first


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
