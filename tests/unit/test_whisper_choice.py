"""What is taken of the ways in which Whisper's decoder writes one sound."""

import numpy as np
import pytest

pytest.importorskip("ctranslate2")

from voicegw.engines.providers.whisper_stt import WhisperRecognizer
from voicegw.engines.providers.whisper_text import Decoded
from voicegw.nlu.expecting import Expecting

RATE_HZ = 8000


class Engine:
    """A decoder that writes what it is told to, its own choice first."""

    def __init__(self, *written: Decoded) -> None:
        self._written = list(written)

    def encode(self, features: np.ndarray) -> np.ndarray:
        return np.zeros((50, 384), np.float32)

    def digits(self, states: np.ndarray, expecting: Expecting) -> None:
        return None

    def written(self, states: np.ndarray, speech_s: float, digits=None, hint: str = "", beams: int = 1):
        return self._written[:beams]


def heard(*written: Decoded) -> str:
    recognizer = WhisperRecognizer(Engine(*written), RATE_HZ, Expecting())
    recognizer.feed(np.random.default_rng(1).normal(0, 2000, 2 * RATE_HZ).astype(np.int16))
    return recognizer.decode(final=True).text


def test_where_the_decoder_invents_words_nothing_else_was_said_either() -> None:
    noise = 0.7
    assert heard(Decoded("Thank you.", 0.3, noise, 3), Decoded("Bye.", 0.2, noise, 2)) == ""


def test_a_sentence_that_is_written_twice_was_said_once() -> None:
    twice, once = "Where is my order? Where is my order?", "Where is my order?"
    assert heard(Decoded(twice, 0.95, 0.1, 10), Decoded(once, 0.92, 0.1, 6)) == once
    assert heard(Decoded(twice, 0.95, 0.1, 10)) == twice
