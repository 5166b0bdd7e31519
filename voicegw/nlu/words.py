"""The caller's words with their places, and matching of fixed phrases over them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[0-9]+|[^\W\d_]+(?:['’][^\W\d_]+)*|[^\w\s]|_")


@dataclass(frozen=True)
class Word:
    """A run of letters, a run of digits, or one mark."""

    text: str
    """Lower case, apostrophes straight."""
    start: int
    """Offset in the turn's text, characters."""
    end: int
    glued: bool
    """Nothing stands between it and the word before."""
    capital: bool
    """Written with a capital first letter."""

    @property
    def is_digits(self) -> bool:
        return self.text.isascii() and self.text.isdigit()

    @property
    def is_letters(self) -> bool:
        return self.text[0].isalpha()


Words = Sequence[Word]


def split(text: str) -> tuple[Word, ...]:
    """``"7pm"`` gives ``7`` and ``pm``; ``"a.m."`` four words; ``"o'clock"`` one."""
    words: list[Word] = []
    for found in _WORD.finditer(text):
        glued = bool(words) and words[-1].end == found.start()
        said = found.group()
        words.append(Word(said.lower().replace("’", "'"), found.start(), found.end(), glued, said[0].isupper()))
    return tuple(words)


def at(words: Words, i: int) -> str:
    """The word at ``i``, or nothing beyond either end."""
    return words[i].text if 0 <= i < len(words) else ""


@lru_cache(maxsize=4096)
def _pieces(phrase: str) -> tuple[str, ...]:
    return tuple(word.text for word in split(phrase))


def match(words: Words, i: int, phrases: Iterable[str]) -> int:
    """Index after the longest of ``phrases`` that stands at ``i``; 0 if none does."""
    best = 0
    for phrase in phrases:
        pieces = _pieces(phrase)
        end = i + len(pieces)
        if end > best and end <= len(words) and all(words[i + k].text == piece for k, piece in enumerate(pieces)):
            best = end
    return best


def match_back(words: Words, j: int, phrases: Iterable[str]) -> int:
    """Index at which the longest of ``phrases`` that ends before ``j`` begins; -1 if none does."""
    best = -1
    for phrase in phrases:
        pieces = _pieces(phrase)
        i = j - len(pieces)
        if i < 0 or (best != -1 and i >= best):
            continue
        if all(words[i + k].text == piece for k, piece in enumerate(pieces)):
            best = i
    return best


def skip(words: Words, i: int, marks: Iterable[str]) -> int:
    """Index of the first word from ``i`` on that is not one of ``marks``."""
    skipped = frozenset(marks)
    while i < len(words) and words[i].text in skipped:
        i += 1
    return i
