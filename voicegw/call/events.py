"""What happened to a call, past tense. Times are in seconds on the call's clock; durations say their unit."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class ActionResult:
    """What came of a tool call."""

    id: str
    tool: str
    status: str
    """The tool's own status, or ``failed`` or ``too_slow``."""
    values: Mapping[str, object] = field(default_factory=dict)
    """The tool's output, for templates."""
    took_ms: float = 0.0


@dataclass(frozen=True)
class CallBegan:
    """The caller is on the line."""

    caller: str = ""
    resumed: bool = False
    """Another process had this call and died: state was loaded, say sorry and go on."""
    transferring: bool = False
    """With ``resumed``: the transfer that had been asked for is still under way."""
    by_keys: bool = False
    """The machine is too busy to listen: a menu of keys, please."""


@dataclass(frozen=True)
class TranscriptFinal:
    """The caller's turn is over; these are its words. Empty: there was sound, but no words."""

    text: str
    confidence: float = 1.0
    vector: np.ndarray | None = field(default=None, compare=False)
    """Sentence vector of ``text``, if there is an embedder."""


@dataclass(frozen=True)
class DigitPressed:
    """A key."""

    digit: str


@dataclass(frozen=True)
class PlayoutHeard:
    """An utterance is over, and the caller heard so much of it."""

    utterance: int
    text: str
    """The words that were heard."""
    complete: bool


@dataclass(frozen=True)
class ActionFinished:
    """A tool call came to its end."""

    result: ActionResult


@dataclass(frozen=True)
class ThoughtReady:
    """The language model has decided."""

    id: int
    decision: dict[str, object] | None
    """Fits the schema of the ``Think`` command; None: no model, or it failed or was too slow."""


@dataclass(frozen=True)
class SecretBegun:
    """The caller gave a part of a secret that was asked for."""

    spoken: bool = False


@dataclass(frozen=True)
class SecretGiven:
    """The caller gave a secret; what it is, the vault alone knows."""

    slot: str
    token: str
    """Stands for it; empty if it cannot be right."""
    plausible: bool


@dataclass(frozen=True)
class SilenceLasted:
    """Nobody has spoken for so long since the agent finished."""

    silence_s: float


@dataclass(frozen=True)
class CallerHungUp:
    """It is over."""

    transferred: bool = False
    """The caller has gone to a person, as far as the line can tell."""


@dataclass(frozen=True)
class TransferLasted:
    """A person has been called for some time and has not taken the caller yet."""


@dataclass(frozen=True)
class TransferFailed:
    """The person could not be reached; the caller is still here."""

    sip_status: int


@dataclass(frozen=True)
class ServiceGoesDown:
    """This process will not be there much longer; told more than once."""


@dataclass(frozen=True)
class PersonWanted:
    """Somebody who looks on wants a person to take this caller."""


Event = (
    CallBegan
    | TranscriptFinal
    | DigitPressed
    | PlayoutHeard
    | ActionFinished
    | ThoughtReady
    | SilenceLasted
    | CallerHungUp
    | TransferFailed
    | ServiceGoesDown
    | PersonWanted
    | TransferLasted
    | SecretBegun
    | SecretGiven
)
