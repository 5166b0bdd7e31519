"""A call as its page shows it: turns with their waterfalls, and what else happened, on one clock; pure."""

from dataclasses import dataclass

from voicegw.outcomes.record import Event, SlotFilled, ToolAnswered, TransferTried, TurnTaken
from voicegw.outcomes.rows import CallStory
from voicegw.outcomes.show import stages_of


@dataclass(frozen=True)
class Part:
    """A stage of a wait, as a bar."""

    name: str
    ms: float
    left_percent: float
    """Where it begins, of the longest wait of the call."""
    width_percent: float


@dataclass(frozen=True)
class Told:
    """Something besides turns."""

    offset_s: float
    kind: str
    text: str
    detail: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class Turn:
    """A turn, and what happened until the next one."""

    taken: TurnTaken
    offset_s: float
    """Since the call began."""
    heard_at_s: float | None
    """Where in the recording the caller stops speaking, or the agent begins; None: not told."""
    wait_ms: float | None
    parts: tuple[Part, ...]
    remarks: tuple[str, ...]
    told: tuple[Told, ...] = ()


def turns_of(story: CallStory) -> tuple[Turn, ...]:
    """Turns by time; an event stands with the last turn before it."""
    waits = [sum(ms for _, ms in stages_of(turn.waterfall)) for turn in story.turns]
    longest = max(waits, default=0.0) or 1.0
    began_at = story.call.began_at
    starts = [turn.at for turn in story.turns]
    made = []
    for number, taken in enumerate(story.turns):
        until = starts[number + 1] if number + 1 < len(starts) else float("inf")
        since = taken.at if number else float("-inf")
        told = tuple(_told(event, began_at) for event in story.events if since <= event.at < until)
        made.append(
            Turn(
                taken,
                max(0.0, taken.at - began_at),
                _heard_at_s(taken),
                taken.waterfall.wait_ms,
                tuple(_parts(taken, longest)),
                tuple(_remarks(taken)),
                told,
            )
        )
    return tuple(made)


def _heard_at_s(taken: TurnTaken) -> float | None:
    """The call's media clock is the recording's."""
    marks = taken.waterfall
    ms = marks.last_voice if marks.last_voice is not None else marks.first_packet
    return None if ms is None else ms / 1000


def _parts(taken: TurnTaken, longest: float) -> list[Part]:
    parts, at = [], 0.0
    for stage, ms in stages_of(taken.waterfall):
        parts.append(Part(stage.name, ms, round(100 * at / longest, 2), round(100 * ms / longest, 2)))
        at += ms
    return parts


def _remarks(taken: TurnTaken) -> list[str]:
    place = ".".join(part for part in (taken.task, taken.question) if part)
    remarks = [place] if place else []
    remarks.append(f"decided by {taken.decided_by}")
    if taken.confidence is not None:
        remarks.append(f"heard with {taken.confidence:.0%}")
    remarks += [
        text for text, is_so in (("prepared ahead", taken.speculated), ("speech from cache", taken.cached)) if is_so
    ]
    return remarks


def _told(event: Event, began_at: float) -> Told:
    offset_s = max(0.0, event.at - began_at)
    match event:
        case SlotFilled(slot=slot, value=value):
            return Told(offset_s, "slot", slot, value)
        case ToolAnswered():
            is_bad = event.status in ("failed", "too_slow")
            detail = f"{event.effect}: {event.status}, {event.took_ms:.0f} ms"
            return Told(offset_s, "tool", event.tool, detail, is_bad)
        case TransferTried():
            outcome = f"failed with {event.sip_status}" if event.sip_status else "tried"
            return Told(offset_s, "transfer", event.target, f"{event.reason}: {outcome}", bool(event.sip_status))
