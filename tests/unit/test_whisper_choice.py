"""What is taken of the ways in which Whisper's decoder writes one sound."""

from collections.abc import Sequence

import numpy as np
import pytest

pytest.importorskip("ctranslate2")

from voicegw.engines.providers.whisper_stt import RIVALS, WhisperRecognizer
from voicegw.engines.providers.whisper_text import Decoded
from voicegw.nlu.expecting import Expecting

RATE_HZ = 8000


class Engine:
    """A decoder that writes what it is told to, its own choice first."""

    def __init__(self, *written: Decoded, hinted: Sequence[Decoded] = ()) -> None:
        self._written = list(written)
        self._hinted = list(hinted)
        self.asked: list[int] = []
        """For how many, each time."""

    def encode(self, features: np.ndarray) -> np.ndarray:
        return np.zeros((50, 384), np.float32)

    def digits(self, states: np.ndarray, expecting: Expecting) -> None:
        return None

    def written(self, states: np.ndarray, speech_s: float, digits=None, hint: str = "", beams: int = 1):
        self.asked.append(beams)
        return (self._hinted if hint else self._written)[:beams]


def hear(engine: Engine, *, ahead: bool = False, seconds: int = 2, hint: str = "") -> str:
    recognizer = WhisperRecognizer(engine, RATE_HZ, Expecting(hint=hint))  # type: ignore[arg-type]
    recognizer.feed(np.random.default_rng(1).normal(0, 2000, seconds * RATE_HZ).astype(np.int16))
    return recognizer.decode(final=True, ahead=ahead).text


def heard(*written: Decoded) -> str:
    return hear(Engine(*written))


def test_where_the_decoder_invents_words_nothing_else_was_said_either() -> None:
    noise = 0.7
    assert heard(Decoded("Thank you.", 0.3, noise, 3), Decoded("Bye.", 0.2, noise, 2)) == ""


def test_a_sentence_that_is_written_twice_was_said_once() -> None:
    twice, once = "Where is my order? Where is my order?", "Where is my order?"
    assert heard(Decoded(twice, 0.95, 0.1, 10), Decoded(once, 0.92, 0.1, 6)) == once
    assert heard(Decoded(twice, 0.95, 0.1, 10)) == twice


def test_who_looks_ahead_is_not_kept_by_what_else_may_have_been_said() -> None:
    unclear, other = Decoded("I need a feeling.", 0.5, 0.1, 5), Decoded("I need a filling.", 0.5, 0.1, 5)
    engine = Engine(unclear, other, hinted=(other,))
    assert hear(engine, ahead=True, hint="filling") == "I need a feeling."
    assert engine.asked == [1]


def test_what_is_long_is_not_written_a_second_time_with_a_hint() -> None:
    unclear = Decoded("I was there on Monday and wanted to see somebody.", 0.7, 0.1, 12)
    engine = Engine(unclear, hinted=(unclear,))
    assert hear(engine, seconds=5, hint="filling")
    assert engine.asked == [RIVALS]
    assert hear(engine, seconds=2, hint="filling")
    assert engine.asked == [RIVALS, RIVALS, RIVALS]


def test_where_all_rivals_are_cut_short_what_is_written_word_for_word_is_taken() -> None:
    whole = Decoded("I want my money back for order 1 2 3 4.", 0.76, 0.1, 14)
    short = Decoded("I want my money back for", 0.42, 0.1, 7)

    class CutsShort(Engine):
        def written(self, states: np.ndarray, speech_s: float, digits=None, hint: str = "", beams: int = 1):
            return [whole] if beams == 1 else [short, Decoded("I want my money back", 0.39, 0.1, 6)]

    assert hear(CutsShort()) == whole.text


def test_a_few_words_that_hardly_sound_so_do_not_win_by_being_few() -> None:
    own = Decoded("What are you open in your own?", 0.39, 0.1, 9)
    few = Decoded("I am", 0.085, 0.1, 3)
    assert few.chance > own.chance
    engine = Engine(own, hinted=(few,))
    asked = Expecting(hint="where is my order", likely=("I am waiting for my order", "I am here", "what is it"))
    recognizer = WhisperRecognizer(engine, RATE_HZ, asked)  # type: ignore[arg-type]
    recognizer.feed(np.random.default_rng(1).normal(0, 2000, 2 * RATE_HZ).astype(np.int16))
    assert recognizer.decode(final=True).text == own.text
