"""Whisper by CTranslate2, made for turns: only what was said is encoded, not thirty seconds of padding.

Radford et al., *Robust Speech Recognition via Large-Scale Weak Supervision*. A window shorter than the 30 s of its
training makes Whisper repeat itself and invent words on noise; both are bounded here: by the length of the speech,
by its own token probabilities, and by cutting repetitions.
"""

import math
import re
import time
from pathlib import Path

import ctranslate2
import numpy as np
import tokenizers

from voicegw.audio.levels import level_dbfs
from voicegw.audio.mel import RATE_HZ as MEL_RATE_HZ
from voicegw.audio.mel import LogMel
from voicegw.audio.resample import Resampler
from voicegw.engines.stt import Hypothesis, SttCapabilities
from voicegw.errors import EngineError
from voicegw.nlu.expecting import Expecting

PADDING_S = 1.0
"""Silence after the speech: with less the last words get lost."""
TOKENS_PER_S = 6.0
"""Nobody speaks faster for long: some 4 words a second. What is written beyond that is repetition."""
LEAST_TOKENS = 6
LONGEST_S = 28.0
"""The encoder's window is 30 s."""
QUIET_DBFS = -55.0
LEAST_CONFIDENCE = 0.28
"""Below this a short window's words are Whisper's own (measured on noise, coughs and breath)."""
_NOT_SPEECH = re.compile(r"[\[(*♪].*?[\])*♪]|♪")


class WhisperSpeechToText:
    """A loaded model. Make it after forking: CTranslate2 starts threads.

    :param folder: ``model.bin``, ``config.json``, ``tokenizer.json``, ``vocabulary.txt``.
    """

    capabilities = SttCapabilities(frozenset({"en"}), MEL_RATE_HZ, streams=False, grammars=False)

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._model = ctranslate2.models.Whisper(
            str(folder), device="cpu", compute_type="int8", intra_threads=threads, inter_threads=1
        )
        self.tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._prompt = [self._id("<|startoftranscript|>"), self._id("<|notimestamps|>")]
        self._end = self._id("<|endoftext|>")

    def recognizer(self, rate_hz: int, expecting: Expecting | None = None) -> "WhisperRecognizer":
        """Begin an utterance."""
        return WhisperRecognizer(self, rate_hz, expecting or Expecting())

    def warm_up(self) -> None:
        """The first encoding allocates buffers."""
        recognizer = self.recognizer(MEL_RATE_HZ)
        noise = np.random.default_rng(1).normal(0, 2000, MEL_RATE_HZ * 2)
        recognizer.feed(noise.astype(np.int16))
        recognizer.decode(final=True)

    def transcribe(self, features: np.ndarray, speech_s: float) -> tuple[str, float]:
        """Words in ``features`` (float32 ``[80, frames]``) and the geometric mean of their probabilities."""
        most = LEAST_TOKENS + int(TOKENS_PER_S * speech_s)
        try:
            encoded = self._model.encode(ctranslate2.StorageView.from_array(features[np.newaxis]))
            results = self._model.generate(
                encoded,
                [self._prompt],
                beam_size=1,
                max_length=len(self._prompt) + most,
                return_scores=True,
                return_no_speech_prob=True,
                repetition_penalty=1.1,
            )
        except RuntimeError as error:
            raise EngineError(f"whisper failed: {error}") from error
        best = results[0]
        tokens = [token for token in best.sequences_ids[0] if token < self._end]
        return self.tokenizer.decode(tokens).strip(), math.exp(min(best.scores[0], 0.0))

    def _id(self, token: str) -> int:
        number = self.tokenizer.token_to_id(token)
        if number is None:
            raise EngineError(f"the tokenizer has no {token}: is this a Whisper model?")
        return int(number)


class WhisperRecognizer:
    """One utterance: its spectrum grows with the audio, decoding looks at all of it."""

    def __init__(self, engine: WhisperSpeechToText, rate_hz: int, expecting: Expecting) -> None:
        self._engine = engine
        self._rate_hz = rate_hz
        self._resampler = Resampler(rate_hz, MEL_RATE_HZ)
        self._mel = LogMel()
        self._samples = 0
        self._loudest_dbfs = -96.0

    def feed(self, pcm: np.ndarray) -> None:
        """Append samples at the rate given to ``recognizer``."""
        room = int(LONGEST_S * self._rate_hz) - self._samples
        pcm = pcm[: max(room, 0)]
        if not len(pcm):
            return
        self._samples += len(pcm)
        self._loudest_dbfs = max(self._loudest_dbfs, level_dbfs(pcm))
        self._mel.feed(self._resampler.feed(pcm))

    def decode(self, *, final: bool) -> Hypothesis:
        """The words so far; the engine keeps no state between decodings, so ``final`` changes nothing."""
        began = time.perf_counter()
        audio_ms = self._samples * 1000 // self._rate_hz
        if self._loudest_dbfs < QUIET_DBFS:
            return Hypothesis("", 0.0, audio_ms)
        features = self._mel.features(int(PADDING_S * MEL_RATE_HZ))
        text, confidence = self._engine.transcribe(features, audio_ms / 1000)
        text = cleaned(text)
        took_ms = (time.perf_counter() - began) * 1000
        return Hypothesis(text if confidence >= LEAST_CONFIDENCE else "", confidence, audio_ms, round(took_ms, 1))


def cleaned(text: str) -> str:
    """``text`` without sound descriptions ("[music]"), and said once if it only repeats itself."""
    words = _NOT_SPEECH.sub(" ", text).split()
    plain = ["".join(character for character in word.lower() if character.isalnum()) for word in words]
    if not any(plain):
        return ""
    return " ".join(words[: _period(plain)])


def _period(words: list[str]) -> int:
    """How many words it takes until all that follows is the same again; digits may repeat, they are left alone."""
    for period in range(1, len(words) * 2 // 3 + 1):
        repeats = all(words[index] == words[index - period] for index in range(period, len(words)))
        if repeats and not all(word.isdigit() for word in words[:period]):
            return period
    return len(words)
