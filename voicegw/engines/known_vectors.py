"""Sentence vectors that need not be computed again: kept in memory, and handed from process to process as bytes."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from voicegw.engines.embed import SentenceEmbedder


class KnownVectors:
    """An embedder that answers from what it knows where it can.

    It comes to know sentences only while ``remembering``: a dialplan's are worth keeping, a caller's must not be.

    :param model: names the embedder's exact model; vectors of another one are not taken.
    """

    def __init__(self, embedder: SentenceEmbedder, model: str) -> None:
        self._embedder = embedder
        self._model = model
        self._known: dict[str, np.ndarray] = {}
        self._asked: set[str] = set()
        self._remembers = False

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """As ``SentenceEmbedder.embed``."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if not self._remembers:
            return self._embedder.embed(texts) if missing else self._rows(texts)
        self._known.update(zip(missing, self._embedder.embed(missing), strict=True))
        self._asked.update(texts)
        return self._rows(texts)

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """What is asked for within is known from then on."""
        self._remembers, self._asked = True, set()
        try:
            yield
        finally:
            self._remembers = False

    def to_bytes(self) -> bytes:
        """What was asked for in the last ``remembering``."""
        texts = sorted(self._asked)
        file = io.BytesIO()
        np.savez_compressed(file, model=np.array(self._model), texts=np.array(texts), vectors=self._rows(texts))
        return file.getvalue()

    def take(self, data: bytes) -> bool:
        """Know what ``to_bytes`` gave of the same model; False: another model's, and nothing was taken."""
        with np.load(io.BytesIO(data), allow_pickle=False) as found:
            if str(found["model"]) != self._model:
                return False
            self._known.update(zip(map(str, found["texts"]), found["vectors"], strict=True))
        return True

    def _rows(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([self._known[text] for text in texts], np.float32)
