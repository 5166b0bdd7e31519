"""Text cut where a speaker would breathe, so that the first sound leaves before the last is made.

Two ways to the same pieces: ``split`` for text that is whole, ``ClauseStream`` for text that is still being
written. A piece is a sentence, or a clause of a long one; the first may be shorter than the others. What is
said in one breath stays in one piece: numbers, money, dates, times, abbreviations.
"""

import re
from enum import IntEnum

FIRST_WORDS = 2
"""The first piece may end at a comma once it has so many words: the caller waits for it."""
COMMA_WORDS = 5
"""Any other piece may end at a comma once it has so many."""
FIRST_CONJUNCTION_WORDS = 4
CONJUNCTION_WORDS = 9
"""Without a comma, a piece ends before a conjunction once it has so many words."""
WORDS_AFTER = 4
"""A sentence is not cut so late that fewer than this would follow."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABBREVIATIONS = _words("mr mrs ms dr prof rev gen sen st mt ft no nos approx apt dept est vs fig ave blvd")
"""A period after these never ends a sentence, except "no." (the answer) before a word."""
SENTENCE_END_TOO = _words("a.m p.m etc inc ltd co corp jr sr e.t.c")
"""A period after these ends a sentence if a new one seems to begin."""
MONTHS = _words("january february march april may june july august september october november december")
WEEKDAYS = _words("monday tuesday wednesday thursday friday saturday sunday")
ZONES = _words("est edt cst cdt mst mdt pst pdt et ct mt pt utc gmt eastern central mountain pacific")
NUMBERS = _words(
    "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million "
    "double triple"
)
UNITS = _words("dollar dollars cent cents pound pounds pence euro euros won percent hours minutes days")
CONJUNCTIONS = _words("and or but because which so if when while unless until although though then before after where")
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*$")
_COMMA = re.compile(r"[,;:][\"'”’)\]]*$|^[–—-]$|[–—]$")
_INITIALS = re.compile(r"^(?:[a-z]\.)+[a-z]?$|^[a-z]$")
_DIGIT = re.compile(r"\d")


class Break(IntEnum):
    """What lies between two words."""

    NONE = 0
    CONJUNCTION = 1
    COMMA = 2
    SENTENCE = 3


def split(text: str) -> list[str]:
    """The pieces of ``text``, none of them empty; joined by spaces they are the text, blanks aside."""
    stream = ClauseStream()
    return stream.feed(text) + stream.rest()


class ClauseStream:
    """Text comes bit by bit, pieces leave as soon as it is sure that they end."""

    def __init__(self) -> None:
        self._words: list[str] = []
        """Whole words that have not left yet."""
        self._unfinished = ""
        """A word that may go on."""
        self._looked_at = 0
        """So many gaps between ``_words`` have been found not to be the end of a piece."""
        self._first = True

    def feed(self, text: str) -> list[str]:
        """More text; the pieces that are complete now."""
        *words, self._unfinished = re.split(r"\s+", self._unfinished + text)
        return self._cut([word for word in words if word], final=False)

    def rest(self) -> list[str]:
        """The text is over: the pieces that have not left yet. The next text begins afresh."""
        pieces = self._cut([self._unfinished] if self._unfinished else [], final=True)
        if self._words:
            pieces.append(" ".join(self._words))
        self._words, self._unfinished, self._looked_at, self._first = [], "", 0, True
        return pieces

    def _cut(self, words: list[str], *, final: bool) -> list[str]:
        self._words += words
        pieces: list[str] = []
        while (length := self._find_end(final=final)) is not None:
            pieces.append(" ".join(self._words[:length]))
            del self._words[:length]
            self._looked_at = 0
            self._first = False
        return pieces

    def _find_end(self, *, final: bool) -> int | None:
        """How many words the next piece has, if that is known."""
        while self._looked_at + 1 < len(self._words):
            length = self._looked_at + 1
            found = break_between(*self._words[length - 1 : length + 2])
            if found is Break.SENTENCE:
                return length
            if self._long_enough(length, found):
                following = self._words_following(length)
                if following >= WORDS_AFTER:
                    return length
                if not final and length + following == len(self._words):
                    return None  # more words of this sentence may come
            self._looked_at = length
        return None

    def _long_enough(self, length: int, found: Break) -> bool:
        if found is Break.COMMA:
            return length >= (FIRST_WORDS if self._first else COMMA_WORDS)
        if found is Break.CONJUNCTION:
            return length >= (FIRST_CONJUNCTION_WORDS if self._first else CONJUNCTION_WORDS)
        return False

    def _words_following(self, start: int) -> int:
        """Words from ``start`` up to the end of the sentence, as far as they are known; ``WORDS_AFTER`` suffice."""
        for count, index in enumerate(range(start, min(start + WORDS_AFTER, len(self._words))), 1):
            around = self._words[index : index + 2]
            if len(around) == 2 and break_between(*around) is Break.SENTENCE:
                return count
        return min(WORDS_AFTER, len(self._words) - start)


def break_between(word: str, following: str, third: str = "") -> Break:
    """How well a speaker could pause between ``word`` and ``following``; ``third`` comes after them."""
    if _SENTENCE_END.search(word):
        return Break.SENTENCE if _ends_sentence(word, following) else Break.NONE
    if _COMMA.search(word):
        return Break.NONE if _belong_together(_plain(word), _plain(following)) else Break.COMMA
    if _plain(following) in CONJUNCTIONS and not _joins_numbers(word, following, third):
        return Break.CONJUNCTION
    return Break.NONE


def _ends_sentence(word: str, following: str) -> bool:
    if not word.rstrip("\"'”’)]").endswith("."):
        return True
    plain, begins_one = _plain(word), _seems_to_begin_a_sentence(following)
    if plain == "no":
        return not _DIGIT.search(following)
    if plain in ABBREVIATIONS:
        return False
    if plain in SENTENCE_END_TOO:
        return begins_one and _plain(following) not in MONTHS | WEEKDAYS | ZONES
    if _INITIALS.match(plain) and not _DIGIT.search(plain):
        return False
    return begins_one


def _seems_to_begin_a_sentence(word: str) -> bool:
    first = word.lstrip("\"'“‘([")[:1]
    return first.isupper() or first in "$€£¿" or not first.isascii()


def _belong_together(plain: str, following: str) -> bool:
    """Groups of digits, and the parts of a date, are one even with a comma between."""
    if _is_number(plain) and _is_number(following):
        return True
    if plain in WEEKDAYS:
        return following in MONTHS or following == "the"
    return plain in MONTHS and _is_number(following)


def _joins_numbers(word: str, conjunction: str, third: str) -> bool:
    """ "One hundred and five", "two dollars and ten cents", "between 5 and 7": no place to breathe."""
    amount = _is_number(_plain(word)) or _plain(word) in UNITS
    return amount and conjunction in ("and", "or") and _is_number(_plain(third))


def _is_number(plain: str) -> bool:
    return bool(_DIGIT.search(plain)) or plain in NUMBERS


def _plain(word: str) -> str:
    """Lower case, without punctuation around it."""
    return word.strip("\"'“”‘’()[].,;:!?…–—").lower()
