"""Words as features: stems, pairs of stems, and letters of words, weighted by how rare they are in the examples."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from voicegw.nlu.arrays import Array, unit_rows

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[0-9]+")
ENDINGS = ("ings", "ing", "ies", "ied", "es", "ed", "ly", "s")
SHORTEST_STEM = 3
LETTERS = (3, 4)
"""Lengths of the runs of letters: they tie "rebook" to "booking" and forgive misheard endings."""


def stem(word: str) -> str:
    """Cuts common English endings; what is left need not be a word."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def features(text: str) -> set[str]:
    """What stands in ``text``: ``refund``, ``my_refund``, ``c:ref`` …"""
    tokens = ["#" if token.isdigit() else token for token in _TOKEN.findall(text.lower().replace("’", "'"))]
    stems = [stem(token) for token in tokens]
    framed = ["^", *stems, "$"]
    pairs = {f"{a}_{b}" for a, b in pairwise(framed)}
    return set(stems) | pairs | {run for token in tokens for run in _letters(token)}


def _letters(token: str) -> Iterator[str]:
    framed = f"<{token}>"
    for size in LETTERS:
        for k in range(len(framed) - size + 1):
            yield f"c:{framed[k : k + size]}"


@dataclass(frozen=True)
class Lexicon:
    """The features of a set of texts."""

    columns: Mapping[str, int]
    weights: Array
    """Inverse document frequency, one per column."""

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Lexicon":
        counts = Counter(feature for text in texts for feature in sorted(features(text)))
        columns = {feature: column for column, feature in enumerate(counts)}
        weights = np.log((1 + len(texts)) / (1 + np.array(list(counts.values()), np.float32))) + 1
        return cls(columns, weights.astype(np.float32))

    def matrix(self, texts: Sequence[str]) -> Array:
        """float32 ``[texts, features]``, rows of length 1, or 0 for words never seen."""
        rows = np.zeros((len(texts), len(self.columns)), np.float32)
        for row, text in zip(rows, texts, strict=True):
            places = [self.columns[feature] for feature in features(text) if feature in self.columns]
            row[places] = self.weights[places]
        return unit_rows(rows)
