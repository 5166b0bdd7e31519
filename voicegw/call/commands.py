"""What the dialog wants done, imperative."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from voicegw.call.patience import PATIENCE, Patience
from voicegw.nlu.expecting import Expecting


class Effect(StrEnum):
    """Whether a tool changes the world."""

    READS = "reads"
    """May run early, twice, in parallel, and be thrown away."""
    WRITES = "writes"
    """Runs once, after the caller's yes."""


@dataclass(frozen=True)
class Consent:
    """What the caller has said yes to, and what was known then. Personal data."""

    question: str
    """The agent's words."""
    answer: str
    """The caller's."""
    values: Mapping[str, object] = field(default_factory=dict)
    """Slots and results by name, JSON-able."""
    policy: Mapping[str, object] = field(default_factory=dict)
    """Of the dialplan, as JSON."""


@dataclass(frozen=True)
class ActionRequest:
    """A tool call the dialog asks for."""

    id: str
    """Unique in its call; for writes it is fixed at the caller's yes."""
    tool: str
    """``integration.operation``."""
    arguments: Mapping[str, object] = field(default_factory=dict)
    effect: Effect = Effect.READS
    consent: Consent | None = None
    """Of a write."""
    patience_s: float = 0.0
    """How long the caller waits for a write, before the result is ``too_slow``; 0: the usual."""


@dataclass(frozen=True)
class Say:
    """Speak."""

    text: str
    interruptible: str = "voice"
    """``voice``: by speech or keys; ``keys``: by keys only; ``no``: never (legal notices)."""
    filler: bool = False
    """Said to fill a wait; not part of the answer."""
    repeats: bool = False
    """The same words are said on many calls and hold nothing of this caller: worth keeping as sound on disk."""
    speed: float = 1.0
    """Of the voice's usual pace; below 1 for a caller who asked to slow down."""


@dataclass(frozen=True)
class StopSpeaking:
    """Be silent now; what was not heard was not said."""


@dataclass(frozen=True)
class Listen:
    """It is the caller's turn."""

    expecting: Expecting = field(default_factory=Expecting)
    question: str = ""
    """Name of what was asked."""
    patience: Patience = PATIENCE["normal"]
    """How long a pause ends the turn."""
    no_input_s: float = 6.0
    """Tell ``SilenceLasted`` after this."""


@dataclass(frozen=True)
class Think:
    """Ask the language model; answered by ``ThoughtReady`` with the same id."""

    id: int
    system: str
    user: str
    schema: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class StartAction:
    """Run a tool; answered by ``ActionFinished``."""

    request: ActionRequest
    while_waiting: str = ""
    """What to say if it takes long; empty: the usual."""


@dataclass(frozen=True)
class SendWhenDone:
    """When an action that has been started ends, send a message with what came of it."""

    request: ActionRequest
    tool: str
    """What sends it."""
    to: str
    subject: str
    messages: Mapping[str, str]
    """Text by result, as a template; ``otherwise`` for all others."""
    values: Mapping[str, object] = field(default_factory=dict)
    """For the templates, besides those of the result."""


@dataclass(frozen=True)
class Transfer:
    """Give the caller to a person; answered by ``TransferFailed``, or by the end of the call."""

    target: str
    reason: str = ""
    """Why, for the person who picks up."""
    task: str = ""
    """What was being done for the caller."""


@dataclass(frozen=True)
class Hangup:
    """End the call once what is being said has been heard."""

    disposition: str = "completed"


Command = Say | StopSpeaking | Listen | Think | StartAction | SendWhenDone | Transfer | Hangup
WITH_SIDE_EFFECTS = (SendWhenDone, Transfer, Hangup)
"""Never from a copy of the dialog; ``StartAction`` neither when its effect is ``writes``."""
