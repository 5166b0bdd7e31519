"""One call as a row: what a list, an export and a bill are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from voicegw.outcomes.record import CallClosed, Event, TurnTaken

RTP_COUNTS = ("rtp_sent", "rtp_received", "rtp_lost", "late_frames")
"""Whole numbers of ``CallClosed.media``; ``jitter_ms`` beside them is a fraction."""


@dataclass(frozen=True)
class CallRow:
    """A row of table ``calls``, column by column. None: that has not happened, or nobody told."""

    call_id: str
    began_at: float
    """Unix time of the INVITE or, where that was never told, of the first thing known. Lists are ordered by it."""
    opened_at: float | None = None
    caller: str | None = None
    """Personal data."""
    callee: str | None = None
    dialplan: str | None = None
    version: int | None = None
    cell: int | None = None
    channel: str | None = None
    """``sip`` or ``browser``."""
    answered_at: float | None = None
    setup_ms: float | None = None
    codec: str | None = None
    concluded_at: float | None = None
    concluded: str | None = None
    """The disposition in the worker's own words; ``disposition`` is what counts."""
    task: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    """Personal data."""
    closed_at: float | None = None
    ended_by: str | None = None
    sip_status: int | None = None
    reason: str | None = None
    rtp_sent: int | None = None
    rtp_received: int | None = None
    rtp_lost: int | None = None
    jitter_ms: float | None = None
    late_frames: int | None = None
    worker_losses: tuple[tuple[float, bool], ...] = ()
    """When a worker was lost, and whether it hung (else it died)."""
    turns: int = 0
    """Turns taken, the greeting included."""
    disposition: str | None = None
    """One of ``DISPOSITIONS``; None while the call is up."""
    slowest_ms: float | None = None
    """The longest a caller waited for a reply: their last voice to its first packet."""
    turns_said: int = 0
    """Turns in which the caller said something."""
    turns_missed: int = 0
    """Of these, not understood."""
    turns_interrupted: int = 0
    """Turns in which the caller cut the reply short."""

    @property
    def workers_lost(self) -> int:
        """How many workers died or hung under this call."""
        return len(self.worker_losses)

    @property
    def talk_s(self) -> float | None:
        """Answer to end."""
        if self.answered_at is None or self.closed_at is None:
            return None
        return self.closed_at - self.answered_at


@dataclass(frozen=True)
class CallStory:
    """A call, its turns in order, and what else happened."""

    call: CallRow
    turns: tuple[TurnTaken, ...] = ()
    events: tuple[Event, ...] = ()
    """By time."""


def media_of(row: CallRow) -> dict[str, float]:
    """``CallClosed.media`` again, from its columns."""
    values = {name: getattr(row, name) for name in (*RTP_COUNTS, "jitter_ms")}
    return {name: float(value) for name, value in values.items() if value is not None}


def media_columns(closed: CallClosed | None) -> dict[str, Any]:
    """Columns of ``CallClosed.media``; a measurement this version does not know has no column and is dropped."""
    media = closed.media if closed else {}
    counts = {name: int(media[name]) if name in media else None for name in RTP_COUNTS}
    return counts | {"jitter_ms": media.get("jitter_ms")}
