"""Messages between a cell, a worker and the supervisor.

Three links, one vocabulary:

* **call link**, cell and worker, one SEQPACKET socket per call: ``Frame`` 50 times a second one way, ``Speech``
  the other way, and the rest now and then;
* **cell link**, supervisor and cell, one per cell: which calls want a worker, which worker they get (its
  socket travels beside ``WorkerAssigned``, SCM_RIGHTS);
* **nursery link**, supervisor and nursery (the process that forks workers).

Every time is in milliseconds on the media clock of its call: 0 is when the call began at the cell, and a
frame's ``at_ms`` grows by 20. Audio is 16-bit little-endian mono PCM at 8 kHz.
"""

from dataclasses import dataclass, field

PROTOCOL_VERSION = 2
RATE_HZ = 8000
FRAME_MS = 20
FRAME_BYTES = RATE_HZ * FRAME_MS // 1000 * 2


# --- call link, cell to worker ------------------------------------------------------------------------------


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
    protocol: int = PROTOCOL_VERSION


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """200 OK was sent and media flows; from now on ``Frame`` comes every 20 ms."""

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


# --- call link, worker to cell ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WorkerReady:
    """Engines are loaded and warm; sent once, before any call."""

    pid: int
    protocol: int = PROTOCOL_VERSION


@dataclass(frozen=True, slots=True)
class AnswerCall:
    """Send 200 OK."""


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


# --- cell link ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CellReady:
    """The cell listens."""

    pid: int
    sip_port: int
    most_calls: int
    protocol: int = PROTOCOL_VERSION


@dataclass(frozen=True, slots=True)
class WorkerWanted:
    """A call has arrived (or has lost its worker) and wants one."""

    call_id: str
    caller: str
    callee: str
    resumed: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    channel: str = "sip"
    """How the caller came: ``sip`` or ``browser``."""
    dialplan: str = ""
    """Wanted by name instead of by the number; empty: whichever answers ``callee``."""
    version: int = 0
    """Of ``dialplan``."""


@dataclass(frozen=True, slots=True)
class WorkerAssigned:
    """To the cell: here is a worker for that call; the call link's socket comes beside this message."""

    call_id: str
    worker: int
    dialplan: str
    version: int = 0
    easing: int = 0
    """As of ``Ease``."""
    by_keys: bool = False
    """As of ``CallStarted``."""


@dataclass(frozen=True, slots=True)
class Ease:
    """To a cell, and from it to the workers of its calls: how much to leave out from now on."""

    easing: int
    """A ``call.easing.Easing``."""


@dataclass(frozen=True, slots=True)
class CallTurnedAway:
    """To the cell: refuse that call."""

    call_id: str
    sip_status: int
    reason: str
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """From the cell: the worker of that call died or hung; ``WorkerWanted`` follows if the call lives."""

    call_id: str
    worker: int
    hung: bool


@dataclass(frozen=True, slots=True)
class WorkerReturned:
    """From the cell: the call was over before this worker could hear of it; its socket comes beside this message."""

    worker: int


@dataclass(frozen=True, slots=True)
class PlaceCall:
    """To the cell: dial out; the call link's socket comes beside this message."""

    call_id: str
    uri: str
    caller: str = "voicegw"
    headers: dict[str, str] = field(default_factory=dict)
    codec: str = ""
    """Offer only this codec; empty offers all."""


@dataclass(frozen=True, slots=True)
class CallProgressed:
    """From the cell, on the cell link: a call changed state. ``facts`` are what the outcome row needs.

    State ``ringing``, ``answered`` or ``ended``. With ``ended`` the facts hold ``by``, ``sip_status``, ``reason``
    and the media measurements (``rtp_sent``, ``rtp_received``, ``rtp_lost``, ``jitter_ms``, ``late_frames``).
    """

    call_id: str
    state: str
    at_unix_ms: int
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drain:
    """To the cell: take no new calls (503), keep those you have."""


@dataclass(frozen=True, slots=True)
class WrapUp:
    """To a cell, and from it to the workers of its calls: the service goes down; give the caller to a person, or say
    so and end. Told every second while calls are left."""


@dataclass(frozen=True, slots=True)
class Stop:
    """To a cell or the nursery: hang up everything and exit."""


