"""The board of calls in progress: facts and moments in, what is to be shown out. No clock, no I/O.

Facts and moments may come twice and from far back: a board that starts anew reads what the database holds and then
all that is still in the streams.
"""

from dataclasses import dataclass, field
from typing import Any

from voicegw.outcomes.history import History, to_row
from voicegw.outcomes.personal import MASK, mask_number, masked_turn, words_masked
from voicegw.outcomes.record import (
    CallClosed,
    CallOpened,
    Fact,
    SlotFilled,
    ToolAnswered,
    TransferTried,
    TurnTaken,
)
from voicegw.outcomes.show import stages_of
from voicegw.session.moments import AgentSilent, AgentSpeaks, CallerHeard, LinesMeasured, Moment

RINGING, LISTENING, THINKING, SPEAKING, HANDING_OVER = "ringing", "listening", "thinking", "speaking", "handing over"
MOST_ENDED = 2_000
"""Calls that are over are remembered for a while, since the streams may tell of them again."""


@dataclass
class _Turn:
    """One that is not told yet."""

    heard: str = ""
    says: list[str] = field(default_factory=list)


@dataclass
class LiveCall:
    """A call on the board."""

    history: History
    state: str = RINGING
    task: str = ""
    at: float = 0.0
    """Unix time of the last moment."""
    turns: dict[int, _Turn] = field(default_factory=dict)
    line: tuple[float, ...] = ()
    """As in ``LinesMeasured``."""

    def shown_state(self) -> str:
        """What is going on."""
        if self.history.picked_up is None:
            return RINGING
        tried = [event for event in self.history.events.values() if isinstance(event, TransferTried)]
        if tried and not max(tried, key=lambda event: event.at).sip_status:
            return HANDING_OVER
        return LISTENING if self.state == RINGING else self.state


