"""Digits heard in the sound, and the decoder's words: which of them to believe.

The sound tells better than the words how many digits were said, and which; words tell better what was no digit.
"""

import re
from collections.abc import Iterator
from datetime import date, time

from voicegw.audio.spoken_digits.reading import Reading
from voicegw.dialplan.spoken import groups
from voicegw.nlu import slots
from voicegw.nlu.checks import passes
from voicegw.nlu.en.digits import REPEATS, runs, spellings
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.words import split

ONLY_DIGITS = 0.2
"""Share of other words up to which there are none: a breath, an accent."""
MOSTLY_DIGITS = 0.5
"""Share of other words up to which they only lead to the digits."""
CLEAR, SOFT, STRAINED, BENT = 3.0, 4.0, 12.0, 20.0
"""Strain up to which digits need no second opinion; up to which they may be all there is; from which on they are none;
and the same where words lead to them (those strain too)."""
LEAST_DIGITS, LEAST_OF_LENGTH = 3, 2
"""Fewer may be a "no" or an "um"; the second where their number is known."""
LEAST_FIGURES = 3
"""Digits from which on words between them may be digits, too: "a table for 2 for 3 nights" is no number."""
JOINING = {"or"}
"""Words that are digits only between others: before a number, this one is what is left of "order"."""
ANY_DAY, ANY_TIME = date(2024, 1, 1), time(9)
"""Digits mean the same on every day."""
_LEAD = re.compile(
    r"\W*((yes|yeah|yep|okay|ok|sure|um|uh|so|well|and|oh)\W+)*"
    r"(it'?s|it is|that'?s|(my|the|your)?\W*(\w+ ){0,2}number)\b",
    re.IGNORECASE,
)
"""What people say before a number."""
_NUMBER = re.compile(r"\d(?:[\d -]*\d){2,}")
_TWICE = re.compile(r"(\d)\1")


def is_clear(reading: Reading, expecting: Expecting) -> bool:
    """Digits and nothing else, at most as many as there should be: what is still to come is another matter."""
    most = expecting.length or len(reading.digits)
    return _is_alone(reading) and reading.strain < CLEAR and LEAST_DIGITS <= len(reading.digits) <= most


def is_better(reading: Reading, text: str, decoded: str, expecting: Expecting) -> bool:
    """Than the decoder's words. "Double 4 0 9" and "forty five" are left to the words, and noise has none.

    :param text: the words as they would be given on.
    :param decoded: all that the decoder wrote, repetitions included.
    """
    if REPEATS.keys() & {word.text for word in split(text)} or not _is_some_of(reading, expecting):
        return False
    alone = _is_alone(reading)
    fits = _can_be_right(reading.digits, expecting)
    if not text:
        return alone and fits and reading.strain < SOFT
    if alone and fits and reading.strain <= STRAINED and expecting.kind != "yes_no":
        return True
    led = reading.others < MOSTLY_DIGITS and _leads_to_digits(text, reading)
    if not (alone or led) or _words_can_be_right(text, decoded, expecting):
        return False
    return fits or led or reading.strain <= STRAINED


def may_be_miscounted(text: str) -> bool:
    """Whether a number stands in ``text`` with a digit twice in a row, which the decoder may have written too often."""
    return len(found := _NUMBER.findall(text)) == 1 and bool(_TWICE.search(_plain(found[0])))


def recounted(text: str, reading: Reading | None) -> str:
    """``text`` with its number as the sound has it, if both differ only in how often digits stand in a row: "204-11888"
    was "204118". Words around a number sound like digits, so the sound may have more before it and after it.
    """
    if reading is None or not may_be_miscounted(text) or _plain(number := _NUMBER.findall(text)[0]) in reading.digits:
        return text
    any_number_of_each = "".join(f"{digit}+" for digit in re.sub(r"(.)\1+", r"\1", _plain(number)))
    said = re.search(any_number_of_each, reading.digits)
    return text.replace(number, written(said[0])) if said else text


def may_be_digits(text: str) -> bool:
    """Whether words stand beside figures that may be digits themselves: "it's too 0 for 118"."""
    return any(True for _ in _alike(text))


def spelled(text: str, reading: Reading | None) -> str:
    """``text`` with such words as digits, where the sound has them too: "order for 567" was "order 4567"."""
    for begin, end, digits in _alike(text) if reading else ():
        if reading and digits in reading.digits:
            return f"{text[:begin]}{written(digits)}{text[end:]}"
    return text


def _alike(text: str) -> Iterator[tuple[int, int, str]]:
    """Where figures stand with words that sound like digits: from where to where, and as digits; the longest first."""
    words = split(text)
    for run in runs(words, loose=True):
        sure = [place for place, group in enumerate(run) if group.sure]
        if len(sure) == len(run) or sum(len(run[place].readings[0]) for place in sure) < LEAST_FIGURES:
            continue
        for first in range(sure[0] + 1):
            for last in range(len(run) - 1, sure[-1] - 1, -1):
                part = run[first : last + 1]
                at_ends = {words[part[0].i].text, words[part[-1].i].text}
                if not all(group.sure for group in part) and not at_ends & JOINING:
                    yield words[part[0].i].start, words[part[-1].j - 1].end, spellings(part, 1)[0]


def _plain(number: str) -> str:
    return re.sub(r"\D", "", number)


def written(digits: str) -> str:
    """In the groups in which they are read back: ``4067 8812``."""
    return " ".join(digits[start : start + size] for start, size in groups(len(digits)))


def _is_alone(reading: Reading) -> bool:
    return reading.others < ONLY_DIGITS


def _is_some_of(reading: Reading, expecting: Expecting) -> bool:
    """At least the beginning of what was asked for."""
    least, most = (LEAST_OF_LENGTH, expecting.length) if expecting.length else (LEAST_DIGITS, len(reading.digits))
    return least <= len(reading.digits) <= most and reading.strain <= BENT


def _leads_to_digits(text: str, reading: Reading) -> bool:
    """The words say so, or half of the digits are among them."""
    return bool(_LEAD.match(text)) or 2 * _digits_in(text) >= len(reading.digits)


def _words_can_be_right(text: str, decoded: str, expecting: Expecting) -> bool:
    """A decoder that has written on and on has lost count."""
    values = [value for value in slots.parse(text, expecting, ANY_DAY, ANY_TIME) if value.kind in ("digits", "phone")]
    if len(values) != 1 or not _can_be_right(str(values[0].value), expecting):
        return False
    return _digits_in(decoded) <= len(str(values[0].value))


def _digits_in(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _can_be_right(digits: str, expecting: Expecting) -> bool:
    length = expecting.length if expecting.kind == "digits" else None
    fits = len(digits) == length if length else len(digits) >= LEAST_DIGITS
    return fits and passes(expecting.check, digits)
