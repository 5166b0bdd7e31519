"""The same sentence as other people would say it: fillers, politeness, no punctuation, digits as words."""

import re

from voicegw.dialplan.spoken import groups

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

DIGIT_STRING = re.compile(r"\b(?!(?:19|20)\d\d\b)\d{3,}")
"""Not years, nor shorter ones, which are numbers: nobody says "at one zero" for ten o'clock."""
LONG_WORDS = 4
"""Nobody says "no please"."""


def read_out(text: str) -> str:
    """With strings of digits as people read them out, in groups: "it's two zero four, one one eight"."""
    return DIGIT_STRING.sub(lambda run: ", ".join(_words(run[0][begin : begin + size]) for begin, size in
                                                  groups(len(run[0]))), text)  # fmt: skip


def _words(digits: str) -> str:
    return " ".join(DIGITS[int(digit)] for digit in digits)


def variations(text: str, language: str = "en") -> list[str]:
    """Other ways to say ``text`` that mean the same; without ``text`` itself."""
    candidates = _korean(text) if language == "ko" else _english(text)
    return [each for each in dict.fromkeys(candidates) if each != text]


def _english(text: str) -> list[str]:
    plain = re.sub(r"[^\w\s'.@-]|[.](?!\w)", "", text).casefold()
    spelled = DIGIT_STRING.sub(lambda run: _words(run[0]), plain)
    spaced = DIGIT_STRING.sub(lambda run: " ".join(run[0]), plain)
    polite = [f"{plain} please"] if len(text.split()) >= LONG_WORDS else []
    return [plain, spelled, spaced, f"um, {text}", f"well {plain}", *polite]


def _korean(text: str) -> list[str]:
    plain = re.sub(r"[^\w\s@-]", "", text)
    run_together = re.sub(r"(?<=[가-힣])\s(?=시|분|반|주세요|월|일)", "", plain)
    return [plain, run_together, f"음, {text}", f"저기 {plain}"]
