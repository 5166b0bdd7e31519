"""Routing: which of a dialplan's intents a turn is, by its sentence vector, its words, and those of the examples.

One ridge logistic model per intent over both, learned from the examples against each other and against a background
of sentences that are none of them. Probabilities are calibrated on examples that were held out, and so is the
threshold above which the reflex stands by the best intent. Pure: vectors are given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from voicegw.nlu import calibration, logistic
from voicegw.nlu.arrays import Array
from voicegw.nlu.calibration import Platt
from voicegw.nlu.lexical import Lexicon
from voicegw.nlu.logistic import Logistic
from voicegw.nlu.understanding import IntentScore

HOLDS = 0.5
"""An intent is said to hold in a turn from this probability on: best balance of found and right."""
SHOWN = 6
"""Intents told at most, apart from those that hold."""
PARTS = 5
"""Parts of the examples that are held out in turn for calibration."""
TOO_LIKE = 0.8
"""Cosine from which a background sentence is too like an example to be none of them."""


@dataclass(frozen=True)
class Background:
    """Sentences that are no intent's."""

    vectors: Array
    texts: Sequence[str]


class Router:
    """Knows the intents of one dialplan."""

    def __init__(
        self, names: Sequence[str], lexicon: Lexicon | None, model: Logistic, platt: Platt, sure: float
    ) -> None:
        self._names = tuple(names)
        self._lexicon = lexicon
        self._model = model
        self._platt = platt
        self._sure = sure

    @property
    def names(self) -> tuple[str, ...]:
        """Of the intents."""
        return self._names

    @property
    def sure(self) -> float:
        """Probability from which the best intent is stood by."""
        return self._sure

    @classmethod
    def fit(
        cls,
        examples: Mapping[str, Array],
        texts: Mapping[str, Sequence[str]] | None = None,
        background: Background | None = None,
    ) -> "Router":
        """Learn the intents; a sentence may stand under several.

        :param examples: intent to float32 ``[sentences, dimensions]``, rows of length 1.
        :param texts: the same sentences; without them, vectors alone decide.
        :param background: sentences that are none of the intents.
        """
        vectors, said, labels = _table(examples, texts, background)
        lexicon = Lexicon.of(said) if texts is not None else None
        rows = _rows(vectors, said, lexicon)
        platt, sure = _calibrated(rows, labels)
        return cls(list(examples), lexicon, logistic.fit(rows, labels), platt, sure)

    def route(self, vector: Array, text: str = "") -> tuple[tuple[IntentScore, ...], bool]:
        """The likeliest intents, best first, and whether the reflex stands by the best."""
        if not self._names:
            return (), False
        rows = _rows(np.asarray(vector, np.float32)[None], [text], self._lexicon)
        chances = self._platt.probabilities(self._model.margins(rows))[0]
        order = np.argsort(-chances, kind="stable")
        shown = [place for rank, place in enumerate(order) if rank < SHOWN or chances[place] >= HOLDS]
        scores = tuple(IntentScore(self._names[place], round(float(chances[place]), 3)) for place in shown)
        return scores, bool(scores[0].score >= self._sure)


def _table(
    examples: Mapping[str, Array], texts: Mapping[str, Sequence[str]] | None, background: Background | None
) -> tuple[Array, list[str], Array]:
    """Every sentence once, with the intents that it stands under; the background last."""
    rows: dict[bytes, int] = {}
    vectors: list[Array] = []
    said: list[str] = []
    members: list[set[int]] = []
    for place, (name, given) in enumerate(examples.items()):
        for k, vector in enumerate(np.asarray(given, np.float32)):
            row = rows.setdefault(vector.tobytes(), len(vectors))
            if row == len(vectors):
                vectors.append(vector)
                said.append(texts[name][k] if texts is not None else "")
                members.append(set())
            members[row].add(place)
    labels = np.zeros((len(vectors), len(examples)))
    for row, places in enumerate(members):
        labels[row, sorted(places)] = 1
    return _with_background(np.array(vectors, np.float32), said, labels, background)


def _with_background(
    vectors: Array, said: list[str], labels: Array, background: Background | None
) -> tuple[Array, list[str], Array]:
    if background is None or not len(vectors):
        return vectors, said, labels
    unlike = np.flatnonzero((background.vectors @ vectors.T).max(axis=1) < TOO_LIKE)
    added = np.zeros((len(unlike), labels.shape[1]))
    texts = [background.texts[int(place)] for place in unlike]
    return np.vstack([vectors, background.vectors[unlike]]), said + texts, np.vstack([labels, added])


def _rows(vectors: Array, texts: Sequence[str], lexicon: Lexicon | None) -> Array:
    """Meaning and words, half and half."""
    if lexicon is None:
        return vectors
    return np.hstack([vectors, lexicon.matrix(texts)]) * np.float32(np.sqrt(0.5))


def _calibrated(rows: Array, labels: Array) -> tuple[Platt, float]:
    """Margins of examples that a model has not seen tell how far its margins can be believed."""
    margins = np.zeros_like(labels)
    parts = _parts(labels)
    for part in range(PARTS):
        seen = parts != part
        if seen.all() or not seen.any():
            continue
        margins[~seen] = logistic.fit(rows[seen], labels[seen]).margins(rows[~seen])
    platt = Platt.fit(margins, labels)
    chances = platt.probabilities(margins)
    best = chances.argmax(axis=1)
    right = labels[np.arange(len(labels)), best] > 0
    return platt, calibration.threshold(chances.max(axis=1), right)


def _parts(labels: Array) -> Array:
    """The part that each sentence is held out with: the sentences of an intent are dealt out in turn."""
    keys = [tuple(int(place) for place in np.flatnonzero(row)) for row in labels]
    dealt: dict[tuple[int, ...], int] = {}
    parts = np.zeros(len(keys), int)
    for row, key in enumerate(keys):
        dealt[key] = dealt.get(key, sum(key) - 1) + 1
        parts[row] = dealt[key] % PARTS
    return parts
