"""Sentence vectors of several languages: each text goes to the model that knows its script."""

import re
from collections.abc import Callable, Sequence

import numpy as np

from voicegw.engines.embed import SentenceEmbedder

HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")


class ByScript:
    """An embedder made of two with vectors of the same length.

    :param others: makes the embedder of other scripts than Latin when one is first seen.
    """

    def __init__(self, latin: SentenceEmbedder, others: Callable[[], SentenceEmbedder]) -> None:
        self._latin = latin
        self._make_others = others
        self._others: SentenceEmbedder | None = None

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32 ``[len(texts), dimensions]``, rows of length 1."""
        is_other = np.array([HANGUL.search(text) is not None for text in texts], bool)
        if not is_other.any():
            return self._latin.embed(texts)
        if self._others is None:
            self._others = self._make_others()
        rows = self._others.embed([text for text, other in zip(texts, is_other, strict=True) if other])
        if is_other.all():
            return rows
        mixed = np.zeros((len(texts), rows.shape[1]), np.float32)
        mixed[is_other] = rows
        mixed[~is_other] = self._latin.embed([text for text, other in zip(texts, is_other, strict=True) if not other])
        return mixed
