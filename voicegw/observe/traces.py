"""A call as a trace: what is recorded of it, cut into spans; no clock, no I/O.

The trace has the call's own id (a UUID has as many bits), so that each is found by the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from voicegw.outcomes.history import History, to_row
from voicegw.outcomes.record import ToolAnswered, TurnTaken
from voicegw.outcomes.show import STAGES

Value = str | int | float | bool


@dataclass(frozen=True)
class Span:
    """Something that lasted. Says nothing that callers said."""

    name: str
    began_at: float
    """Unix time."""
    ended_at: float
    attributes: Mapping[str, Value] = field(default_factory=dict)
    failed: bool = False
    inside: tuple["Span", ...] = ()


def of_call(history: History) -> Span:
    """The whole call: turns, and in each its stages; tools."""
    row = to_row(history)
    known = {
        "voicegw.call_id": row.call_id,
        "voicegw.dialplan": row.dialplan,
        "voicegw.version": row.version,
        "voicegw.task": row.task,
        "voicegw.outcome": row.disposition,
        "voicegw.codec": row.codec,
        "voicegw.setup_ms": row.setup_ms,
        "voicegw.jitter_ms": row.jitter_ms,
        "voicegw.rtp_lost": row.rtp_lost,
        "voicegw.workers_lost": row.workers_lost,
        "sip.status": row.sip_status,
    }
    inside = [_turn(turn) for _, turn in sorted(history.turns.items())]
    inside += [_tool(event) for event in history.events.values() if isinstance(event, ToolAnswered)]
    return Span(
        "call",
        row.began_at,
        max([row.closed_at or row.began_at, *(span.ended_at for span in inside)]),
        {name: value for name, value in known.items() if value is not None},
        row.disposition == "failed",
        tuple(inside),
    )


def _turn(turn: TurnTaken) -> Span:
    stages = tuple(_stages(turn))
    attributes: dict[str, Value] = {
        "voicegw.turn": turn.index,
        "voicegw.task": turn.task,
        "voicegw.decided_by": turn.decided_by,
        "voicegw.no_match": turn.no_match,
        "voicegw.interrupted": turn.interrupted,
        "voicegw.speculated": turn.speculated,
        "voicegw.cached": turn.cached,
    }
    if turn.confidence is not None:
        attributes["voicegw.confidence"] = turn.confidence
    began_at = min((stage.began_at for stage in stages), default=turn.at)
    return Span("turn", began_at, max((stage.ended_at for stage in stages), default=turn.at), attributes, inside=stages)


def _stages(turn: TurnTaken) -> Iterator[Span]:
    """The waterfall's marks lie on the call's media clock; the turn's time is that of ``turn_decided``."""
    marks = turn.waterfall
    if marks.turn_decided is None:
        return

    def at(mark_ms: float) -> float:
        return turn.at + (mark_ms - (marks.turn_decided or 0.0)) / 1000

    before = marks.last_voice
    for stage in STAGES:
        reached = getattr(marks, stage.reached)
        if reached is None:
            continue
        if before is not None:
            yield Span(f"stage {stage.name}", at(min(before, reached)), at(reached))
        before = reached if before is None else max(before, reached)


def _tool(event: ToolAnswered) -> Span:
    attributes: dict[str, Value] = {"voicegw.tool": event.tool, "voicegw.effect": event.effect}
    attributes["voicegw.status"] = event.status
    failed = event.status in ("failed", "too_slow")
    return Span("tool", event.at - event.took_ms / 1000, event.at, attributes, failed)