class Board:
    """Of all machines that share a Redis. Belongs to one event loop."""

    def __init__(self) -> None:
        self._calls: dict[str, LiveCall] = {}
        self._ended: dict[str, None] = {}

    @property
    def ids(self) -> list[str]:
        """Of the calls in progress, the longest first."""
        return sorted(self._calls, key=lambda call_id: self._calls[call_id].history.began_at)

    def has(self, call_id: str) -> bool:
        """It is in progress."""
        return call_id in self._calls

    def begin(self, history: History) -> None:
        """A call that was in progress before we looked."""
        if history.closed is None and history.call_id not in self._ended:
            self._calls.setdefault(history.call_id, LiveCall(history))

    def take(self, fact: Fact) -> set[str]:
        """Ids of the calls that are to be shown anew, or no longer."""
        call = self._calls.get(fact.call_id)
        if call is None and isinstance(fact, CallOpened) and fact.call_id not in self._ended:
            call = self._calls[fact.call_id] = LiveCall(History(fact.call_id))
        if call is None:
            return set()
        call.history = call.history.joined([fact])
        if isinstance(fact, TurnTaken):
            call.turns.pop(fact.index, None)
        if isinstance(fact, CallClosed):
            del self._calls[fact.call_id]
            self._remember(fact.call_id)
        return {fact.call_id}

    def see(self, moment: Moment) -> set[str]:
        """As ``take``."""
        if isinstance(moment, LinesMeasured):
            return self._measured(moment)
        call = self._calls.get(moment.call_id)
        if call is None or moment.at < call.at:
            return set()
        call.at = moment.at
        turn = call.turns.setdefault(moment.turn, _Turn())
        match moment:
            case CallerHeard(text=text, task=task):
                call.state, call.task = THINKING, task or call.task
                call.turns[moment.turn] = _Turn(text)
            case AgentSpeaks(text=text):
                call.state = SPEAKING
                turn.says.append(text)
            case AgentSilent(text=text):
                call.state = LISTENING
                if turn.says:
                    turn.says[-1] = text
        if moment.turn in call.history.turns:  # told already: its utterances end after that
            call.turns.pop(moment.turn, None)
        return {moment.call_id}

    def _measured(self, moment: LinesMeasured) -> set[str]:
        changed = {call_id for call_id in moment.lines if call_id in self._calls}
        for call_id in changed:
            self._calls[call_id].line = tuple(moment.lines[call_id])
        return changed

    def _remember(self, call_id: str) -> None:
        self._ended[call_id] = None
        if len(self._ended) > MOST_ENDED:
            del self._ended[next(iter(self._ended))]

    # --- what is shown ------------------------------------------------------------------------------------------

    def summary(self, call_id: str, *, masked: bool) -> dict[str, Any]:
        """A line of the list."""
        call = self._calls[call_id]
        row = to_row(call.history)
        last = self._last_words(call)
        waits = [turn.waterfall.wait_ms for _, turn in sorted(call.history.turns.items())]
        latency_ms = next((round(wait) for wait in reversed(waits) if wait is not None), None)
        return {
            "id": call_id,
            "caller": mask_number(row.caller or "") if masked else row.caller,
            "callee": row.callee,
            "dialplan": row.dialplan,
            "version": row.version,
            "began_at": row.began_at,
            "answered_at": row.answered_at,
            "state": call.shown_state(),
            "task": call.task or _task(call),
            "who": last[0],
            "words": words_masked(last[1]) if masked else last[1],
            "latency_ms": latency_ms,
            "line": _line(call.line),
        }

    def details(self, call_id: str, *, masked: bool) -> dict[str, Any]:
        """All that is known of a call."""
        call = self._calls[call_id]
        events = sorted(call.history.events.values(), key=lambda event: event.at)
        turns = [masked_turn(turn) if masked else turn for _, turn in sorted(call.history.turns.items())]
        return {
            **self.summary(call_id, masked=masked),
            "codec": call.history.picked_up.codec if call.history.picked_up else "",
            "turns": [_told(turn) for turn in turns] + _untold(call, masked=masked),
            "slots": [
                {"name": event.slot, "value": MASK if masked else event.value}
                for event in events
                if isinstance(event, SlotFilled)
            ],
            "tools": [
                {"tool": event.tool, "effect": event.effect, "status": event.status, "took_ms": event.took_ms}
                for event in events
                if isinstance(event, ToolAnswered)
            ],
            "transfers": [
                {"target": event.target, "reason": event.reason, "sip_status": event.sip_status}
                for event in events
                if isinstance(event, TransferTried)
            ],
            "workers_lost": len(call.history.losses),
        }

    @staticmethod
    def _last_words(call: LiveCall) -> tuple[str, str]:
        for _, open_turn in sorted(call.turns.items(), reverse=True):
            if open_turn.says:
                return "agent", " ".join(open_turn.says)
            if open_turn.heard:
                return "caller", open_turn.heard
        for _, turn in sorted(call.history.turns.items(), reverse=True):
            if turn.agent_text or turn.caller_text:
                return ("agent", turn.agent_text) if turn.agent_text else ("caller", turn.caller_text)
        return "", ""


def _task(call: LiveCall) -> str:
    turns = [turn.task for _, turn in sorted(call.history.turns.items()) if turn.task]
    return turns[-1] if turns else ""


def _line(line: tuple[float, ...]) -> dict[str, float] | None:
    """For people: the share that was lost, the jitter, frames that came late from us."""
    if len(line) < 4:
        return None
    received, lost, jitter_ms, late = line[:4]
    return {
        "loss_percent": round(100 * lost / max(1.0, received + lost), 1),
        "jitter_ms": round(jitter_ms, 1),
        "late_frames": late,
    }


def _told(turn: TurnTaken) -> dict[str, Any]:
    return {
        "index": turn.index,
        "caller": turn.caller_text,
        "agent": turn.agent_text,
        "decided_by": turn.decided_by,
        "no_match": turn.no_match,
        "interrupted": turn.interrupted,
        "latency_ms": turn.waterfall.wait_ms,
        "stages": [{"name": stage.name, "ms": round(cost)} for stage, cost in stages_of(turn.waterfall)],
    }


def _untold(call: LiveCall, *, masked: bool) -> list[dict[str, Any]]:
    shown = words_masked if masked else str
    return [
        {"index": index, "caller": shown(turn.heard), "agent": shown(" ".join(turn.says))}
        for index, turn in sorted(call.turns.items())
    ]
