"""Messages of the supervisor with the parts of the service: cells, the web process, the nursery of workers."""

from dataclasses import dataclass, field

from voicegw.wire.call_messages import PROTOCOL_VERSION

# --- cell link -----------------------------------------------------------------------------------------------


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
    rehearses: bool = False
    """As of ``CallStarted``."""


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
    trunks: dict[str, bool] = field(default_factory=dict)
    """User and domain of each registrar that has answered, to whether it has us."""


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
    """``hang_up`` (the cell does that), ``hand_over`` to a person, or ``listen``: somebody listens in for a while."""


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


# --- nursery link --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NurseryReady:
    """Shared engines are loaded: workers can be forked."""

    pid: int


@dataclass(frozen=True, slots=True)
class ForkWorker:
    """To the nursery: make a worker; the worker's end of its call link comes beside this message."""

    worker: int
    hurry: bool = False
    """A caller hears it ring already."""


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
