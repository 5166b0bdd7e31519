"""Messages on a call link: between a cell and the worker of one call, and from the supervisor to one that waits."""

from dataclasses import dataclass, field

PROTOCOL_VERSION = 4
RATE_HZ = 8000
FRAME_MS = 20
FRAME_BYTES = RATE_HZ * FRAME_MS // 1000 * 2


# --- call link, cell to worker -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A call is yours. The first message a worker gets for it; nothing has been answered yet."""

    call_id: str
    caller: str
    """User part of the caller's address; personal data."""
    callee: str
    """The number that was dialled."""
    dialplan: str
    """Name of the dialplan that answers ``callee``."""
    version: int = 0
    """Published version of that dialplan; 0 is the file on disk."""
    headers: dict[str, str] = field(default_factory=dict)
    """``X-…`` and ``User-to-User`` headers of the INVITE."""
    resumed: bool = False
    """The worker that had this call is gone: load its snapshot and go on."""
    transferring: bool = False
    """A transfer is under way at the cell: its ``TransferProgressed`` will come."""
    easing: int = 0
    """As of ``Ease``."""
    by_keys: bool = False
    """The machine is too busy to listen to this caller."""
    rehearses: bool = False
    """A trial of a draft: what the caller confirms is only said to be done."""
    protocol: int = PROTOCOL_VERSION


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """200 OK was sent and media flows; from now on there is a ``Frame`` for every 20 ms."""

    at_ms: int
    codec: str


@dataclass(frozen=True, slots=True)
class Frame:
    """20 ms of a call, both ways on the same tick: what the caller sent, and what we played to the caller.

    The second is the reference against which echo is told from voice.
    """

    at_ms: int
    heard: bytes
    """``FRAME_BYTES`` bytes."""
    played: bytes
    """``FRAME_BYTES`` bytes, or empty when we played nothing."""


@dataclass(frozen=True, slots=True)
class Frames:
    """Several frames at once, oldest first, as asked for by ``GatherFrames``."""

    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """A key on the caller's phone."""

    digit: str
    """One of ``0-9 * # A B C D``."""
    at_ms: int
    method: str = "rfc4733"
    """``rfc4733`` or ``info``."""


@dataclass(frozen=True, slots=True)
class PlayoutStarted:
    """The first sample of an utterance leaves for the caller."""

    utterance: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class PlayoutPaused:
    """Playout stands still, by ``PausePlayout``; the caller has heard so much of this utterance."""

    utterance: int
    heard_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class PlayoutEnded:
    """An utterance is over: played to its end, or cleared."""

    utterance: int
    heard_ms: int
    complete: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class CallHeld:
    """The other side put us on hold (RFC 3264 §8.4): nobody listens, stop listening too."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class CallUnheld:
    """The other side is back from hold."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class TransferProgressed:
    """A NOTIFY of our REFER (RFC 3515 §2.4.4); final with 408 when nobody answered within the ring timeout."""

    sip_status: int
    final: bool


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The SIP dialog is over, or was joined with that of a person. Nothing more will come on this link."""

    by: str
    """``caller``, ``agent`` or ``network``."""
    sip_status: int
    reason: str
    transfer: str = ""
    """``confirmed``: a person has the caller; ``accepted``: the other side took our REFER and left without telling
    what came of it; empty: neither."""


# --- call link, worker to cell -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WorkerReady:
    """Engines are loaded and warm; sent once, before any call."""

    pid: int
    protocol: int = PROTOCOL_VERSION


@dataclass(frozen=True, slots=True)
class AnswerCall:
    """Send 200 OK."""


@dataclass(frozen=True, slots=True)
class GatherFrames:
    """Hand over so many frames at a time, from the next on. To be woken costs a worker more than what it does then."""

    together: int = 1
    """1: each at once."""
    soft_together: int = 1
    """So many as long as none of them is louder than ``soft_dbfs``; ``together`` from the first one that is."""
    soft_dbfs: float = -96.0
    """RMS level, dB relative to full scale, below which a frame has no voice."""


@dataclass(frozen=True, slots=True)
class Speech:
    """A piece of an utterance, to be played after what is queued. May come faster than real time."""

    utterance: int
    """Grows by one per utterance."""
    pcm: bytes


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """No more pieces of this utterance: tell ``PlayoutEnded`` when it has been played."""

    utterance: int


@dataclass(frozen=True, slots=True)
class PausePlayout:
    """Hold playout where it is. Answered by ``PlayoutPaused`` if something was playing."""


@dataclass(frozen=True, slots=True)
class ResumePlayout:
    """Go on from the same sample."""


@dataclass(frozen=True, slots=True)
class ClearPlayout:
    """Throw away all that is queued. Each utterance in it is answered by ``PlayoutEnded``."""


@dataclass(frozen=True, slots=True)
class SendDigits:
    """Press keys towards the other side (RFC 4733)."""

    digits: str


@dataclass(frozen=True, slots=True)
class TransferCall:
    """Blind transfer by REFER (RFC 3515)."""

    target: str
    headers: dict[str, str] = field(default_factory=dict)
    ring_timeout_s: float = 25.0
    """How long it may ring there; then the transfer has failed."""


@dataclass(frozen=True, slots=True)
class ConsultPerson:
    """Call a person while the caller waits; the socket of the link for that call comes beside this message.

    On that link everything is as for an outbound call; closing it hangs up. When the caller leaves, that call ends.
    """

    call_id: str
    """Of the new call."""
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    ring_timeout_s: float = 25.0


@dataclass(frozen=True, slots=True)
class JoinPerson:
    """Let the caller and the person who was consulted hear each other. Both links get ``CallEnded``."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """BYE, or before answer a final response with this status."""

    sip_status: int = 200
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Sent by a worker twice a second while it has a call; one that stops is taken for hung."""

    late_ms: float = 0.0
    """The worst delay of a frame on its way here since the last one."""


# --- call link, supervisor to a worker that waits ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TakeDialplan:
    """To a worker made before this version was loaded. What comes after it on the link may need the version."""

    dialplan: str
    version: int
    brain: str
