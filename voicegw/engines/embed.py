"""Sentence vectors: texts with like meaning lie close together."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np


class SentenceEmbedder(Protocol):
    """A loaded model, shared by a process."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32 ``[len(texts), dimensions]``, rows of length 1, so a dot product is the cosine. Blocks."""
