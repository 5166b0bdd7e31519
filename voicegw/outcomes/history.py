"""What is known of one call: its facts, joined so that neither their order nor their repetition matters.

Facts of a call come from several processes, over a stream that may deliver twice, and some from a spool on disk an
hour late. So a history is a join: for each kind of fact the latest word stands, and whatever is derived (the
disposition) is derived anew from the facts, never from what was derived before.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeVar

from voicegw.outcomes.events import Place, place_of
from voicegw.outcomes.record import (
    DISPOSITIONS,
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    Event,
    Fact,
    FactRefused,
    SlotFilled,
    ToolAnswered,
    TransferTried,
    TurnTaken,
    WorkerReplaced,
)
from voicegw.outcomes.rows import RTP_COUNTS, CallRow, media_columns, media_of

RECOVERY = "recovery"
"""``CallClosed.by`` of a call that nobody saw end; yields to any other word on how it ended."""

_F = TypeVar("_F", bound=Fact)


@dataclass(frozen=True)
class History:
    """The facts of one call."""

    call_id: str
    opened: CallOpened | None = None
    picked_up: CallPickedUp | None = None
    concluded: CallConcluded | None = None
    closed: CallClosed | None = None
    losses: frozenset[WorkerReplaced] = frozenset()
    turns: Mapping[int, TurnTaken] = field(default_factory=dict)
    events: Mapping[Place, Event] = field(default_factory=dict)

    def joined(self, facts: Iterable[Fact]) -> "History":
        """This and ``facts``, of the same call.

        :raises FactRefused: a fact that no row could hold.
        """
        history = self
        for fact in facts:
            history = history._with(storable(fact))
        return history

    def _with(self, fact: Fact) -> "History":
        match fact:
            case CallOpened():
                return replace(self, opened=_latest(self.opened, fact))
            case CallPickedUp():
                return replace(self, picked_up=_latest(self.picked_up, fact))
            case CallConcluded():
                return replace(self, concluded=_latest(self.concluded, fact))
            case CallClosed():
                return replace(self, closed=_latest(self.closed, fact))
            case WorkerReplaced():
                return replace(self, losses=self.losses | {fact})
            case TurnTaken():
                turn = _latest(self.turns.get(fact.index), fact)
                return replace(self, turns={**self.turns, fact.index: turn})
            case SlotFilled() | ToolAnswered() | TransferTried():
                place = place_of(fact)
                return replace(self, events={**self.events, place: _latest(self.events.get(place), fact)})

    @property
    def began_at(self) -> float:
        """Unix time of the INVITE or, failing that, of the first thing known."""
        return self.opened.at if self.opened else min(self._times(), default=0.0)

    @property
    def last_known_at(self) -> float:
        """Unix time of the last thing known."""
        return max(self._times(), default=0.0)

    def _times(self) -> Iterable[float]:
        singles = (self.opened, self.picked_up, self.concluded, self.closed)
        facts = (*(fact for fact in singles if fact), *self.losses, *self.turns.values(), *self.events.values())
        return (fact.at for fact in facts)


def disposition(history: History) -> str | None:
    """How the call ended, for the business; None while it is up and its worker has not concluded."""
    if history.concluded and history.concluded.disposition in DISPOSITIONS:
        return _broken_off(history) or history.concluded.disposition
    if history.closed is None:
        return None
    return _without_worker(history, history.closed)


def _broken_off(history: History) -> str | None:
    """A worker takes a call that ends before its time for the caller's doing; the cell knows better."""
    assert history.concluded
    ours = history.closed is not None and history.closed.by in ("network", RECOVERY)
    return "failed" if ours and history.concluded.disposition == "abandoned" else None


def _without_worker(history: History, closed: CallClosed) -> str:
    """The worker said nothing: it died, or never had the call, or the caller left before it could."""
    if closed.by == RECOVERY:
        return "failed"
    if history.picked_up is None:
        return _before_answer(closed)
    heard_nothing = closed.media.get("rtp_received") == 0
    if closed.by != "caller" or history.losses or heard_nothing:
        return "failed"
    return "abandoned"


def _before_answer(closed: CallClosed) -> str:
    # RFC 3261 §9: a CANCEL is answered by 487 to the INVITE; the caller gave up, nobody turned them away.
    if closed.by == "caller" or closed.sip_status == 487:
        return "abandoned"
    return "refused" if closed.sip_status >= 400 else "failed"


