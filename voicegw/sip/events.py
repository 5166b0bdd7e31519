"""What happens on a leg, past tense. Produced by ``voicegw.sip``, consumed by the cell."""

from dataclasses import dataclass, field

from voicegw.sip.stats import RtpFacts


@dataclass(frozen=True)
class InviteReceived:
    """A call came in; nothing has been sent yet but 100."""

    leg: int
    caller: str
    callee: str
    headers: dict[str, str] = field(default_factory=dict)
    """``X-…`` and ``User-to-User``."""


@dataclass(frozen=True)
class RemoteRang:
    """A provisional response to our INVITE."""

    leg: int
    sip_status: int


@dataclass(frozen=True)
class Answered:
    """200 OK was sent or received."""

    leg: int


@dataclass(frozen=True)
class MediaFlows:
    """Audio is negotiated and connected: at first, after hold, and when a re-INVITE changed the codec."""

    leg: int
    codec: str


@dataclass(frozen=True)
class Held:
    """The other side does not listen any more (RFC 3264 §8.4)."""

    leg: int


@dataclass(frozen=True)
class KeyPressed:
    """A DTMF digit."""

    leg: int
    digit: str
    method: str
    """``rfc4733`` or ``info``."""


@dataclass(frozen=True)
class TransferNotified:
    """A NOTIFY of our REFER (RFC 3515 §2.4.4), or the answer to the REFER itself when that refused."""

    leg: int
    sip_status: int
    final: bool


@dataclass(frozen=True)
class Ended:
    """The dialog is over; the leg is gone."""

    leg: int
    by_us: bool
    by_network: bool
    """Neither side asked for it: no response, no ACK, a session timer that ran out."""
    sip_status: int
    reason: str
    rtp: RtpFacts = field(default_factory=RtpFacts)


SipEvent = InviteReceived | RemoteRang | Answered | MediaFlows | Held | KeyPressed | TransferNotified | Ended
