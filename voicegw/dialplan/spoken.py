"""How values are spoken: digits in groups, money, dates. One function per format, in the language of the call."""

import re
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal, InvalidOperation

Speak = Callable[[object, date], str]
"""Speaks a value; the date is today's."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
SYMBOLS = {"@": "at", ".": "dot", "-": "dash", "_": "underscore", "+": "plus", "/": "slash", "#": "hash"}
CURRENCIES = {"USD": ("dollar", "cent"), "EUR": ("euro", "cent"), "GBP": ("pound", "penny")}
PLURALS = {"penny": "pence"}
_CLOCK = re.compile(r"[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?")


def plain(value: object, today: date) -> str:
    """As it is written."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return "" if value is None else str(value)


def digits(value: object, today: date) -> str:
    """``4 5 6 7``; longer ones in groups, with a pause between: ``4 5 6 7, 8 9 0 1``."""
    figures = [character for character in str(value) if character.isalnum()]
    return ", ".join(" ".join(figures[start : start + size]) for start, size in groups(len(figures)))


def groups(length: int) -> list[tuple[int, int]]:
    """How a number is read back, in one breath each: starts and sizes.

    Up to four digits together; longer ones in fours, or in threes with the rest last.
    """
    if length <= 4:
        return [(0, length)]
    size = 4 if length % 4 == 0 or length > 12 else 3
    starts = list(range(0, length, size))
    if length - starts[-1] == 1:  # never one alone: 3 + 4, not 3 + 3 + 1
        starts.pop()
    return [(start, end - start) for start, end in zip(starts, [*starts[1:], length], strict=True)]


def spelled(value: object, today: date) -> str:
    """Letter by letter: ``J, O, E``."""
    return ", ".join(SYMBOLS.get(character, character.upper()) for character in str(value) if not character.isspace())


def email(value: object, today: date) -> str:
    """``joe dot doe at example dot com``."""
    text = str(value)
    for symbol, word in SYMBOLS.items():
        text = text.replace(symbol, f" {word} ")
    return " ".join(text.split())


def number(value: object, today: date) -> str:
    """With thousands marked, which speech engines read as one number."""
    amount = as_decimal(value)
    return (
        plain(value, today)
        if amount is None
        else f"{amount:,f}".rstrip("0").rstrip(".")
        if amount % 1
        else f"{amount:,.0f}"
    )


def money(value: object, today: date) -> str:
    """``12 dollars and 50 cents``. ``{"amount": "12.50", "currency": "EUR"}``, or dollars where none is named."""
    currency = "USD"
    if isinstance(value, dict):
        currency = str(value.get("currency", currency))
        value = value.get("amount")
    amount = as_decimal(value)
    if amount is None:
        return plain(value, today)
    whole, cents = divmod(round(abs(amount) * 100), 100)
    big, small = CURRENCIES.get(currency, (currency, "cent"))
    parts = [_counted(whole, big)] if whole or not cents else []
    parts += [_counted(cents, small)] if cents else []
    return ("minus " if amount < 0 else "") + " and ".join(parts)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {PLURALS.get(noun, noun + 's')}"


def calendar_date(value: object, today: date) -> str:
    """``Thursday, March 19th``; with the year if it is not near."""
    day = as_date(value)
    if day is None:
        return plain(value, today)
    text = f"{DAYS[day.weekday()]}, {MONTHS[day.month - 1]} {_ordinal(day.day)}"
    return text if abs((day - today).days) < 300 else f"{text}, {day.year}"


def near_day(value: object, today: date) -> str:
    """With its preposition, as near as can be: ``today``, ``tomorrow``, ``on Thursday``, ``on March 19th``."""
    day = as_date(value)
    if day is None:
        return plain(value, today)
    ahead = (day - today).days
    if ahead in (-1, 0, 1):
        return ("yesterday", "today", "tomorrow")[ahead + 1]
    if 1 < ahead < 7:
        return f"on {DAYS[day.weekday()]}"
    text = f"on {MONTHS[day.month - 1]} {_ordinal(day.day)}"
    return text if abs(ahead) < 300 else f"{text}, {day.year}"


def clock_time(value: object, today: date) -> str:
    """``6:35 PM``, ``noon``, ``9 AM``."""
    try:
        at = time.fromisoformat(str(value)[-8:] if "T" in str(value) else str(value))
    except ValueError:
        return plain(value, today)
    if (at.hour, at.minute) in ((0, 0), (12, 0)):
        return "noon" if at.hour else "midnight"
    hour = at.hour % 12 or 12
    half = "AM" if at.hour < 12 else "PM"
    return f"{hour} {half}" if not at.minute else f"{hour}:{at.minute:02} {half}"


def duration(value: object, today: date) -> str:
    """Minutes as ``2 hours and 30 minutes``."""
    minutes = as_decimal(value)
    if minutes is None:
        return plain(value, today)
    days, rest = divmod(int(minutes), 1440)
    hours, left = divmod(rest, 60)
    counted = [(days, "day"), (hours, "hour"), (left, "minute")]
    return " and ".join(_counted(count, noun) for count, noun in counted if count) or "no time"


def listed(value: object, today: date) -> str:
    """``apples, pears and plums``; times of day as such: ``9 AM and 9:30 AM``."""
    items = [_item(item, today) for item in (value if isinstance(value, (list, tuple)) else [value])]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else "nothing"


def _item(value: object, today: date) -> str:
    return clock_time(value, today) if _CLOCK.fullmatch(str(value)) else plain(value, today)


def _ordinal(number: int) -> str:
    suffix = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def as_decimal(value: object) -> Decimal | None:
    """The number that a value writes; None if it writes none."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def as_date(value: object) -> date | None:
    """The day that a value writes; None if it writes none."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


FORMATS: dict[str, Speak] = {
    "plain": plain,
    "digits": digits,
    "spelled": spelled,
    "number": number,
    "money": money,
    "date": calendar_date,
    "day": near_day,
    "time": clock_time,
    "duration": duration,
    "phone": digits,
    "email": email,
    "list": listed,
}
"""What may stand after ``|`` in a template."""
