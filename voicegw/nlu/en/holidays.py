"""Days known by name."""

from collections.abc import Callable
from datetime import date, timedelta

Holiday = Callable[[int], date]


def fixed(month: int, day: int) -> Holiday:
    return lambda year: date(year, month, day)


def nth_weekday(month: int, weekday: int, n: int) -> Holiday:
    """The ``n``-th (from 1; -1 for the last) ``weekday`` (Monday is 0) of ``month``."""
    return lambda year: nth_weekday_of(year, month, weekday, n)


def nth_weekday_of(year: int, month: int, weekday: int, n: int) -> date:
    if n > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def easter(year: int) -> date:
    """Anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), f = divmod(b, 4), (b + 8) // 25
    h = (19 * a + b - d - (b - f + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def around_easter(days: int) -> Holiday:
    return lambda year: easter(year) + timedelta(days=days)


HOLIDAYS: dict[str, Holiday] = {
    **dict.fromkeys(("new years eve", "new year's eve", "new year eve"), fixed(12, 31)),
    **dict.fromkeys(("new years day", "new year's day", "new years", "new year's", "new year day"), fixed(1, 1)),
    **dict.fromkeys(("valentine's day", "valentines day", "valentine's"), fixed(2, 14)),
    **dict.fromkeys(("st patrick's day", "saint patrick's day", "st. patrick's day"), fixed(3, 17)),
    **dict.fromkeys(("independence day", "the fourth of july", "fourth of july"), fixed(7, 4)),
    **dict.fromkeys(("halloween", "hallowe'en"), fixed(10, 31)),
    **dict.fromkeys(("christmas eve", "xmas eve"), fixed(12, 24)),
    **dict.fromkeys(("christmas day", "christmas", "xmas", "xmas day"), fixed(12, 25)),
    "boxing day": fixed(12, 26),
    "april fools' day": fixed(4, 1),
    "veterans day": fixed(11, 11),
    "juneteenth": fixed(6, 19),
    "thanksgiving": nth_weekday(11, 3, 4),
    "thanksgiving day": nth_weekday(11, 3, 4),
    "black friday": lambda year: nth_weekday_of(year, 11, 3, 4) + timedelta(days=1),
    "labor day": nth_weekday(9, 0, 1),
    "memorial day": nth_weekday(5, 0, -1),
    "martin luther king day": nth_weekday(1, 0, 3),
    "presidents day": nth_weekday(2, 0, 3),
    "columbus day": nth_weekday(10, 0, 2),
    "good friday": around_easter(-2),
    "easter": around_easter(0),
    "easter sunday": around_easter(0),
    "easter monday": around_easter(1),
}
