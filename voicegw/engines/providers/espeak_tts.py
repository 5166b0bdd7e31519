"""Speaking by espeak-ng itself: understandable in some hundred languages, and plainly a machine in each."""

import shutil
import subprocess
from collections.abc import Iterator

import numpy as np

from voicegw.audio import wav
from voicegw.engines.providers.espeak import LONGEST_S, PROGRAM, check_installed
from voicegw.engines.tts import TtsCapabilities
from voicegw.errors import AudioFormatError, EngineError

RATE_HZ = 22_050
WORDS_PER_MINUTE = 150
"""Slower than espeak-ng's own pace: a phone line leaves less to understand it by."""


class EspeakVoice:
    """A program per clause, some 20 ms each: nothing is loaded, and it may be used before and after a fork.

    :param language: espeak-ng's name of it, as ``ko``.
    """

    def __init__(self, language: str) -> None:
        """:raises SetupError: espeak-ng is not on this machine."""
        check_installed()
        self._language = language

    @property
    def capabilities(self) -> TtsCapabilities:
        """One language, one voice."""
        return TtsCapabilities(frozenset({self._language.partition("-")[0]}), RATE_HZ, (self._language,))

    @property
    def key(self) -> str:
        """The language's name."""
        return f"espeak-{self._language}"

    def speak(self, text: str, *, speed: float = 1.0) -> Iterator[np.ndarray]:
        """One piece.

        :raises EngineError: espeak-ng failed.
        """
        pace = str(round(WORDS_PER_MINUTE * speed))
        command = [shutil.which(PROGRAM) or PROGRAM, "-v", self._language, "-s", pace, "--stdout"]
        try:
            done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=LONGEST_S, check=True)
            recording = wav.parse(done.stdout, PROGRAM)
        except (OSError, subprocess.SubprocessError, AudioFormatError) as error:
            raise EngineError(f"espeak-ng could not say a text of {len(text)} characters: {error}") from error
        yield recording.mono

    def warm_up(self) -> None:
        """Nothing is loaded."""
