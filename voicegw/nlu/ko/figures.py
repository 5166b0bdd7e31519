"""Figures: digits one by one (공일공 일이삼사), counts (세 명), amounts (만 이천 원), how long (두 시간 반)."""

import re
from collections.abc import Iterator

from voicegw.nlu.expecting import Expecting
from voicegw.nlu.ko.found import EXPLICIT, LIKELY, POSSIBLE, Found
from voicegw.nlu.ko.numerals import DIGIT_OF, NATIVE, read_sino

_WORDS = "|".join(word for word in sorted(DIGIT_OF, key=len, reverse=True) if word != "이")
_DIGIT = rf"{_WORDS}|이(?!요|에요|예요|고|라|야)"
"""The 이 of 이에요 is no two."""
_RUN = re.compile(rf"(?:{_DIGIT}|\d)(?:(?:\s*(?:-|에|다시|,)?\s*)(?:{_DIGIT}|\d))*")
_SIGNS = re.compile(rf"{_DIGIT}|\d")
FEWEST_UNASKED = 4
"""Fewer digits that nobody asked for are words that sound like digits (이, 일, 사)."""
SHORTEST_PHONE = 9
_COUNTERS = r"(?:명|분|개|장|번|인|살|시간)"
_NATIVE = "|".join(sorted(NATIVE, key=len, reverse=True))
_COUNT = re.compile(rf"(?P<native>{_NATIVE})\s*(?P<unit>{_COUNTERS})?(?!\s*시)")
_SINO = re.compile(r"[일이삼사오육칠팔구십백천만억](?:\s?[일이삼사오육칠팔구십백천만억])*|\d[\d,]*")
_MONEY = re.compile(rf"(?P<amount>{_SINO.pattern})\s*(?P<unit>원|달러)")
CURRENCIES = {"원": "KRW", "달러": "USD"}
_LONG = re.compile(
    rf"(?:(?P<hours>{_NATIVE}|\d+)\s*시간)(?:\s*(?:(?P<half>반)|(?P<more>{_SINO.pattern})\s*분))?"
    rf"|(?P<minutes>{_SINO.pattern})\s*분(?!\s*의)"
)


def find(text: str, expecting: Expecting) -> Iterator[Found]:
    """Every figure."""
    yield from _digits(text, expecting)
    yield from _counts(text, expecting)
    yield from _amounts(text)
    yield from _durations(text)


def _digits(text: str, expecting: Expecting) -> Iterator[Found]:
    asked = expecting.kind in ("digits", "phone", "code")
    for match in _RUN.finditer(text):
        value = "".join(str(DIGIT_OF.get(sign, sign)) for sign in _SIGNS.findall(match[0]))
        if not asked and len(value) < FEWEST_UNASKED:
            continue
        is_phone = value.startswith("0") and len(value) >= SHORTEST_PHONE
        kind = "phone" if expecting.kind == "phone" or (is_phone and expecting.kind != "digits") else "digits"
        yield Found(kind, value, match.start(), match.end(), LIKELY if asked or is_phone else POSSIBLE)


def _counts(text: str, expecting: Expecting) -> Iterator[Found]:
    for match in _COUNT.finditer(text):
        if match["unit"] or expecting.kind == "number":
            yield Found("number", NATIVE[match["native"]], match.start(), match.end(), LIKELY)
    if expecting.kind == "number":
        for match in _SINO.finditer(text):
            number = _number(match[0])
            if number is not None:
                yield Found("number", number, match.start(), match.end(), POSSIBLE)


def _amounts(text: str) -> Iterator[Found]:
    for match in _MONEY.finditer(text):
        number = _number(match["amount"])
        if number is not None:
            value = {"amount": str(number), "currency": CURRENCIES[match["unit"]]}
            yield Found("money", value, match.start(), match.end(), EXPLICIT)


def _durations(text: str) -> Iterator[Found]:
    for match in _LONG.finditer(text):
        hours = NATIVE.get(match["hours"] or "") or _number(match["hours"]) or 0
        minutes = 30 if match["half"] else _number(match["more"] or match["minutes"]) or 0
        if hours or minutes:
            weight = EXPLICIT if match["hours"] else LIKELY
            yield Found("duration", 60 * hours + minutes, match.start(), match.end(), weight)


def _number(words: str | None) -> int | None:
    if not words:
        return None
    plain = words.replace(" ", "").replace(",", "")
    return int(plain) if plain.isdigit() else read_sino(plain)
