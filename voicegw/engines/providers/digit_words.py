"""Digits heard in the sound, and the decoder's words: which of them to believe."""

from datetime import date, time

from voicegw.audio.spoken_digits.reading import Reading
from voicegw.dialplan.spoken import groups
from voicegw.nlu import slots
from voicegw.nlu.checks import passes
from voicegw.nlu.en.digits import REPEATS
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.words import split

ONLY_DIGITS = 0.2
"""Share of other words up to which there are none: a breath, an accent."""
CLEAR, STRAINED = 3.0, 12.0
"""Strain up to which digits need no second opinion, and from which on they are none."""
LEAST_DIGITS = 3
"""Fewer may be a "no" or an "um"."""
ANY_DAY, ANY_TIME = date(2024, 1, 1), time(9)
"""Digits mean the same on every day."""


def is_clear(reading: Reading, expecting: Expecting) -> bool:
    """Digits and nothing else, at most as many as there should be: what is still to come is another matter."""
    most = expecting.length or len(reading.digits)
    return _is_alone(reading) and reading.strain < CLEAR and LEAST_DIGITS <= len(reading.digits) <= most


def is_better(reading: Reading, text: str, expecting: Expecting) -> bool:
    """Than the decoder's words: if those cannot be right ("double 4 0 9" can), and are no silence (noise has none)."""
    if not text or not _is_alone(reading) or reading.strain > STRAINED or not _can_be_right(reading.digits, expecting):
        return False
    if REPEATS.keys() & {word.text for word in split(text)}:  # "double" is no digit to the ear
        return False
    said = [value for value in slots.parse(text, expecting, ANY_DAY, ANY_TIME) if value.kind in ("digits", "phone")]
    return not (len(said) == 1 and _can_be_right(str(said[0].value), expecting))


def written(digits: str) -> str:
    """In the groups in which they are read back: ``4067 8812``."""
    return " ".join(digits[start : start + size] for start, size in groups(len(digits)))


def _is_alone(reading: Reading) -> bool:
    return reading.others < ONLY_DIGITS


def _can_be_right(digits: str, expecting: Expecting) -> bool:
    length = expecting.length if expecting.kind == "digits" else None
    fits = len(digits) == length if length else len(digits) >= LEAST_DIGITS
    return fits and passes(expecting.check, digits)
