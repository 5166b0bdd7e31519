"""The calls of one service, followed by their facts until all is counted.

Facts come twice: from the supervisor itself, and from the stream that all machines share, where those of workers are.
A fact that is known already changes nothing, and one of another machine's call is passed over.
"""

from collections.abc import Callable
from dataclasses import dataclass

from voicegw.observe.metrics import Metrics
from voicegw.outcomes.events import place_of
from voicegw.outcomes.history import History, to_row
from voicegw.outcomes.record import (
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    Fact,
    SlotFilled,
    ToolAnswered,
    TransferTried,
    TurnTaken,
    WorkerReplaced,
)

STRAGGLERS_S = 5.0
"""After the end of a call its worker may still tell its last turn and what came of it."""


@dataclass
class _Own:
    history: History
    version: int
    dialplan: str
    counted: bool = False


class OwnCalls:
    """Belongs to the service's event loop."""

    def __init__(self, metrics: Metrics, ended: Callable[[History], None] = lambda history: None) -> None:
        """:param ended: takes a call that is over, once, when all is known of it that will be."""
        self._metrics = metrics
        self._ended = ended
        self._calls: dict[str, _Own] = {}

    @property
    def histories(self) -> list[History]:
        """Of the calls in progress."""
        return [own.history for own in self._calls.values() if own.history.closed is None]

    def opened(self, fact: CallOpened) -> None:
        """A call of ours began."""
        if fact.call_id in self._calls:
            return
        self._calls[fact.call_id] = _Own(History(fact.call_id).joined([fact]), fact.version, fact.dialplan)
        self._metrics.call_started(fact.dialplan, fact.version)

    def knows(self, call_id: str) -> bool:
        """It is one of ours, and not all is counted."""
        return call_id in self._calls

    def take(self, fact: Fact) -> None:
        """A fact of some call."""
        own = self._calls.get(fact.call_id)
        if own is None:
            return
        before, own.history = own.history, own.history.joined([fact])
        if own.history != before:
            self._count(own, before, fact)

    def settle(self, now: float) -> None:
        """Called now and then (Unix time): count the ends of calls of which nothing more will be told."""
        for call_id, own in list(self._calls.items()):
            closed = own.history.closed
            if closed is not None and now - closed.at > STRAGGLERS_S:
                self._count_end(own)
                del self._calls[call_id]

    def _count(self, own: _Own, before: History, fact: Fact) -> None:
        match fact:
            case CallPickedUp() if before.picked_up is None:
                self._metrics.call_answered(fact)
            case TurnTaken() if fact.index not in before.turns:
                self._metrics.turn_taken(own.dialplan, own.version, fact)
            case ToolAnswered() if place_of(fact) not in before.events:
                self._metrics.tool_answered(fact)
            case TransferTried():
                self._metrics.transfer_tried(own.dialplan, fact)
            case WorkerReplaced():
                self._metrics.worker_lost(fact)
            case CallConcluded() | CallClosed():
                told_all = own.history.concluded or own.history.picked_up is None
                if own.history.closed and told_all:
                    self._count_end(own)
            case CallOpened() | CallPickedUp() | TurnTaken() | ToolAnswered() | SlotFilled():
                pass

    def _count_end(self, own: _Own) -> None:
        if not own.counted:
            own.counted = True
            self._metrics.call_ended(to_row(own.history))
            self._ended(own.history)
