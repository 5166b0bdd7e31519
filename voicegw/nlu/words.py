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


def bare(text: str) -> str:
    """Its letters and digits alone, lower case: the same words are the same, however they were written."""
    return "".join(character for character in text.lower() if character.isalnum())


def at(words: Words, i: int) -> str:
    """The word at ``i``, or nothing beyond either end."""
    return words[i].text if 0 <= i < len(words) else ""


Pieces = tuple[str, ...]


@lru_cache(maxsize=1024)
def _by_edge(phrases: tuple[str, ...], edge: int) -> dict[str, tuple[Pieces, ...]]:
    """The phrases under their first word (edge 0) or their last (edge -1), longest first."""
    index: dict[str, list[Pieces]] = {}
    for pieces in sorted({tuple(word.text for word in split(phrase)) for phrase in phrases}, key=len, reverse=True):
        if pieces:
            index.setdefault(pieces[edge], []).append(pieces)
    return {word: tuple(found) for word, found in index.items()}


def match(words: Words, i: int, phrases: Iterable[str]) -> int:
    """Index after the longest of ``phrases`` that stands at ``i``; 0 if none does."""
    if not 0 <= i < len(words):
        return 0
    for pieces in _by_edge(tuple(phrases), 0).get(words[i].text, ()):
        if _stands(words, i, pieces):
            return i + len(pieces)
    return 0


def match_back(words: Words, j: int, phrases: Iterable[str]) -> int:
    """Index at which the longest of ``phrases`` that ends before ``j`` begins; -1 if none does."""
    if not 0 < j <= len(words):
        return -1
    for pieces in _by_edge(tuple(phrases), -1).get(words[j - 1].text, ()):
        i = j - len(pieces)
        if i >= 0 and _stands(words, i, pieces):
            return i
    return -1


def _stands(words: Words, i: int, pieces: Pieces) -> bool:
    return i + len(pieces) <= len(words) and all(words[i + k].text == piece for k, piece in enumerate(pieces))


def skip(words: Words, i: int, marks: Iterable[str]) -> int:
    """Index of the first word from ``i`` on that is not one of ``marks``."""
    skipped = frozenset(marks)
    while i < len(words) and words[i].text in skipped:
        i += 1
    return i
