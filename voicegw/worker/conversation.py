"""One call, from its first message to its last: the shell around turn-taking and dialog.

Messages of the cell come in; ``Turns`` and ``Talker`` decide; mouth, hands and the link do what they decide.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from voicegw import log
from voicegw.call import events
from voicegw.call.commands import (
    Command,
    Effect,
    Hangup,
    Listen,
    Say,
    SendWhenDone,
    StartAction,
    StopSpeaking,
    Think,
    Transfer,
)
from voicegw.call.course import Course, Void, is_final
from voicegw.call.easing import Easing
from voicegw.call.fillers import Fillers
from voicegw.call.orders import (
    BeginUtterance,
    CallerSilent,
    CancelAgent,
    DropUtterance,
    EndTurn,
    Order,
    PauseAgent,
    ResumeAgent,
    WantTranscript,
)
from voicegw.call.secure import HIDDEN
from voicegw.call.talker import Talker
from voicegw.call.turns import FRAME_MS, Phase, Turns
from voicegw.call.utterance import is_of
from voicegw.outcomes.record import CallConcluded, Waterfall
from voicegw.wire.link import Link
from voicegw.wire.messages import (
    CallAnswered,
    CallEnded,
    CallHeld,
    CallOrdered,
    CallStarted,
    CallUnheld,
    DigitPressed,
    Ease,
    Frame,
    Frames,
    GatherFrames,
    HangUp,
    Message,
    PausePlayout,
    PlayoutEnded,
    PlayoutPaused,
    PlayoutStarted,
    ResumePlayout,
    TransferProgressed,
    WrapUp,
)
from voicegw.worker.clock import MediaClock
from voicegw.worker.dead_air import DeadAir
from voicegw.worker.ears import Ears, Transcript
from voicegw.worker.foresight import Foresight
from voicegw.worker.handing_over import HandsOver
from voicegw.worker.hands import Hands
from voicegw.worker.incoming import Incoming
from voicegw.worker.mouth import Mouth
from voicegw.worker.outside import Outside
from voicegw.worker.recorder import Attends
from voicegw.worker.secure_capture import SecureCapture
from voicegw.worker.thinker import Thinker
from voicegw.worker.transcribing import Transcribing
from voicegw.worker.turn_log import TurnLog

logger = log.get_logger()


class Conversation:
    """Talks on one call. Belongs to the worker's event loop."""

    def __init__(
        self,
        started: CallStarted,
        link: Link,
        dialog: Talker,
        ears: Ears,
        mouth: Mouth,
        hands: Hands,
        thinker: Thinker,
        outside: Outside,
        fillers: Fillers,
        handing_over: HandsOver,
        secure: SecureCapture,
        recorder: Attends,
        clock: MediaClock,
    ) -> None:
        self._started = started
        self._link = link
        self._course = Course(dialog)
        self._ears = ears
        self._mouth = mouth
        self._hands = hands
        self._thinker = thinker
        self._outside = outside
        self._handing_over = handing_over
        self._secure = secure
        self._recorder = recorder
        self._clock = clock
        self._turns = Turns()
        self._log = TurnLog(started.call_id, self._clock, outside, lambda text: self._dialog.masked(text))
        self._foresight = Foresight(mouth, hands, thinker, self._now_s)
        self._transcribing = Transcribing(ears, self._clock, self._on_transcript)
        self._dead_air = DeadAir(fillers, self._clock, self._is_dead_air, self._say)
        self._heard_until_ms = 0
        self._gathering = GatherFrames()
        self._after_speech: HangUp | Transfer | None = None
        """Done once nothing is left to say."""
        self._disposition = ""
        self._over = asyncio.Event()
        self.ended: CallEnded | None = None
        """The cell's last word."""

    @property
    def _dialog(self) -> Talker:
        return self._course.dialog

    async def run(self) -> None:
        """Until the call has ended, or the cell is gone."""
        with Incoming(self._link, self._clock, self._on_message, self._on_lost).listening():
            try:
                self._begin()
            except ConnectionError:  # hung up as it was answered: what became of the call is told all the same
                self._on_lost()
            await self._over.wait()

    def _begin(self) -> None:
        """Have the greeting on its way while 200 OK travels."""
        self._ease(Easing(self._started.easing))
        self._log.open("", "greeting", Waterfall(turn_decided=0.0))
        started = self._started
        self._tell(events.CallBegan(started.caller, started.resumed, started.transferring, by_keys=started.by_keys))
        self._outside.save(self._dialog, self._log.count)

    # --- messages of the cell -------------------------------------------------------------------------------

    def _on_lost(self) -> None:
        if not self._over.is_set():
            logger.warning("worker.cell_gone", call_id=self._started.call_id)
            self._finish()

    def _on_message(self, message: Message) -> None:
        match message:
            case Frame():
                self._on_frames(message)
            case Frames(frames=frames):
                self._on_frames(*frames)
            case PlayoutStarted():
                self._on_playout_started(message)
            case PlayoutEnded():
                self._on_playout_ended(message)
            case DigitPressed(digit=digit):
                self._on_digit(digit)
            case CallHeld():
                self._obey(self._turns.rest())
            case CallUnheld(at_ms=at_ms):
                self._turns.wake(at_ms)
            case TransferProgressed(sip_status=status, final=True) if status >= 300:
                self._handing_over.came_back(status, self._tell)
            case Ease(easing=easing):
                self._ease(Easing(easing))
            case WrapUp():
                self._tell(events.ServiceGoesDown())
            case CallOrdered(deed="hand_over"):
                self._tell(events.PersonWanted())
            case CallOrdered(deed="listen"):
                self._recorder.overhear()
                self._gather_frames()
            case CallEnded():
                self.ended = message
                self._finish(transferred=bool(message.transfer))
            case CallAnswered() | PlayoutPaused() | TransferProgressed():
                pass
            case _:
                logger.warning("worker.unexpected_message", kind=type(message).__name__)

    def _ease(self, easing: Easing) -> None:
        self._foresight.allowed = easing < Easing.SPECULATION
        self._thinker.allowed = easing < Easing.REASONING

    def _on_frames(self, *frames: Frame) -> None:
        self._clock.on_frame(frames[-1].at_ms)
        for frame in frames:
            self._recorder.add(frame)
            self._heard_until_ms = frame.at_ms + FRAME_MS
            activity = self._ears.hear(frame)
            self._carry_out(self._turns.on_frame(frame.at_ms, activity.voiced, activity.level_dbfs))
        self._gather_frames()

    def _gather_frames(self) -> None:
        """Be woken for each frame only where something waits for it."""
        together = self._turns.frames_together
        while_silent = together if self._recorder.is_overheard else self._turns.silent_frames_together
        gathering = GatherFrames(together, while_silent, self._ears.softest_dbfs)
        if gathering != self._gathering:
            self._gathering = gathering
            self._link.send(gathering)

    def _on_playout_started(self, message: PlayoutStarted) -> None:
        utterance = self._mouth.on_started(message)
        if utterance:
            self._log.started(utterance)
            self._mouth.forget_prepared()
            self._hands.forget_ahead()
            self._obey(self._turns.agent_speaks(utterance.say.interruptible, message.at_ms))

    def _on_playout_ended(self, message: PlayoutEnded) -> None:
        utterance = self._mouth.on_ended(message)
        if utterance is None:
            return
        text = utterance.heard_text(message.heard_ms)
        self._log.heard(utterance, text, message.complete)
        if not self._mouth.busy:
            self._obey(self._turns.agent_silent(message.at_ms))
        self._tell(events.PlayoutHeard(utterance.number, text, message.complete))
        self._do_what_waited_for_speech()

    def _on_digit(self, digit: str) -> None:
        utterance = self._mouth.speaking
        if utterance and utterance.say.interruptible in ("voice", "keys"):
            self._silence_agent()
        secret = self._secure.asks(self._dialog.question)
        self._log.open_now(self._secure.kept_key(self._dialog.question, digit), "keypad")
        event = self._secure.key(digit) if secret else events.DigitPressed(digit)
        if event:
            self._tell(event)

    def _finish(self, *, transferred: bool = False) -> None:
        self._tell(events.CallerHungUp(transferred))
        self._dead_air.stop()
        self._log.close()
        disposition = self._disposition or self._dialog.disposition
        task, slots = self._dialog.task, self._dialog.spoken_slots()
        self._outside.emit(CallConcluded(self._started.call_id, self._outside.wall_clock(), disposition, task, slots))
        self._over.set()

    # --- orders of turn-taking ------------------------------------------------------------------------------

    def _obey(self, orders: Sequence[Order]) -> None:
        self._carry_out(orders)
        self._gather_frames()

    def _carry_out(self, orders: Sequence[Order]) -> None:
        for order in orders:
            match order:
                case BeginUtterance(from_ms=from_ms, continues=continues):
                    self._ears.begin(from_ms, self._heard_until_ms, continues=continues)
                    self._recorder.hold()
                case WantTranscript(speaking=speaking):
                    self._transcribing.want(speaking=speaking)
                case PauseAgent():
                    self._link.send(PausePlayout())
                case ResumeAgent():
                    self._link.send(ResumePlayout())
                case CancelAgent():
                    self._silence_agent()
                case DropUtterance(why=why, may_go_on=may_go_on):
                    logger.debug("utterance.dropped", call_id=self._started.call_id, why=why)
                    self._ears.drop(may_go_on=may_go_on)
                    self._recorder.release(secret=False)
                    self._foresight.forget()
                    self._do_what_waited_for_speech()
                case EndTurn():
                    self._end_turn(order)
                case CallerSilent(silence_ms=silence_ms):
                    self._on_silence(silence_ms)

    def _silence_agent(self) -> None:
        self._mouth.stop()
        self._obey(self._turns.agent_silent(int(self._clock.now_ms())))

    def _on_silence(self, silence_ms: int) -> None:
        self._log.open_now("", "timer")
        secret = self._secure.silence() if self._secure.asks(self._dialog.question) else None
        self._tell(secret or events.SilenceLasted(silence_ms / 1000))

    def _end_turn(self, order: EndTurn) -> None:
        void = self._course.begin_turn(continues=order.continues)
        text, secret = self._secure.words(self._dialog.question, order.heard.text, continues=order.continues)
        heard = replace(order.heard, text=text)
        self._ears.finish()
        self._recorder.release(secret=secret is not None)
        if void is not Void.NOTHING:
            self._after_speech, self._disposition, self._ears.closing = None, "", False
        if void is Void.TURN:
            self._log.take_back()
            self._mouth.stop()
        self._log.open_spoken(replace(order, heard=heard), self._transcribing.ready_ms)
        logger.info("turn.ended", call_id=self._started.call_id, pii_text=heard.text, confidence=heard.confidence)
        if secret:
            self._tell(secret)
        if text != HIDDEN:
            self._tell(events.TranscriptFinal(text, heard.confidence, self._transcribing.vector_of(heard)))
        self._foresight.forget()
        self._dead_air.watch(order.last_voice_ms)
        self._outside.save(self._dialog, self._log.count)

    def _on_transcript(self, transcript: Transcript) -> None:
        heard = transcript.heard
        addressed = self._course.addressed(continues=self._turns.continues)
        hidden = self._secure.screened(addressed.question, heard.text).is_secret
        shown = HIDDEN if hidden else heard.text
        logger.debug("transcript.ready", call_id=self._started.call_id, pii_text=shown, took_ms=transcript.decode_ms)
        if heard.text and not heard.backchannel and not hidden:
            pausing = self._turns.has_paused_after(heard)
            heard = self._foresight.look_ahead(
                addressed, heard, transcript.vector, pausing=pausing, asked=transcript.asked
            )
        heard = replace(heard, of_agent=is_of(self._mouth.words, heard.text))
        self._obey(self._turns.on_transcript(heard, int(self._clock.now_ms()) - FRAME_MS))

    # --- the dialog -----------------------------------------------------------------------------------------

    def _tell(self, event: events.Event) -> None:
        commands = self._course.tell(event, self._now_s())
        self._recorder.silence(self._secure.asks(self._dialog.question))
        self._perform(commands)

    def _perform(self, commands: Sequence[Command]) -> None:
        if commands:
            self._log.decided(task=self._dialog.task, question=self._dialog.question, no_match=self._dialog.missed)
        if is_final(commands):
            self._turns.seal()
        for command in commands:
            match command:
                case Say():
                    self._say(command)
                case StopSpeaking():
                    self._silence_agent()
                case Listen():
                    self._listen(command)
                case SendWhenDone():
                    self._hands.promise(command)
                case StartAction(request=request):
                    if request.effect is Effect.WRITES:
                        self._outside.save(self._dialog, self._log.count)
                    self._dead_air.words = command.while_waiting
                    if self._hands.start(request, partial(self._on_result, self._course.generation)):
                        self._log.ran_ahead()
                case Think():
                    if self._thinker.start(command, partial(self._on_thought, self._course.generation)):
                        self._log.ran_ahead()
                case Transfer():
                    self._after_speech = command
                case Hangup(disposition=disposition):
                    self._disposition = disposition
                    self._ears.closing = True
                    self._after_speech = HangUp()
        self._do_what_waited_for_speech()

    def _on_result(self, generation: int, result: events.ActionResult) -> None:
        if generation == self._course.generation:
            self._tell(events.ActionFinished(result))

    def _on_thought(self, generation: int, thought: events.ThoughtReady) -> None:
        if generation != self._course.generation:
            return
        self._log.decided(task=self._dialog.task, question=self._dialog.question, decided_by="llm")
        self._tell(thought)

    def _listen(self, listen: Listen) -> None:
        self._ears.expecting = listen.expecting
        now_ms = int(self._clock.now_ms())
        self._turns.listen(listen.patience, int(listen.no_input_s * 1000), now_ms)

    def _say(self, say: Say) -> None:
        self._obey(self._turns.agent_will_speak(say.interruptible, int(self._clock.now_ms())))
        self._log.said(self._mouth.say(say))

    def _is_dead_air(self) -> bool:
        waiting = self._hands.busy or self._thinker.busy
        return waiting and not self._mouth.busy and self._log.unanswered

    def _do_what_waited_for_speech(self) -> None:
        if self._after_speech and not self._mouth.busy and self._turns.phase is Phase.QUIET:
            due, self._after_speech = self._after_speech, None
            if isinstance(due, Transfer):
                self._handing_over.begin(due, self._dialog, self._tell)
            else:
                self._link.send(due)

    def _now_s(self) -> float:
        return self._clock.now_ms() / 1000
