"""Speaking by hibari: American and British English, some 70 times faster than real time on one thread."""

import importlib.metadata
from collections.abc import Iterator

import hibari.voices
import numpy as np

from voicegw.engines.providers.onnx import ONNX_ERRORS
from voicegw.engines.tts import TtsCapabilities
from voicegw.errors import EngineError, SetupError

SEED = 0
"""Of the noise in the voice: fixed, so that a text always sounds the same."""


class HibariVoice:
    """One voice of the package ``hibari-tts``. May be made before a fork and used after it."""

    def __init__(self, voice: str = "") -> None:
        """
        :param voice: empty for the voice that the package carries.
        :raises SetupError: no such voice, or it was not downloaded yet.
        """
        self._voice = voice or hibari.voices.DEFAULT
        _check_here(self._voice)
        self._hibari = hibari.Hibari(voice=self._voice, threads=1)
        self._version = importlib.metadata.version("hibari-tts")  # 1 ms: not for every clause

    @property
    def capabilities(self) -> TtsCapabilities:
        """English at 24 kHz; the voices are those on this machine."""
        others = [name for name in hibari.voices.VOICES if name != hibari.voices.DEFAULT and _is_here(name)]
        return TtsCapabilities(frozenset({"en"}), hibari.Hibari.sample_rate, (hibari.voices.DEFAULT, *others))

    @property
    def key(self) -> str:
        """Package version and voice."""
        return f"hibari-{self._version}-{self._voice}"

    def speak(self, text: str, *, speed: float = 1.0) -> Iterator[np.ndarray]:
        """A piece per sentence.

        :raises EngineError: the model failed.
        """
        try:
            for sound in self._hibari.stream(text, speed=speed, seed=SEED):
                yield (np.clip(sound, -1.0, 1.0) * 32767).astype(np.int16)
        except (*ONNX_ERRORS, ValueError, IndexError, KeyError) as error:
            raise EngineError(f"hibari could not say a text of {len(text)} characters: {error}") from error

    def warm_up(self) -> None:
        """Loads the pronunciation tables and plans the FFTs: 0.6 s."""
        for _ in self.speak("Hello there, it is 5 p.m."):
            pass


def _is_here(voice: str) -> bool:
    try:
        hibari.voices.voice_path(voice, download_missing=False)
    except FileNotFoundError:
        return False
    return True


def _check_here(voice: str) -> None:
    names = ", ".join(hibari.voices.VOICES)
    if voice not in hibari.voices.VOICES:
        raise SetupError(f"tts.voice = {voice!r}: hibari has no such voice; it has {names}")
    if not _is_here(voice):
        raise SetupError(
            f"tts.voice = {voice!r}: this voice is not on this machine: run "
            f"`hibari --voice {voice} hello -o {voice}.wav` once to download it (it needs the internet), or use "
            f"{hibari.voices.DEFAULT!r}, which is in the package"
        )
