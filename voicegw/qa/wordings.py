"""The same sentence as other people would say it: fillers, politeness, no punctuation, digits as words."""

import re

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

DIGIT_STRING = re.compile(r"\b(?!(?:19|20)\d\d\b)\d{3,}")
"""Not years, nor shorter ones, which are numbers: nobody says "at one zero" for ten o'clock."""
LONG_WORDS = 4
"""Nobody says "no please"."""


def variations(text: str) -> list[str]:
    """Other ways to say ``text`` that mean the same; without ``text`` itself."""
    plain = re.sub(r"[^\w\s'.@-]|[.](?!\w)", "", text).casefold()
    spelled = DIGIT_STRING.sub(lambda run: " ".join(DIGITS[int(digit)] for digit in run[0]), plain)
    spaced = DIGIT_STRING.sub(lambda run: " ".join(run[0]), plain)
    candidates = [plain, spelled, spaced, f"um, {text}", f"well {plain}"]
    if len(text.split()) >= LONG_WORDS:
        candidates.append(f"{plain} please")
    return [each for each in dict.fromkeys(candidates) if each != text]
