"""Cardinal and ordinal numbers, in words, in figures, and in both at once ("4 thousand five hundred")."""

from voicegw.nlu.turn import POSSIBLE, Candidate, Turn
from voicegw.nlu.words import Words, at, match

UNITS = {"zero": 0, "nought": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
         "eight": 8, "nine": 9}  # fmt: skip
TEENS = {"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
         "seventeen": 17, "eighteen": 18, "nineteen": 19}  # fmt: skip
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
        "eighty": 80, "ninety": 90}  # fmt: skip
SCALES = {"thousand": 1000, "grand": 1000, "million": 10**6, "billion": 10**9}
ORDINAL_UNITS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
                 "eighth": 8, "ninth": 9}  # fmt: skip
ORDINAL_TEENS = {"tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
                 "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20,
                 "thirtieth": 30}  # fmt: skip
ENDINGS = ("st", "nd", "rd", "th")
VAGUE = {"a couple of": 2, "a couple": 2, "couple of": 2, "couple": 2, "a pair of": 2, "a few": 3, "few": 3,
         "half a dozen": 6, "a dozen": 12, "dozen": 12}  # fmt: skip
NONE = ("none", "no one", "nobody", "zero", "nil", "not any", "none of them")
POINTED_AT = ("this", "that", "which", "another", "other", "new", "existing", "the", "any", "no", "every", "old",
              "better", "cheaper", "right", "wrong", "each", "last", "next", "first")  # fmt: skip

Read = tuple[int, int]
"""A whole number and the index after its last word."""


def below_hundred(words: Words, i: int) -> Read | None:
    """ "seven", "seventeen", "twenty-one"."""
    word = at(words, i)
    if word in TENS:
        k = i + 2 if at(words, i + 1) == "-" else i + 1
        unit = UNITS.get(at(words, k), 0)
        return (TENS[word] + unit, k + 1) if unit else (TENS[word], i + 1)
    value = UNITS.get(word, TEENS.get(word))
    return None if value is None else (value, i + 1)


def figures(words: Words, i: int) -> Read | None:
    """ "45", "1,234"."""
    if i >= len(words) or not words[i].is_digits:
        return None
    said, j = words[i].text, i + 1
    while at(words, j) == "," and words[j].glued and _is_thousands_group(words, j + 1) and len(said) <= 12:
        said, j = said + words[j + 1].text, j + 2
    return int(said[:18]), j


def _is_thousands_group(words: Words, k: int) -> bool:
    return k < len(words) and words[k].is_digits and words[k].glued and len(words[k].text) == 3


def _below_thousand(words: Words, i: int) -> Read | None:
    """ "three hundred and five", "forty-five hundred", "a hundred"."""
    if at(words, i) == "a" and at(words, i + 1) in ("hundred", *SCALES):
        head: Read | None = (1, i + 1)
    else:
        head = below_hundred(words, i) or figures(words, i)
    if head is None or at(words, head[1]) != "hundred" or not 0 < head[0] < 100:
        return head
    value, j = head[0] * 100, head[1] + 1
    rest = _rest(words, j, 100)
    return (value + rest[0], rest[1]) if rest else (value, j)


def _rest(words: Words, j: int, below: int) -> Read | None:
    """What may follow a hundred or a thousand: "and five", "three hundred"."""
    k = j + 1 if at(words, j) == "and" else j
    rest = (below_hundred if below == 100 else _below_thousand)(words, k) or figures(words, k)
    return rest if rest and 0 < rest[0] < below else None


def whole(words: Words, i: int) -> Read | None:
    """The longest whole number that begins at ``i``."""
    head = _below_thousand(words, i)
    if head is None:
        return None
    value, j = 0, i
    limit = 10**13
    while head is not None and at(words, head[1]) in SCALES and SCALES[at(words, head[1])] < limit:
        limit = SCALES[at(words, head[1])]
        value, j = value + head[0] * limit, head[1] + 1
        head = _rest(words, j, min(limit, 1000)) if limit >= 1000 else None
    if j == i:
        return head
    return (value + head[0], head[1]) if head and at(words, head[1]) not in SCALES else (value, j)


def number(words: Words, i: int) -> tuple[int | float, int] | None:
    """A whole or broken number: "4.5", "two and a half", "three point one four", "a couple", "half"."""
    vague = match(words, i, VAGUE)
    if vague:
        return VAGUE[" ".join(word.text for word in words[i:vague])], vague
    read = whole(words, i)
    if read is None:
        return None
    value, j = read
    if at(words, j) in ("million", "k") and words[j - 1].is_digits:
        return value * (1000 if at(words, j) == "k" else 10**6), j + 1
    half = match(words, j, ("and a half",))
    if half:
        return value + 0.5, half
    decimals, end = _decimals(words, j)
    return (float(f"{value}.{decimals}"), end) if decimals else (value, j)


def _decimals(words: Words, j: int) -> tuple[str, int]:
    """Digits after "." or "point"."""
    if at(words, j) == "." and j + 1 < len(words) and words[j].glued and words[j + 1].glued:
        return (words[j + 1].text[:9], j + 2) if words[j + 1].is_digits else ("", j)
    if at(words, j) != "point":
        return "", j
    digits, k = "", j + 1
    while k < len(words) and (at(words, k) in UNITS or words[k].is_digits) and len(digits) < 9:
        digits, k = digits + str(UNITS.get(at(words, k), at(words, k))), k + 1
    return digits, k


def ordinal(words: Words, i: int) -> Read | None:
    """ "21st", "twenty-first", "third"."""
    if i < len(words) and words[i].is_digits and at(words, i + 1) in ENDINGS and len(words[i].text) <= 3:
        return int(words[i].text), i + 2
    word = at(words, i)
    if word in TENS:
        k = i + 2 if at(words, i + 1) == "-" else i + 1
        unit = ORDINAL_UNITS.get(at(words, k))
        return (TENS[word] + unit, k + 1) if unit else None
    value = ORDINAL_UNITS.get(word, ORDINAL_TEENS.get(word))
    return None if value is None else (value, i + 1)


def find(turn: Turn) -> list[Candidate]:
    """Every number of the turn."""
    found: list[Candidate] = []
    i = 0
    while i < len(turn.words):
        read = number(turn.words, i)
        if read is None or (read[1] == i + 1 and is_pronoun(turn, i)):
            i += 1
            continue
        found.append(Candidate("number", read[0], i, read[1], POSSIBLE))
        i = read[1]
    if not found and turn.expects("number"):
        found += [Candidate("number", 0, i, end) for i in range(len(turn.words)) if (end := match(turn.words, i, NONE))]
    return found


def is_pronoun(turn: Turn, i: int) -> bool:
    """ "a new one", "one of them": no number, unless a number is all that was said."""
    if turn.words[i].text != "one" or len(turn.words) == 1:
        return False
    return at(turn.words, i - 1) in POINTED_AT or (at(turn.words, i + 1) == "of" and not turn.expects("number"))
