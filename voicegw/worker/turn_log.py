"""Accounts for every turn: what was said, and when each stage was reached."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from voicegw.call.orders import EndTurn
from voicegw.outcomes.record import TurnTaken, Waterfall
from voicegw.session.moments import AgentSilent, AgentSpeaks, CallerHeard
from voicegw.worker.clock import MediaClock
from voicegw.worker.mouth import Utterance
from voicegw.worker.outside import Outside


@dataclass
class _OpenTurn:
    taken: TurnTaken
    utterances: list[Utterance] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)


class TurnLog:
    """One turn is open at a time; opening the next closes it, and closing hands out its ``TurnTaken``."""

    def __init__(
        self,
        call_id: str,
        clock: MediaClock,
        outside: Outside,
        masked: Callable[[str], str] = str,
    ) -> None:
        self._call_id = call_id
        self._clock = clock
        self._outside = outside
        self._masked = masked
        self._open: _OpenTurn | None = None
        self._count = 0

    @property
    def count(self) -> int:
        """Turns opened so far, the greeting included."""
        return self._count

    @property
    def unanswered(self) -> bool:
        """A turn is open and nothing has been said to it."""
        return self._open is not None and not self._open.utterances

    def open(self, caller_text: str, decided_by: str, waterfall: Waterfall, confidence: float | None = None) -> None:
        """A new turn: the caller has finished (or pressed a key, or kept silent)."""
        self.close()
        taken = TurnTaken(
            self._call_id,
            self._count,
            self._outside.wall_clock(),
            caller_text,
            "",
            decided_by=decided_by,
            confidence=confidence,
            waterfall=waterfall,
        )
        self._open = _OpenTurn(taken)
        self._count += 1

    def open_now(self, caller_text: str, decided_by: str) -> None:
        """A new turn, by keys or by silence: it is over as soon as it is noticed."""
        now_ms = round(self._clock.now_ms(), 1)
        pressed_ms = now_ms if decided_by == "keypad" else None
        self.open(caller_text, decided_by, Waterfall(last_voice=pressed_ms, turn_decided=now_ms))

    def open_spoken(self, ended: EndTurn, transcript_ready_ms: float | None) -> None:
        """A new turn, in the caller's words."""
        waterfall = Waterfall(
            last_voice=ended.last_voice_ms,
            pause_noticed=ended.pause_ms,
            transcript_ready=transcript_ready_ms,
            turn_decided=round(self._clock.now_ms(), 1),
        )
        self.open(ended.heard.text, "reflex", waterfall, ended.heard.confidence)

    def take_back(self) -> None:
        """The caller goes on with the open turn: what was noted of it is void."""
        if self._open:
            self._open = None
            self._count -= 1

    def decided(self, *, task: str, question: str, decided_by: str = "", no_match: bool = False) -> None:
        """What to say is known; the first such moment counts.

        :param no_match: what the caller said was not understood; of a turn without words that says nothing.
        """
        if self._open is None:
            return
        taken = self._open.taken
        waterfall = taken.waterfall
        if waterfall.decision_made is None:
            waterfall = replace(waterfall, decision_made=round(self._clock.now_ms(), 1))
            words = self._masked(taken.caller_text)  # only now the dialog knows which of them are personal
            self._outside.show(
                CallerHeard(self._call_id, self._outside.wall_clock(), taken.index, words, task, question)
            )
        self._open.taken = replace(
            taken,
            waterfall=waterfall,
            task=task,
            question=question,
            decided_by=decided_by or taken.decided_by,
            no_match=no_match and bool(taken.caller_text),
        )

    def ran_ahead(self) -> None:
        """What the reply to the open turn rests on had been looked up, or thought about, ahead."""
        if self._open:
            self._open.taken = replace(self._open.taken, speculated=True)

    def said(self, utterance: Utterance) -> None:
        """An utterance that answers the open turn."""
        if self._open:
            self._open.utterances.append(utterance)

    def started(self, utterance: Utterance) -> None:
        """Its first packet has left."""
        self._outside.show(
            AgentSpeaks(self._call_id, self._outside.wall_clock(), self._count - 1, self._masked(utterance.say.text))
        )
        turn = self._turn_of(utterance)
        if turn is None or turn.taken.waterfall.first_packet is not None:
            return
        first_audio = None
        if utterance.first_audio_at is not None:
            first_audio = round(self._clock.of(utterance.first_audio_at), 1)
        waterfall = replace(turn.taken.waterfall, first_audio=first_audio, first_packet=utterance.started_ms)
        speculated = turn.taken.speculated or utterance.prepared
        turn.taken = replace(turn.taken, waterfall=waterfall, cached=utterance.cached, speculated=speculated)

    def heard(self, utterance: Utterance, text: str, complete: bool) -> None:
        """It is over; the caller heard ``text`` of it."""
        self._outside.show(AgentSilent(self._call_id, self._outside.wall_clock(), self._count - 1, self._masked(text)))
        turn = self._turn_of(utterance)
        if turn is None:
            return
        if text:
            turn.heard.append(text)
        if not complete:
            turn.taken = replace(turn.taken, interrupted=True)

    def close(self) -> None:
        """Hand out the open turn, if there is one."""
        if self._open:
            taken, said = self._open.taken, " ".join(self._open.heard)
            self._outside.emit(
                replace(taken, caller_text=self._masked(taken.caller_text), agent_text=self._masked(said))
            )
            self._open = None

    def _turn_of(self, utterance: Utterance) -> _OpenTurn | None:
        return self._open if self._open and utterance in self._open.utterances else None
