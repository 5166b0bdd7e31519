"""Amounts of money. Values are decimal strings without a currency: "120", "4.50"."""

from decimal import Decimal

from voicegw.nlu.en.numbers import number, whole
from voicegw.nlu.turn import EXPLICIT, POSSIBLE, Candidate, Turn
from voicegw.nlu.words import Words, at, match

SIGNS = ("$", "£", "€", "₩", "¥")
UNITS = ("dollars", "dollar", "bucks", "buck", "pounds", "pound", "quid", "euros", "euro", "won", "yen", "usd", "eur",
         "gbp", "krw", "us dollars", "pounds sterling")  # fmt: skip
CENTS = ("cents", "cent", "pence", "penny", "pennies")
HALVES = {"half a dollar": "0.50", "a quarter of a million": "250000", "half a million": "500000"}


def amount(words: Words, i: int) -> tuple[Decimal, int] | None:
    """The amount that begins at ``i``, if its currency is named."""
    sign = at(words, i) in SIGNS
    k = i + sign
    read = number(words, k) or ((1, k + 1) if at(words, k) in ("a", "one") else None)
    if read is None:
        return None
    value, j = Decimal(str(read[0])), read[1]
    if sign:
        return _with_cents(words, value, match(words, j, UNITS) or j)
    unit = match(words, j, UNITS)
    if unit:
        return _with_cents(words, value, unit)
    small = match(words, j, CENTS)
    if small:
        return value / 100, small
    return (value * 1000 if value < 1000 else value, j) if at(words, j - 1) == "grand" else None


def _with_cents(words: Words, value: Decimal, j: int) -> tuple[Decimal, int]:
    """ "5 dollars and 50 cents", "five pounds fifty"."""
    k = j + (at(words, j) in ("and", ","))
    half = match(words, j, ("and a half",))
    if half:
        return value + Decimal("0.5"), half
    read = whole(words, k)
    if read is None or not 0 < read[0] < 100 or value != int(value):
        return value, j
    cents = match(words, read[1], CENTS)
    bare = k == j and read[0] >= 10 and at(words, read[1]) in ("", ".", ",", "please", "?")
    return (value + Decimal(read[0]) / 100, cents or read[1]) if cents or bare else (value, j)


def written(value: Decimal) -> str:
    """Two decimals where there are cents, none else."""
    return str(int(value)) if value == int(value) else str(value.quantize(Decimal("0.01")))


def find(turn: Turn) -> list[Candidate]:
    """Amounts with a currency, and bare ones where money was asked: "four fifty" is 4.50."""
    found: list[Candidate] = []
    i = 0
    while i < len(turn.words):
        read, weight = amount(turn.words, i), EXPLICIT
        if read is None and turn.expects("money"):
            read, weight = _bare(turn.words, i), POSSIBLE
        if read is None:
            i += 1
            continue
        found.append(Candidate("money", written(read[0]), i, read[1], weight))
        i = read[1]
    return found


def _bare(words: Words, i: int) -> tuple[Decimal, int] | None:
    read = number(words, i)
    if read is None:
        return None
    value, j = Decimal(str(read[0])), read[1]
    cents = whole(words, j)
    if cents and 10 <= cents[0] < 100 and value < 100 and value == int(value):
        return value + Decimal(cents[0]) / 100, cents[1]
    return value, j