def to_row(history: History) -> CallRow:
    """The row of table ``calls``; with the turns it holds all that ``from_row`` needs."""
    opened, picked_up, concluded, closed = (
        history.opened,
        history.picked_up,
        history.concluded,
        history.closed,
    )
    columns: dict[str, Any] = {}
    if opened:
        columns |= {"opened_at": opened.at, "caller": opened.caller, "callee": opened.callee}
        columns |= {"dialplan": opened.dialplan, "version": opened.version, "cell": opened.cell}
        columns |= {"channel": opened.channel}
    if picked_up:
        columns |= {"answered_at": picked_up.at, "setup_ms": picked_up.setup_ms, "codec": picked_up.codec}
    if concluded:
        columns |= {"concluded_at": concluded.at, "concluded": concluded.disposition}
        columns |= {"task": concluded.task, "slots": dict(concluded.slots)}
    else:  # its worker died, or has yet to conclude
        columns |= {"slots": {event.slot: event.value for event in _in_order(history) if isinstance(event, SlotFilled)}}
    if closed:
        columns |= {"closed_at": closed.at, "ended_by": closed.by}
        columns |= {"sip_status": closed.sip_status, "reason": closed.reason}
    return CallRow(
        call_id=history.call_id,
        began_at=history.began_at,
        worker_losses=tuple(sorted((loss.at, loss.hung) for loss in history.losses)),
        turns=len(history.turns),
        disposition=disposition(history),
        **_counts(history.turns.values()),
        **columns,
        **media_columns(closed),
    )


def _counts(turns: Iterable[TurnTaken]) -> dict[str, Any]:
    taken = list(turns)
    return {
        "slowest_ms": max((wait for turn in taken if (wait := turn.waterfall.wait_ms) is not None), default=None),
        "turns_said": sum(bool(turn.caller_text) for turn in taken),
        "turns_missed": sum(turn.no_match for turn in taken),
        "turns_interrupted": sum(turn.interrupted for turn in taken),
    }


def _in_order(history: History) -> list[Event]:
    return sorted(history.events.values(), key=lambda event: event.at)


def from_row(row: CallRow, turns: Iterable[TurnTaken], events: Iterable[Event] = ()) -> History:
    """The facts that a row, its turns and its events were made of."""
    return History(
        call_id=row.call_id,
        opened=_opened(row),
        picked_up=_picked_up(row),
        concluded=_concluded(row),
        closed=_closed(row),
        losses=frozenset(WorkerReplaced(row.call_id, at, hung) for at, hung in row.worker_losses),
        turns={turn.index: turn for turn in turns},
        events={place_of(event): event for event in events},
    )


def _opened(row: CallRow) -> CallOpened | None:
    if row.opened_at is None:
        return None
    return CallOpened(
        row.call_id,
        row.opened_at,
        caller=row.caller or "",
        callee=row.callee or "",
        dialplan=row.dialplan or "",
        version=row.version or 0,
        cell=row.cell or 0,
        channel=row.channel or "sip",
    )


def _picked_up(row: CallRow) -> CallPickedUp | None:
    if row.answered_at is None:
        return None
    return CallPickedUp(row.call_id, row.answered_at, setup_ms=row.setup_ms or 0.0, codec=row.codec or "")


def _concluded(row: CallRow) -> CallConcluded | None:
    if row.concluded_at is None:
        return None
    said = row.concluded or ""
    return CallConcluded(row.call_id, row.concluded_at, said, task=row.task or "", slots=dict(row.slots))


def _closed(row: CallRow) -> CallClosed | None:
    if row.closed_at is None:
        return None
    return CallClosed(
        row.call_id,
        row.closed_at,
        by=row.ended_by or "",
        sip_status=row.sip_status or 0,
        reason=row.reason or "",
        media=media_of(row),
    )


def storable(fact: Fact) -> Fact:
    """``fact`` as a database gives it back: text that UTF-8 and PostgreSQL hold, media of known names.

    :raises FactRefused: its time is no time, so it has no place in any order.
    """
    if not math.isfinite(fact.at):
        raise FactRefused(f"{type(fact).__name__} of call {fact.call_id} has no time: at={fact.at}")
    clean: Fact = replace(fact, **{name: _clean(value) for name, value in vars(fact).items()})
    if isinstance(clean, CallClosed):
        return replace(clean, media=_known_media(clean.media))
    return clean


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    # PostgreSQL has no character 0; a lone surrogate is not text in UTF-8.
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _known_media(media: Mapping[str, float]) -> dict[str, float]:
    finite = {name: value for name, value in media.items() if math.isfinite(value)}
    known = {name: float(int(finite[name])) for name in RTP_COUNTS if name in finite}
    return known | ({"jitter_ms": finite["jitter_ms"]} if "jitter_ms" in finite else {})


def _latest(known: _F | None, told: _F) -> _F:
    return told if known is None else max(known, told, key=_weight)


def _weight(fact: Fact) -> tuple[bool, float, str]:
    """Order in which a later word replaces an earlier one; the text only settles ties, always alike."""
    seen = not (isinstance(fact, CallClosed) and fact.by == RECOVERY)
    return seen, fact.at, json.dumps(asdict(fact), sort_keys=True)
