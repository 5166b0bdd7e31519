"""Sentence vectors by all-MiniLM-L6-v2 (int8 ONNX): mean of the last hidden states, length 1."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tokenizers

from voicegw.engines.providers.onnx import ONNX_ERRORS, session
from voicegw.errors import EngineError

DIMENSIONS = 384
MOST_TOKENS = 128


class MiniLmEmbedder:
    """One thread, no pool: may be made before a fork and used after it.

    :param folder: ``model.onnx`` and ``tokenizer.json``.
    """

    def __init__(self, folder: Path) -> None:
        self._session = session(folder / "model.onnx")
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._tokenizer.enable_padding()

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32 ``[len(texts), 384]``, rows of length 1."""
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        encoded = self._tokenizer.encode_batch(list(texts))
        mask = np.array([one.attention_mask for one in encoded], np.int64)
        inputs = {
            "input_ids": np.array([one.ids for one in encoded], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        try:
            hidden = self._session.run(["last_hidden_state"], inputs)[0]
        except ONNX_ERRORS as error:
            raise EngineError(f"sentence vectors failed: {error}") from error
        weights = mask[:, :, np.newaxis].astype(np.float32)
        mean = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
        return (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)
