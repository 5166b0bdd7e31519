"""Stand-ins for the engines that need a model, with set delays and next to no work.

For load tests: everything else of the service (SIP, RTP, turn-taking, workers, Redis, the database) is real, and a
machine is not limited by what its models can carry. They hear what they are told that callers say, in order.
"""

import functools
import hashlib
import time
from collections.abc import Iterator, Sequence

import numpy as np

from voicegw.audio.levels import level_dbfs
from voicegw.engines.stt import Hypothesis, SttCapabilities
from voicegw.engines.tts import TtsCapabilities
from voicegw.nlu.expecting import Expecting

RATE_HZ = 8000
LANGUAGES = frozenset({"en", "ko"})
VOICE_DBFS = -50.0
"""20 ms softer than this hold no voice."""
FRAME_SAMPLES = RATE_HZ // 50
HEARD_CHARACTER_S = 0.036
"""Voice for each character, at least: people who speak fast. Less voice, and only so many words have been said."""
CHARACTER_S = 0.06
"""How long people take for one."""
PITCH_HZ, AMPLITUDE = 140, 5000
SYLLABLE_HZ = 4
DIMENSIONS = 256


class StubSpeechToText:
    """Hears ``hears[0]`` in the first utterance of its process, ``hears[1]`` in the second, and so on.

    :param decode_ms: how long each decoding takes.
    """

    def __init__(self, hears: Sequence[str], decode_ms: float) -> None:
        self.capabilities = SttCapabilities(LANGUAGES, RATE_HZ, streams=False, grammars=False)
        self._hears = tuple(hears)
        self._decode_s = decode_ms / 1000
        self._heard = 0

    def recognizer(self, rate_hz: int, expecting: Expecting | None = None) -> "StubRecognizer":
        """For the next utterance."""
        return StubRecognizer(self, rate_hz)

    def warm_up(self) -> None:
        """Nothing to do."""

    @property
    def due(self) -> str:
        """What is said in the utterance that is not over yet."""
        return self._hears[self._heard % len(self._hears)]

    def go_on(self) -> None:
        """That was said to its end."""
        self._heard += 1

    def wait(self) -> None:
        """As long as decoding takes."""
        time.sleep(self._decode_s)


class StubRecognizer:
    """One utterance."""

    def __init__(self, engine: StubSpeechToText, rate_hz: int) -> None:
        self._engine = engine
        self._rate_hz = rate_hz
        self._samples = 0
        self._voice_s = 0.0
        self._words = ""
        """All of them, once they were said."""

    def feed(self, pcm: np.ndarray) -> None:
        """Only listens for how long there is voice."""
        self._samples += len(pcm)
        frames = pcm[: len(pcm) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
        self._voice_s += sum(level_dbfs(frame) > VOICE_DBFS for frame in frames) * FRAME_SAMPLES / self._rate_hz

    def decode(self, *, final: bool, ahead: bool = False) -> Hypothesis:
        """The words that were said by now."""
        self._engine.wait()
        words = self._words or self._said()
        return Hypothesis(words, 0.95 if words else 0.0, self._samples * 1000 // self._rate_hz)

    def _said(self) -> str:
        line = self._engine.due
        characters = int(self._voice_s / HEARD_CHARACTER_S)
        if characters < len(line):
            return line[:characters].rpartition(" ")[0]
        self._words = line
        self._engine.go_on()
        return line


class StubTextToSpeech:
    """Hums for as long as a person would speak.

    :param first_ms: until the first sound of a clause.
    """

    key = "stub 1"

    def __init__(self, first_ms: float) -> None:
        self.capabilities = TtsCapabilities(LANGUAGES, RATE_HZ, ("hum",))
        self._first_s = first_ms / 1000

    def speak(self, text: str, *, speed: float = 1.0) -> Iterator[np.ndarray]:
        """A hum with syllables."""
        time.sleep(self._first_s)
        yield hum(len(text) * CHARACTER_S / speed)

    def warm_up(self) -> None:
        """Nothing to do."""


def hum(seconds: float) -> np.ndarray:
    """Int16 at 8 kHz: a buzz that grows louder and softer as syllables do, never silent."""
    at_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    buzz = sum(np.sin(2 * np.pi * PITCH_HZ * n * at_s) / n for n in range(1, 5))
    return (AMPLITUDE * buzz * (0.7 - 0.3 * np.cos(2 * np.pi * SYLLABLE_HZ * at_s))).astype(np.int16)


class StubEmbedder:
    """Texts are alike as far as they share words."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32 ``[texts, DIMENSIONS]``, rows of length 1."""
        nothing = np.full(DIMENSIONS, 1e-6)
        rows = [sum(map(_word_vector, text.casefold().split()), nothing) for text in texts]
        matrix = np.array(rows).reshape(-1, DIMENSIONS)
        return (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)


@functools.cache
def _word_vector(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.blake2b(word.strip(".,?!").encode(), digest_size=8).digest(), "little")
    return np.random.default_rng(seed).normal(0, 1, DIMENSIONS)
