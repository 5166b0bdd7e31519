"""Messages between a worker and the listener, the process that hears for all calls of a machine.

An utterance is begun, ``Speech`` brings its sound, and its words are asked for, again and again while it grows. A
worker asks for one at a time, and every ``WordsWanted`` is answered by one ``WordsHeard``.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ListenerReady:
    """The first message on every connection: it hears."""

    pid: int


@dataclass(frozen=True, slots=True)
class UtteranceBegan:
    """What follows belongs to it; the one before is forgotten."""

    utterance: int
    language: str
    """ISO 639-1."""
    rate_hz: int
    expecting: dict[str, object] = field(default_factory=dict)
    """Fields of ``nlu.expecting.Expecting``."""


@dataclass(frozen=True, slots=True)
class WordsWanted:
    """Of all the sound so far."""

    utterance: int
    ahead: bool
    """The caller still speaks: whoever waits for an answer goes first."""


@dataclass(frozen=True, slots=True)
class WordsUnwanted:
    """What was asked for need not be begun any more."""

    utterance: int


@dataclass(frozen=True, slots=True)
class WordsHeard:
    """As of ``engines.stt.Hypothesis``."""

    utterance: int
    text: str = ""
    confidence: float = 0.0
    audio_ms: int = 0
    alternatives: list[str] = field(default_factory=list)
    given_up: bool = False
    """Nothing was decoded: it was unwanted before its turn had come."""
    error: str = ""
    """The engine failed."""