@dataclass(frozen=True, slots=True)
class CellPulse:
    """From the cell once a second: it is alive, and has so many calls."""

    calls: int
    lines: dict[str, list[float]] = field(default_factory=dict)
    """By call, how its line has been so far: RTP packets received and lost, mean jitter in ms, frames played late."""
    late_ms: float = 0.0
    """Of its calls, the middle one of the worst delays of sound to their workers since the last one: one worker may
    be late by itself, all are when there is not enough processor time."""


@dataclass(frozen=True, slots=True)
class WebReady:
    """From the web process, on its link to the supervisor: it listens."""

    pid: int
    port: int


@dataclass(frozen=True, slots=True)
class CallOrdered:
    """To the cell, and from it to the call's worker: a person at the console wants this done with a call."""

    call_id: str
    deed: str
    """``hang_up`` (the cell does that), or ``hand_over`` to a person."""


@dataclass(frozen=True, slots=True)
class ReportWanted:
    """From the web process: how is the service?"""

    number: int
    """Comes back with the answer."""


@dataclass(frozen=True, slots=True)
class ReportTold:
    """To the web process."""

    number: int
    metrics: str
    """Prometheus's text format, deflated (RFC 1950) and in base64, since it may be longer than a datagram."""
    state: dict[str, object]
    """``observe.machine.MachineState``."""


@dataclass(frozen=True, slots=True)
class TryDialplan:
    """From the web process: a draft is about to be tried. Answered by ``DialplanLoaded``; from then on calls may want
    it by name."""

    dialplan: str
    version: int
    """Below 0: see ``publishing.record.Draft.version``."""
    file: str
    """Path of its YAML file."""


# --- nursery link -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NurseryReady:
    """Shared engines are loaded: workers can be forked."""

    pid: int


@dataclass(frozen=True, slots=True)
class ForkWorker:
    """To the nursery: make a worker; the worker's end of its call link comes beside this message."""

    worker: int


@dataclass(frozen=True, slots=True)
class WorkerForked:
    """From the nursery."""

    worker: int
    pid: int


@dataclass(frozen=True, slots=True)
class WorkerExited:
    """From the nursery: a worker process is gone. ``status`` as of ``os.waitstatus_to_exitcode``."""

    worker: int
    pid: int
    status: int


@dataclass(frozen=True, slots=True)
class LoadDialplan:
    """To the nursery: workers made from now on know this version too. Answered by ``DialplanLoaded``."""

    dialplan: str
    version: int
    file: str
    """Path of its YAML file."""
    brain: str = ""
    """Path of what is made of it for ``TakeDialplan``; empty: nobody needs to be told."""
    vectors: str = ""
    """Path of the vectors of its sentences, or empty."""


@dataclass(frozen=True, slots=True)
class DialplanLoaded:
    """From the nursery; for a draft also from the supervisor to the web process."""

    dialplan: str
    version: int
    problem: str = ""
    """Empty: workers made from now on have it."""


@dataclass(frozen=True, slots=True)
class ForgetDialplan:
    """To the nursery: no call has this version any more, and none will get it."""

    dialplan: str
    version: int


# --- call link, supervisor to a worker that waits -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TakeDialplan:
    """To a worker made before this version was loaded. What comes after it on the link may need the version."""

    dialplan: str
    version: int
    brain: str


Message = (
    CallStarted
    | CallAnswered
    | Frame
    | DigitPressed
    | PlayoutStarted
    | PlayoutPaused
    | PlayoutEnded
    | CallHeld
    | CallUnheld
    | TransferProgressed
    | CallEnded
    | WorkerReady
    | AnswerCall
    | Speech
    | SpeechEnded
    | PausePlayout
    | ResumePlayout
    | ClearPlayout
    | SendDigits
    | TransferCall
    | HangUp
    | Heartbeat
    | CellReady
    | WorkerWanted
    | WorkerAssigned
    | CallTurnedAway
    | WorkerLost
    | PlaceCall
    | CallProgressed
    | Drain
    | Stop
    | CellPulse
    | NurseryReady
    | ForkWorker
    | WorkerForked
    | WorkerExited
    | LoadDialplan
    | DialplanLoaded
    | ForgetDialplan
    | TakeDialplan
    | WrapUp
    | ConsultPerson
    | JoinPerson
    | WebReady
    | WorkerReturned
    | CallOrdered
    | ReportWanted
    | ReportTold
    | Ease
    | TryDialplan
)
"""Any message. The order is the numbering on the wire: append, never insert; see ``codec``."""
