"""Vosk: hears while the caller speaks, and can be bound to a grammar."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import vosk

from voicegw.audio.resample import Resampler
from voicegw.engines.stt import Hypothesis, SttCapabilities
from voicegw.nlu.expecting import Expecting

RATE_HZ = 16_000
UNKNOWN = "[unk]"


class VoskSpeechToText:
    """A loaded model. May be made before a fork and used after it: its memory is then shared.

    :param folder: of the model, with ``am``, ``graph`` and ``conf``.
    :param language: ISO 639-1.
    """

    def __init__(self, folder: Path, language: str) -> None:
        vosk.SetLogLevel(-1)
        self._model = vosk.Model(str(folder))
        self.capabilities = SttCapabilities(frozenset({language}), RATE_HZ, streams=True, grammars=True)

    def recognizer(self, rate_hz: int, expecting: Expecting | None = None) -> "VoskRecognizer":
        """Begin an utterance; ``expecting.phrases`` become its grammar."""
        phrases = expecting.phrases if expecting else ()
        arguments = (json.dumps([*phrases, UNKNOWN], ensure_ascii=False),) if phrases else ()
        recognizer = vosk.KaldiRecognizer(self._model, RATE_HZ, *arguments)
        recognizer.SetWords(True)
        return VoskRecognizer(recognizer, rate_hz)

    def warm_up(self) -> None:
        """The first decoding allocates its search graph."""
        recognizer = self.recognizer(RATE_HZ)
        recognizer.feed(np.zeros(RATE_HZ // 2, np.int16))
        recognizer.decode(final=True)


class VoskRecognizer:
    """One utterance. Parts that Vosk closes at a pause are kept and joined: when a turn ends is not its decision."""

    def __init__(self, recognizer: Any, rate_hz: int) -> None:
        self._recognizer = recognizer
        self._rate_hz = rate_hz
        self._resampler = Resampler(rate_hz, RATE_HZ)
        self._samples = 0
        self._closed: list[dict[str, Any]] = []
        """Words of closed parts, as Vosk gives them."""

    def feed(self, pcm: np.ndarray) -> None:
        """Append samples at the rate given to ``recognizer``."""
        self._samples += len(pcm)
        if self._recognizer.AcceptWaveform(self._resampler.feed(pcm).astype("<i2").tobytes()):
            self._close(self._recognizer.Result())

    def decode(self, *, final: bool, ahead: bool = False) -> Hypothesis:
        """The words so far; ``final`` also those that Vosk was not sure were over."""
        began = time.perf_counter()
        words = list(self._closed)
        open_text = ""
        if final:
            self._close(self._recognizer.FinalResult())
            words = list(self._closed)
        else:
            open_text = str(json.loads(self._recognizer.PartialResult()).get("partial", ""))
        spoken = [str(word["word"]) for word in words if word["word"] != UNKNOWN]
        text = " ".join([*spoken, open_text.replace(UNKNOWN, "")]).strip()
        confidences = [float(word["conf"]) for word in words]
        confidence = sum(confidences) / len(confidences) if confidences else 0.5
        took_ms = (time.perf_counter() - began) * 1000
        return Hypothesis(text, confidence if text else 0.0, self._samples * 1000 // self._rate_hz, round(took_ms, 1))

    def _close(self, result: str) -> None:
        self._closed += json.loads(result).get("result", [])
