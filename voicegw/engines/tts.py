"""Text to speech."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class TtsCapabilities:
    """What a provider can do."""

    languages: frozenset[str]
    """ISO 639-1 codes."""
    rate_hz: int
    """Rate of the samples it makes."""
    voices: tuple[str, ...]
    """Names of the voices it has now; the first is its default."""


class TextToSpeech(Protocol):
    """A loaded voice, shared by a process."""

    @property
    def capabilities(self) -> TtsCapabilities:
        """What it can do."""

    @property
    def key(self) -> str:
        """Names provider, voice and version: the same key and text give the same sound. Used by the cache."""

    def speak(self, text: str, *, speed: float = 1.0) -> Iterator[np.ndarray]:
        """Int16 mono samples at ``capabilities.rate_hz``, in pieces, the first as early as possible.

        Blocks while it works: call it from a thread. Text is one clause or sentence in plain words.

        :raises EngineError: the engine failed.
        """

    def warm_up(self) -> None:
        """Do once what makes the first real call slow."""
