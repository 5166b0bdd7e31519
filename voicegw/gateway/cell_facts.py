"""What a cell tells of the line of a call: while it lasts, and for its outcome row."""

from voicegw.sip.events import Ended
from voicegw.sip.media import Line
from voicegw.sip.stats import RtpFacts


def quality(rtp: RtpFacts, line: Line) -> list[float]:
    """As in ``CellPulse``: packets received and lost, mean jitter in ms, frames played late."""
    return [rtp.received, rtp.lost, rtp.jitter_ms, line.clock.late_frames]


def of_the_end(by: str, reason: str, event: Ended, line: Line) -> dict[str, object]:
    """Who ended it and why, and the measurements of the line."""
    gaps, gap_ms, longest_gap_ms = line.gaps()
    return {
        "by": by,
        "sip_status": event.sip_status,
        "reason": reason,
        "rtp_sent": event.rtp.sent,
        "rtp_received": event.rtp.received,
        "rtp_lost": event.rtp.lost,
        "jitter_ms": event.rtp.jitter_ms,
        "late_frames": line.clock.late_frames,
        "dropped_frames": line.dropped_frames,
        "gaps": gaps,
        "gap_ms": gap_ms,
        "longest_gap_ms": longest_gap_ms,
    }
