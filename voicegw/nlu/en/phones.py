"""Telephone numbers. Values are digits, with "+" before a country code that was said as such."""

from voicegw.nlu.en.digits import best_spelling, corrected, runs
from voicegw.nlu.turn import LIKELY, Candidate, Turn
from voicegw.nlu.words import Word, at, match_back

SHORTEST = 7
LONGEST = 15
"""ITU-T E.164 §6.2.1."""
MARKS = "()+-."


def find(turn: Turn) -> list[Candidate]:
    """Digit strings of a telephone number's length, in brackets, dashes or words."""
    asked = turn.expects("phone")
    words = tuple(word if word.text not in "()+" else _as_comma(word) for word in turn.words)
    found: list[Candidate] = []
    for run in corrected(words, runs(words, loose=asked), None):
        digits, part, _ = best_spelling(run.groups, None, "")
        if not SHORTEST <= len(digits) <= LONGEST or (not asked and len(digits) not in (10, 11, 12)):
            continue
        plus = match_back(turn.words, part[0].i, ("+", "plus"))
        i = part[0].i - (at(turn.words, part[0].i - 1) == "(") if plus < 0 else plus
        i, weight = min(i, run.i), LIKELY if asked else 3.0
        said = ("+" if plus >= 0 else "") + digits
        found.append(Candidate("phone", said, i, part[-1].j, weight, mended=run.mended))
    return found


def _as_comma(word: Word) -> Word:
    return Word(",", word.start, word.end, word.glued, False)
