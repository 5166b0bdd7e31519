"""Times of day: 오후 세 시 반, 15시 30분, 정오, 저녁 일곱 시쯤; and from when to when."""

import re
from collections.abc import Iterator
from itertools import pairwise

from voicegw.nlu.ko.dates import SINO
from voicegw.nlu.ko.found import EXPLICIT, Found
from voicegw.nlu.ko.numerals import NATIVE, read_sino

HOURS = {word: number for word, number in NATIVE.items() if number <= 12}
MORNING, EVENING = ("오전", "아침", "새벽"), ("오후", "저녁", "밤", "낮", "점심")
NAMED = {"정오": "12:00", "자정": "00:00"}
LATEST_UNSAID = 7
"""Without a half of the day named, hours up to this one are in the afternoon: nobody calls about three at night."""

_HOURS = "|".join(sorted(HOURS, key=len, reverse=True))
_HALVES = "|".join((*MORNING, *EVENING))
_TIME = re.compile(
    rf"(?:(?P<half>{_HALVES})\s*(?:에\s*)?)?(?P<hour>{_HOURS}|\d{{1,2}}|열\s?(?:하나|한|둘|두))\s*시(?!간)"
    rf"(?:\s*(?:(?P<half_hour>반)|(?P<minutes>{SINO})\s*분))?"
)
_CLOCK = re.compile(r"(?P<hour>[01]?\d|2[0-3]):(?P<minutes>[0-5]\d)")
_NAMED = re.compile("|".join(NAMED))
_UNTIL = re.compile(r"\s*(?:부터|에서)\s*")
_END = re.compile(r"\s*(?:까지|사이)?")


def find(text: str) -> Iterator[Found]:
    """Every time that is named, and every range that two of them make."""
    found = sorted(_single(text), key=lambda each: each.start)
    yield from found
    for first, second in pairwise(found):
        if _UNTIL.fullmatch(text[first.end : second.start]):
            end = _END.match(text, second.end)
            span = {"start": first.value, "end": second.value}
            yield Found("datetime_range", span, first.start, end.end() if end else second.end, EXPLICIT + 1)


def _single(text: str) -> Iterator[Found]:
    for match in _TIME.finditer(text):
        hour = HOURS.get(match["hour"].replace(" ", "")) or int(match["hour"]) if match["hour"] else None
        minutes = 30 if match["half_hour"] else _minutes(match["minutes"])
        if hour is not None and hour < 25 and minutes is not None:
            yield _found(match, _on_the_clock(hour, match["half"]), minutes)
    for match in _CLOCK.finditer(text):
        yield _found(match, int(match["hour"]), int(match["minutes"]))
    for match in _NAMED.finditer(text):
        yield Found("time", NAMED[match[0]], match.start(), match.end())


def _found(match: re.Match[str], hour: int, minutes: int) -> Found:
    return Found("time", f"{hour % 24:02}:{minutes:02}", match.start(), match.end())


def _minutes(words: str | None) -> int | None:
    if not words:
        return 0
    plain = words.replace(" ", "")
    minutes = int(plain) if plain.isdigit() else read_sino(plain)
    return minutes if minutes is not None and minutes < 60 else None


def _on_the_clock(hour: int, half: str | None) -> int:
    if half in MORNING:
        return 0 if hour == 12 else hour
    if half in EVENING:
        return hour if hour >= 12 or (half == "밤" and hour == 12) else hour + 12
    return hour + 12 if hour <= LATEST_UNSAID else hour
