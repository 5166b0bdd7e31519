"""Search over entries: meaning by vectors, words by how rare they are (BM25). Pure: vectors are given."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .reading import Entry

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_COMMON = frozenset(
    "a an the i i'd i'll i'm i've we you your my our me us he she they it its it's is are was were am be been do does "
    "did have has had will would can could shall should may might must to of for in on at by from with about as that "
    "this these those there here and or but so if then please like want need get got just also very what what's "
    "which who how when where why tell know much many some any".split()
)
_ENDINGS = ("ings", "ing", "ies", "ied", "es", "ed", "ly", "s")
WORDS = 0.35
"""Where there are vectors, how much of what meaning leaves open words can fill."""


@dataclass(frozen=True)
class Hit:
    """An entry that fits."""

    entry: Entry
    score: float
    """0 to 1."""


class Index:
    """Entries that can be searched.

    :param vectors: one for each phrase of each entry, in order, rows of length 1; None: words alone decide.
    """

    def __init__(self, entries: Sequence[Entry], vectors: np.ndarray | None) -> None:
        self._entries = tuple(entries)
        self._vectors = vectors
        self._starts = np.cumsum([0, *(len(entry.phrases) for entry in entries)])[:-1]
        self._bags = [Counter(stems(" ".join(entry.phrases))) for entry in entries]
        seen = Counter(stem for bag in self._bags for stem in bag)
        self._rarity = {stem: math.log(1 + len(entries) / count) for stem, count in seen.items()}
        self._unseen = math.log(1 + len(entries))

    def __len__(self) -> int:
        return len(self._entries)

    def search(self, question: str, vector: np.ndarray | None, most: int) -> list[Hit]:
        """The best, best first."""
        if not self._entries:
            return []
        scores = self._words(question)
        if self._vectors is not None and vector is not None:
            meaning = self._meaning(vector)
            scores = meaning + (1 - meaning) * WORDS * scores
        order = np.argsort(-scores, kind="stable")[:most]
        return [Hit(self._entries[k], round(float(scores[k]), 3)) for k in order if scores[k] > 0]

    def _meaning(self, vector: np.ndarray) -> np.ndarray:
        assert self._vectors is not None
        likeness = np.clip(self._vectors @ vector, 0.0, 1.0)
        return np.maximum.reduceat(likeness, self._starts)

    def _words(self, question: str) -> np.ndarray:
        """How much of what the question says, weighted by rarity, is in each entry."""
        asked = set(stems(question))
        whole = sum(self._rarity.get(stem, self._unseen) for stem in asked)
        if not whole:
            return np.zeros(len(self._entries))
        return np.array([sum(self._rarity[stem] for stem in asked if stem in bag) / whole for bag in self._bags])


def stems(text: str) -> list[str]:
    """Words that mean something, without their endings."""
    words = (word.lower().replace("’", "'") for word in _WORD.findall(text))
    return [_stem(word) for word in words if word not in _COMMON]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
