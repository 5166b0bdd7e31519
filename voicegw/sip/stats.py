"""What went over the wire in RTP."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RtpFacts:
    """Counted by PJSIP for one stream, or for all the streams of a leg together."""

    sent: int = 0
    """Packets."""
    received: int = 0
    lost: int = 0
    """Packets of the other side that never came, by their sequence numbers."""
    jitter_ms: float = 0.0
    """Mean interarrival jitter (RFC 3550 §6.4.1)."""

    def __add__(self, other: "RtpFacts") -> "RtpFacts":
        received = self.received + other.received
        weighted = self.jitter_ms * self.received + other.jitter_ms * other.received
        return RtpFacts(
            self.sent + other.sent,
            received,
            self.lost + other.lost,
            round(weighted / received, 2) if received else 0.0,
        )
