"""Speaking by a Piper voice: VITS in ONNX, phonemes by espeak-ng."""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voicegw.engines.providers import espeak
from voicegw.engines.providers.onnx import LOAD_ERRORS, ONNX_ERRORS, session
from voicegw.engines.tts import TtsCapabilities
from voicegw.errors import EngineError, SetupError

BEGIN, END, BETWEEN = "^", "$", "_"
"""Piper frames a sentence by the first two, and puts the third after every phoneme."""


@dataclass(frozen=True)
class PiperConfig:
    """What we need of a voice's ``.onnx.json``."""

    rate_hz: int
    language: str
    espeak_voice: str
    noise: float
    length: float
    noise_width: float
    ids: dict[str, list[int]]

    @classmethod
    def read(cls, file: Path) -> "PiperConfig":
        """
        :raises SetupError: not a Piper voice's configuration.
        """
        try:
            values: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            inference, voice = values["inference"], values["espeak"]["voice"]
            return cls(
                rate_hz=values["audio"]["sample_rate"],
                language=voice.partition("-")[0],
                espeak_voice=voice,
                noise=inference["noise_scale"],
                length=inference["length_scale"],
                noise_width=inference["noise_w"],
                ids=values["phoneme_id_map"],
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SetupError(f"{file}: not the configuration of a Piper voice: {error!r}") from None


class PiperVoice:
    """One voice in a folder with ``NAME.onnx`` and ``NAME.onnx.json``. May be made before a fork and used after it."""

    def __init__(self, folder: Path) -> None:
        """
        :raises SetupError: no voice in the folder, or espeak-ng is not installed.
        """
        espeak.check_installed()
        models = sorted(folder.glob("*.onnx"))
        if not models:
            raise SetupError(f"{folder}: no Piper voice (NAME.onnx with NAME.onnx.json) in it")
        self._name = models[0].stem
        self._config = PiperConfig.read(models[0].with_suffix(".onnx.json"))
        try:
            self._session = session(models[0])
        except LOAD_ERRORS as error:
            raise SetupError(f"{models[0]}: not a Piper voice: {error}") from None

    @property
    def capabilities(self) -> TtsCapabilities:
        """The voice's one language, at its own rate."""
        return TtsCapabilities(frozenset({self._config.language}), self._config.rate_hz, (self._name,))

    @property
    def key(self) -> str:
        """The voice's name."""
        return f"piper-{self._name}"

    def speak(self, text: str, *, speed: float = 1.0) -> Iterator[np.ndarray]:
        """One piece.

        :raises EngineError: espeak-ng or the model failed.
        """
        ids = phoneme_ids(espeak.phonemes(text, self._config.espeak_voice), self._config.ids)
        if not ids:
            return
        config = self._config
        inputs = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array([config.noise, config.length / speed, config.noise_width], np.float32),
        }
        try:
            (sound,) = self._session.run(None, inputs)
        except ONNX_ERRORS as error:
            raise EngineError(f"the Piper voice could not say a text of {len(text)} characters: {error}") from error
        yield (np.clip(sound.squeeze(), -1.0, 1.0) * 32767).astype(np.int16)

    def warm_up(self) -> None:
        """Lets onnxruntime lay out its memory."""
        for _ in self.speak("Hello there."):
            pass


def phoneme_ids(phonemes: str, ids: dict[str, list[int]]) -> list[int]:
    """What the model reads; phonemes that the voice does not know are left out, empty if nothing is left."""
    known = [phoneme for phoneme in unicodedata.normalize("NFD", phonemes) if phoneme in ids]
    if not known:
        return []
    sequence = [*ids[BEGIN], *ids[BETWEEN]]
    for phoneme in known:
        sequence += [*ids[phoneme], *ids[BETWEEN]]
    return [*sequence, *ids[END]]
