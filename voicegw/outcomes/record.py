"""Facts about calls, as they go over the event stream to the recorder.

Each fact is one frozen value with the call's id; the recorder turns them into rows idempotently, so a fact may
be delivered twice, and facts of one call come from several processes (the supervisor says when a call began and
ended, the worker what was said).
"""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, get_args

from pydantic import TypeAdapter

from voicegw.errors import VoicegwError, WireError

DISPOSITIONS = ("completed", "handed_over", "abandoned", "refused", "failed")
"""How a call ended, for the business: done what the caller came for (or closed politely); given to a person;
the caller hung up before; turned away before answer; broken by us."""


@dataclass(frozen=True)
class CallOpened:
    """An INVITE arrived."""

    call_id: str
    at: float
    """Unix time, seconds."""
    caller: str
    callee: str
    dialplan: str = ""
    version: int = 0
    cell: int = 0
    channel: str = "sip"
    """How the caller came: ``sip`` or ``browser``."""


@dataclass(frozen=True)
class CallPickedUp:
    """200 OK was sent."""

    call_id: str
    at: float
    setup_ms: float
    """INVITE to 200 OK."""
    codec: str = ""


@dataclass(frozen=True)
class Waterfall:
    """When each stage of a turn was reached: milliseconds on the call's media clock, None where it was not.

    The difference of two neighbours is what that stage cost.
    """

    last_voice: float | None = None
    """End of the caller's last voiced frame."""
    pause_noticed: float | None = None
    transcript_ready: float | None = None
    turn_decided: float | None = None
    """It is our turn."""
    decision_made: float | None = None
    """What to say is known."""
    first_audio: float | None = None
    """The first samples of it exist."""
    first_packet: float | None = None
    """The cell sent the first of them."""

    @property
    def wait_ms(self) -> float | None:
        """The caller's last voice to the first packet; None where there was no such wait (the greeting)."""
        if self.last_voice is None or self.first_packet is None:
            return None
        return self.first_packet - self.last_voice


@dataclass(frozen=True)
class TurnTaken:
    """The caller said something (or nothing, or pressed keys), and the agent answered."""

    call_id: str
    index: int
    """0 is the greeting."""
    at: float
    caller_text: str
    """As understood; personal data. Empty for the greeting and for silence."""
    agent_text: str
    """Only what was played to the caller."""
    task: str = ""
    question: str = ""
    """Name of the slot or question that was open."""
    decided_by: str = "reflex"
    """``reflex``, ``llm``, ``keypad``, ``timer`` or ``greeting``."""
    confidence: float | None = None
    """Of the transcript, 0 to 1."""
    speculated: bool = False
    """The reply had been prepared on a partial transcript, and was right."""
    cached: bool = False
    """The first clause came from the speech cache."""
    interrupted: bool = False
    """The caller cut the reply short."""
    no_match: bool = False
    """The caller said something that was not understood."""
    waterfall: Waterfall = field(default_factory=Waterfall)


@dataclass(frozen=True)
class CallConcluded:
    """The agent's view of how the call went; the last word of the worker."""

    call_id: str
    at: float
    disposition: str
    """One of ``DISPOSITIONS``."""
    task: str = ""
    slots: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WorkerReplaced:
    """A worker died or hung in the middle of the call."""

    call_id: str
    at: float
    hung: bool


@dataclass(frozen=True)
class CallClosed:
    """The SIP dialog is over."""

    call_id: str
    at: float
    by: str
    """``caller``, ``agent``, ``network``, or ``recovery``: nobody saw it end."""
    sip_status: int
    reason: str
    media: dict[str, float] = field(default_factory=dict)
    """``rtp_sent rtp_received rtp_lost jitter_ms late_frames``."""


@dataclass(frozen=True)
class SlotFilled:
    """The caller gave a value, or another one in its place."""

    call_id: str
    at: float
    slot: str
    value: str
    """Spoken form; ``***`` where the dialplan says that it is personal."""


REHEARSED = "rehearsed"


@dataclass(frozen=True)
class ToolAnswered:
    """A tool was asked, and answered or failed; what it was asked and said stays out, as it may be personal."""

    call_id: str
    at: float
    id: str
    """Of the request, within its call."""
    tool: str
    """``integration.operation``."""
    effect: str
    """``reads``, ``writes``, or ``rehearsed``: a write of which a trial only said that it was done."""
    status: str
    took_ms: float


@dataclass(frozen=True)
class TransferTried:
    """The agent began to give the caller to a person, or learned what came of it."""

    call_id: str
    at: float
    number: int
    """1 is the call's first."""
    target: str
    reason: str
    sip_status: int = 0
    """Why it failed; 0: it did not, as far as is known."""


Event = SlotFilled | ToolAnswered | TransferTried
"""Facts of which a call may have many; rows of table ``events``."""
Fact = CallOpened | CallPickedUp | TurnTaken | CallConcluded | WorkerReplaced | CallClosed | Event
_KINDS: dict[str, type] = {kind.__name__: kind for kind in get_args(Fact)}
_CHECKS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for name, kind in _KINDS.items()}


class FactRefused(VoicegwError):
    """No database will ever take this fact; trying again is no use."""


def encode(fact: Fact) -> dict[str, str]:
    """Fields of a stream entry."""
    return {"kind": type(fact).__name__, "call_id": fact.call_id, "fact": json.dumps(asdict(fact))}


def decode(entry: dict[str, str]) -> Fact:
    """The fact in a stream entry.

    :raises WireError: unknown kind or fields (a newer version wrote it), or values of the wrong type.
    """
    try:
        kind = _KINDS[entry["kind"]]
        values: dict[str, Any] = json.loads(entry["fact"])
        unknown = set(values) - {known.name for known in fields(kind)}
        if unknown:
            raise WireError(f"not a fact: {entry['kind']} has no {', '.join(sorted(unknown))}")
        fact: Fact = _CHECKS[entry["kind"]].validate_python(values)
    except (KeyError, ValueError, TypeError) as error:
        raise WireError(f"not a fact: {error!r}") from None
    return fact
