"""How well words fit what is likely to be said: tells "refund order" from "refined order", which sound alike.

An interpolated bigram model (Jelinek and Mercer 1980) of sentences that callers may say here, against words of which
nothing is known.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, pairwise

from voicegw.nlu.en.answers import ANSWERS
from voicegw.nlu.en.numbers import TEENS, TENS, UNITS
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.words import split

BEGIN, END, NUMBER = "<s>", "</s>", "<n>"
"""Which number it is tells nothing."""
NUMBER_WORDS = frozenset({*UNITS, *TEENS, *TENS, "oh", "double"})
AROUND = ("{}", "a {}", "the {}", "{} please")
"""How an option is named."""
ANYWAY = 0.15
"""Weight of a sentence that may be said besides the answers to the question."""
PAIRS = 0.7
"""Weight of pairs of words against single ones."""
UNSEEN, STOCK = 0.02, 20.0
"""Weight of a word that no sentence has, and of all of these together."""
NOTHING_KNOWN = math.log(400)
MOST_FOR_ONE = 3.0
"""Nats that one word may win: a rare one is not ten times the evidence."""
KNOWN = 2.0
"""Nats for each word from which on they are put as callers put it."""
FOR_ALL = 1.0
"""Nats that a whole sentence wins which is word for word a likely one."""


class LikelyWords:
    """What callers may say in one place of a conversation.

    :param asked: answers to the question, as sentences.
    :param anyway: what may be said at any time.
    """

    def __init__(self, asked: Iterable[str], anyway: Iterable[str]) -> None:
        self._known: set[str] = set()
        self._words: defaultdict[str, float] = defaultdict(float)
        self._pairs: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._begun: defaultdict[str, float] = defaultdict(float)
        own = [_plain(sentence) for sentence in asked]
        others = [_plain(sentence) for sentence in anyway]
        self._known.update(chain(*own, *others))
        self._whole = {tuple(words) for words in own}
        for words, weight in chain(((words, 1.0) for words in own), ((words, ANYWAY) for words in others)):
            self._count(words, weight)
        self._all = sum(self._words.values())

    def _count(self, words: Sequence[str], weight: float) -> None:
        for before, word in pairwise((BEGIN, *words, END)):
            self._words[word] += weight
            self._pairs[before, word] += weight
            self._begun[before] += weight

    def words(self, text: str) -> tuple[str, ...]:
        """``text`` as it is compared: plain words, numbers alike, "check up" as the "checkup" that is known."""
        joined: list[str] = []
        for word in _plain(text):
            if joined and joined[-1] + word in self._known:
                joined[-1] += word
            else:
                joined.append(word)
        return tuple(joined)

    def fit(self, words: Sequence[str]) -> float:
        """By how many nats these ``words`` are likelier here than words of which nothing is known."""
        gains = (min(self._chance(*pair) + NOTHING_KNOWN, MOST_FOR_ONE) for pair in pairwise((BEGIN, *words, END)))
        return sum(gains) + (FOR_ALL if tuple(words) in self._whole else 0.0)

    def knows(self, words: Sequence[str]) -> bool:
        """Whether they are put as callers put it here: each word and what follows it is likely."""
        return self.fit(words) >= KNOWN * (len(words) + 1)

    def _chance(self, before: str, word: str) -> float:
        """Log probability of ``word`` after ``before``."""
        alone = (self._words.get(word, 0.0) + UNSEEN) / (self._all + STOCK)
        paired = self._pairs.get((before, word), 0.0) / (self._begun.get(before, 0.0) + 1)
        return math.log(PAIRS * paired + (1 - PAIRS) * alone)


def likely_words(expecting: Expecting) -> LikelyWords:
    """What may be said to this question; made once for each kind of question."""
    return _made(expecting.kind, expecting.phrases, expecting.likely)


@lru_cache(maxsize=64)
def _made(kind: str, phrases: tuple[str, ...], likely: tuple[str, ...]) -> LikelyWords:
    named = [form.format(phrase) for phrase in phrases for form in AROUND]
    asked = likely if kind == "any" else (*named, *ANSWERS.get(kind, ()))
    return LikelyWords(asked, chain(likely, *ANSWERS.values()))


def _plain(text: str) -> list[str]:
    """Its words, marks left out, and one for all numbers in a row."""
    words = [word for word in split(text) if word.is_letters or word.is_digits]
    plain = [NUMBER if word.is_digits or word.text in NUMBER_WORDS else word.text for word in words]
    return [word for before, word in pairwise([BEGIN, *plain]) if (before, word) != (NUMBER, NUMBER)]
