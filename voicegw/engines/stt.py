"""Speech to text: the words in an utterance, while it grows and when it is over."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

import numpy as np

from voicegw.errors import VoicegwError
from voicegw.nlu.expecting import Expecting


@dataclass(frozen=True)
class SttCapabilities:
    """What a provider can do; callers ask here instead of asking for its name."""

    languages: frozenset[str]
    """ISO 639-1 codes."""
    rate_hz: int
    """Rate the engine works at; ``Recognizer.feed`` resamples to it."""
    streams: bool
    """Decodes as audio comes (True), or decodes the utterance so far when asked (False)."""
    grammars: bool
    """Honours ``Expecting.phrases`` as the only words possible."""


@dataclass(frozen=True)
class Hypothesis:
    """What the engine believes was said."""

    text: str
    """Plain words and digits, as the engine writes them; empty when nothing was said."""
    confidence: float
    """0 to 1: the geometric mean of its tokens' probabilities, or the engine's own figure."""
    audio_ms: int
    """How much of the utterance had been fed when this was decoded."""
    decode_ms: float = 0.0
    """What decoding cost, wall clock."""
    alternatives: tuple[str, ...] = field(default=(), compare=False)
    """What else the words may be, likeliest first."""


def reminded(expecting: Expecting, before: Hypothesis | None) -> Expecting:
    """``expecting`` with what may have been said in place of the number that it refuses.

    :param before: how that number was heard, if it was.
    """
    if before is None or "".join(filter(str.isdigit, before.text)) not in expecting.refused:
        return expecting
    return replace(expecting, rivals=before.alternatives)


class Recognizer(Protocol):
    """One utterance. Made by ``SpeechToText.recognizer``, fed, asked, thrown away. Not thread-safe.

    ``feed`` is cheap. ``decode`` blocks for as long as decoding takes: call it from a thread.
    """

    def feed(self, pcm: np.ndarray) -> None:
        """Append int16 mono samples at the rate given to ``recognizer``."""

    def decode(self, *, final: bool, ahead: bool = False) -> Hypothesis:
        """The words so far.

        :param final: no more audio will come.
        :param ahead: nobody waits for them: they may be rougher and cheaper, and where other calls share the engine,
            others go first.
        :raises GivenUp: see ``TakesTurns``.
        :raises EngineError: the engine failed.
        """


class GivenUp(VoicegwError):
    """Nobody wanted the words any more before they were decoded."""


@runtime_checkable
class TakesTurns(Protocol):
    """A recogniser whose engine other calls share."""

    def give_up(self) -> None:
        """Nobody wants what is being decoded: if its turn has not come yet, ``decode`` raises ``GivenUp``, and loses
        no audio. From any thread."""


class SpeechToText(Protocol):
    """A loaded engine, shared by a process."""

    @property
    def capabilities(self) -> SttCapabilities:
        """What it can do."""

    def recognizer(self, rate_hz: int, expecting: Expecting | None = None) -> Recognizer:
        """Begin an utterance of audio at ``rate_hz``."""

    def warm_up(self) -> None:
        """Do once what makes the first real call slow. Called before a worker says it is ready."""


@runtime_checkable
class LearnsDigits(Protocol):
    """An engine that hears strings of digits better once it has been taught them on this machine."""

    @property
    def knows_digits(self) -> bool:
        """It has been."""

    def learn_digits(self, tell: Callable[[str], None]) -> None:
        """Take minutes to learn, and keep what was learnt.

        :param tell: takes lines that say how far it is.
        :raises OSError: it cannot be kept.
        :raises SetupError: a voice is missing.
        """
