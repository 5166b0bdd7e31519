"""The dialog: what the agent says and does. A state machine without I/O: ``dialog.on(event, now) -> commands``."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from voicegw.call import dialog_actions, dialog_handoff, dialog_keys, dialog_secret, dialog_slots, dialog_think
from voicegw.call.commands import Command, Effect
from voicegw.call.dialog_ending import give_to_who_waits, going_down, person_wanted
from voicegw.call.dialog_intents import favourite, likely, urgent
from voicegw.call.dialog_miss import ask_about_guess, miss, missed, silent, thinking_aloud
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_slots import expecting
from voicegw.call.dialog_state import Question, State
from voicegw.call.dialog_steps import begin_block, hand_over, run
from voicegw.call.dialog_turn import begin_urgent, understood
from voicegw.call.events import (
    ActionFinished,
    CallBegan,
    CallerHungUp,
    DigitPressed,
    Event,
    PersonWanted,
    PlayoutHeard,
    SecretBegun,
    SecretGiven,
    ServiceGoesDown,
    SilenceLasted,
    ThoughtReady,
    TranscriptFinal,
    TransferFailed,
    TransferLasted,
)
from voicegw.call.masking import MASK, mask
from voicegw.call.secure import HIDDEN
from voicegw.call.transfers import why
from voicegw.dialplan.model import Dialplan
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.understanding import Understanding

Read = Callable[[str, np.ndarray | None, Expecting, date, time], Understanding]
"""Reads a turn: words, their sentence vector, what was asked, today and the time of day."""
MOST_LINES = 100
"""Lines of the conversation that are remembered, for the person who may have to go on with it."""


@dataclass(frozen=True)
class Decision:
    """How the last turn was understood, for people who want to know why."""

    understanding: Understanding
    by: str
    """``reflex``, ``llm``, ``keypad`` or ``timer``."""
    acted: bool
    """False: nothing in it could be acted on."""
    missed: bool = False
    """The caller was told so."""


class Dialog:
    """One conversation. The same events give the same commands; ``copy`` runs ahead without being heard.

    :param read: understands a turn.
    :param started: local time at the beginning of the call.
    """

    def __init__(self, plan: Dialplan, read: Read, *, started: datetime, caller: str = "") -> None:
        self.plan = plan
        self.decision: Decision | None = None
        """How the last turn was understood."""
        self._read = read
        self._started = started.astimezone(ZoneInfo(zone)) if (zone := _zone(plan)) else started
        self._state = State(values={"caller": caller} if caller else {})

    def on(self, event: Event, now: float) -> list[Command]:
        """What is to be done about an event.

        :param now: seconds on the call's clock.
        """
        if self._state.disposition:
            return []
        reply = Reply(self.plan, self._state, self._local(now).date(), now)
        handler = _HANDLERS.get(type(event))
        if handler is None:
            return []
        handler(self, reply, event)
        give_to_who_waits(reply)
        return reply.finish()

    def copy(self) -> "Dialog":
        """A dialog that goes on from here without changing this one."""
        other = Dialog(self.plan, self._read, started=self._started)
        other._state = self._state.copy()
        other.decision = self.decision
        return other

    def state(self) -> dict[str, Any]:
        """All that is remembered, as plain values."""
        return self._state.as_json()

    def restored(self, state: dict[str, Any]) -> "Dialog":
        """The dialog that had this state."""
        other = self.copy()
        other._state = State.from_json(state)
        return other

    @property
    def task(self) -> str:
        """The task in progress, or the last one."""
        return self._state.task or self._state.last_task

    @property
    def question(self) -> str:
        """The open question: a slot's name, or what kind of question it is."""
        return self._state.question_name

    @property
    def missed(self) -> bool:
        """The last words or keys of the caller were not understood."""
        return self.decision is not None and self.decision.missed

    @property
    def expecting(self) -> Expecting:
        """What the ear should listen for."""
        return expecting(self.plan, self._state)

    @property
    def over(self) -> bool:
        """The agent has said goodbye, or the caller has gone."""
        return bool(self._state.disposition)

    @property
    def disposition(self) -> str:
        """How the call ends if it ends now: one of ``DISPOSITIONS``."""
        state = self._state
        if state.disposition:
            return state.disposition
        if state.transferring:
            return "handed_over"
        return "completed" if state.done or state.counts.get("answered") else "abandoned"

    @property
    def slots(self) -> dict[str, object]:
        """Values the caller has given, by slot."""
        return {name: filled.value for name, filled in self._state.slots.items()}

    def spoken_slots(self) -> dict[str, str]:
        """Slots as text; personal ones masked."""
        return {
            name: MASK if name in self.plan.slots and self.plan.slots[name].hidden else str(filled.value)
            for name, filled in self._state.slots.items()
        }

    @property
    def tried(self) -> tuple[str, ...]:
        """Tasks done, and tools used with what came of them."""
        return (*(f"task {task}: done" for task in self._state.done), *self._state.tried)

    def masked(self, text: str) -> str:
        """``text`` with the values of personal slots hidden, as they were said, kept or spoken."""
        return mask(text, dialog_slots.personal_words(self.plan, self._state, self._started.date()))

    def masked_lines(self) -> list[tuple[str, str]]:
        """The last lines of the conversation, with personal values hidden."""
        return [(who, self.masked(text)) for who, text in self._state.lines]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The last lines of the conversation: ``caller``, ``agent`` or ``note``, and the words."""
        return list(self._state.lines)

    def _local(self, now: float) -> datetime:
        return self._started + timedelta(seconds=max(0.0, now - self._state.began_at))

    # --- events ---------------------------------------------------------------------------------------------

    def _on_began(self, reply: Reply, event: CallBegan) -> None:
        state = self._state
        if event.resumed and state.transferring:
            dialog_handoff.resumed(reply, under_way=event.transferring)
            return
        if event.resumed and (state.question or state.pending):
            self._resume(reply)
            return
        state.began_at = reply.now
        greeting = self.plan.greeting
        if self.plan.hours and not self.plan.hours.open_at(self._started):
            begin_block(reply, "hours", "closed")
            run(reply)
            return
        if greeting.notices:
            reply.say(greeting.notices, interruptible="no")
        if event.by_keys:
            state.by_keys = True
            reply.ask_phrase("open", "many_callers")
            return
        reply.say(greeting.say, interruptible=greeting.interruptible)
        state.question = Question("open")

    def _resume(self, reply: Reply) -> None:
        """Another process had this call. A tool at work is asked for again by the same id."""
        reply.phrase("resumed")
        pending = self._state.pending
        if pending:
            reply.restart(pending.request)
        else:
            reply.come_back()

    def _on_words(self, reply: Reply, event: TranscriptFinal) -> None:
        state = self._state
        if state.transferring or self._is_over_limit(reply):
            return
        self._add_line("caller", event.text)
        state.turn += 1
        state.keys = ""
        state.thought = None
        local = self._local(reply.now)
        understanding = self._read(event.text, event.vector, self.expecting, local.date(), local.time())
        if state.pending:
            self._while_working(reply, understanding)
            return
        acted = bool(event.text.strip()) and understood(reply, understanding, event.confidence)
        self.decision = Decision(understanding, "reflex", acted)
        if acted or thinking_aloud(reply, understanding):
            return
        if ask_about_guess(reply, [favourite(understanding)]):
            self.decision = replace(self.decision, missed=True)
        elif dialog_think.worth_it(reply, understanding, event.confidence):
            dialog_think.think(reply, understanding, self.lines)
        else:
            self.decision = replace(self.decision, missed=True)
            missed(reply, event.text, likely(understanding))

    def _while_working(self, reply: Reply, understanding: Understanding) -> None:
        """The caller speaks while a tool works: a person can be had at once, unless something is being changed."""
        self.decision = Decision(understanding, "reflex", True)
        pending = self._state.pending
        assert pending is not None
        if pending.request.effect is Effect.READS and urgent(self.plan, understanding):
            self._state.pending = None
            begin_urgent(reply, understanding)
            return
        wants_person = understanding.confident and dialog_think.PERSON in [i.name for i in understanding.intents[:1]]
        if wants_person and pending.request.effect is Effect.READS:
            self._state.pending = None
            hand_over(reply, "the caller asked for a person")
            return
        dialog_actions.wait(reply)

    def _on_result(self, reply: Reply, event: ActionFinished) -> None:
        dialog_actions.on_result(reply, event.result)

    def _on_thought(self, reply: Reply, event: ThoughtReady) -> None:
        thought = self._state.thought
        if thought is None or thought.id != event.id:
            return
        self._state.thought = None
        understanding = dialog_think.understanding_of(thought, event.decision)
        acted = bool(understanding.intents) and understood(reply, understanding)
        self.decision = Decision(understanding, "llm", acted, missed=not acted)
        if not acted:
            missed(reply, thought.text, thought.likely if event.decision is None else ())

    def _on_silence(self, reply: Reply, event: SilenceLasted) -> None:
        state = self._state
        if state.transferring or self._is_over_limit(reply):
            return
        state.turn += 1
        if state.keys:
            self._keyed(reply)
        elif state.pending:
            dialog_actions.wait(reply)
        elif state.thought:
            self._on_thought(reply, ThoughtReady(state.thought.id, None))
        else:
            silent(reply)

    def _on_digit(self, reply: Reply, event: DigitPressed) -> None:
        if self._state.transferring or self._state.pending or self._is_over_limit(reply):
            return
        if dialog_keys.press(reply, event.digit):
            self._keyed(reply)

    def _keyed(self, reply: Reply) -> None:
        """All keys of an answer were pressed."""
        state = self._state
        state.turn += 1
        understanding = dialog_keys.understanding_of(reply)
        state.keys = ""
        acted = understood(reply, understanding)
        self.decision = Decision(understanding, "keypad", acted, missed=not acted)
        if not acted:
            miss(reply)

    def _on_secret_begun(self, reply: Reply, event: SecretBegun) -> None:
        if not self._state.transferring and not self._state.pending:
            dialog_secret.begun(reply, event)

    def _on_secret_given(self, reply: Reply, event: SecretGiven) -> None:
        if self._state.transferring or self._state.pending or self._is_over_limit(reply):
            return
        self._state.turn += 1
        self._add_line("caller", HIDDEN)
        dialog_secret.given(reply, event)

    def _on_heard(self, reply: Reply, event: PlayoutHeard) -> None:
        if event.text:
            self._add_line("agent", event.text)
        reply.quiet()

    def _on_transfer_failed(self, reply: Reply, event: TransferFailed) -> None:
        if self._state.transferring:
            self._add_line("note", f"nobody took the call: {why(event.sip_status)}")
            dialog_handoff.failed(reply, event.sip_status)

    def _on_going_down(self, reply: Reply, event: ServiceGoesDown) -> None:
        going_down(reply)

    def _on_person_wanted(self, reply: Reply, event: PersonWanted) -> None:
        person_wanted(reply)

    def _on_transfer_lasted(self, reply: Reply, event: TransferLasted) -> None:
        dialog_handoff.lasted(reply)

    def _on_hung_up(self, reply: Reply, event: CallerHungUp) -> None:
        dialog_actions.hung_up(reply)
        gave_up = self._state.transferring and not event.transferred
        self._state.disposition = "abandoned" if gave_up else self.disposition

    def _is_over_limit(self, reply: Reply) -> bool:
        """The call has become too long: a person takes over, or it ends."""
        state, limits = self._state, self.plan.limits
        too_long = state.turn >= limits.turns or reply.now - state.began_at > limits.call_minutes * 60
        if not too_long or state.pending:
            return False
        if state.count("over"):
            reply.end_call("failed")
        else:
            reply.phrase("over")
            hand_over(reply, "the call became too long")
        return True

    def _add_line(self, who: str, text: str) -> None:
        self._state.lines = [*self._state.lines, (who, text)][-MOST_LINES:]


def _zone(plan: Dialplan) -> str:
    """Where the dialplan's clock hangs, if it says so."""
    return plan.hours.timezone if plan.hours else ""


_HANDLERS: dict[type, Callable[[Dialog, Reply, Any], None]] = {
    CallBegan: Dialog._on_began,
    TranscriptFinal: Dialog._on_words,
    ActionFinished: Dialog._on_result,
    ThoughtReady: Dialog._on_thought,
    SilenceLasted: Dialog._on_silence,
    DigitPressed: Dialog._on_digit,
    PlayoutHeard: Dialog._on_heard,
    TransferFailed: Dialog._on_transfer_failed,
    TransferLasted: Dialog._on_transfer_lasted,
    SecretBegun: Dialog._on_secret_begun,
    SecretGiven: Dialog._on_secret_given,
    CallerHungUp: Dialog._on_hung_up,
    ServiceGoesDown: Dialog._on_going_down,
    PersonWanted: Dialog._on_person_wanted,
}
