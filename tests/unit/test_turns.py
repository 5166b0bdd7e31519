"""Conversations as timelines, on virtual time: who speaks when, what the ears hear, what turn-taking orders."""

from dataclasses import dataclass, field
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegw.call.backchannel import is_backchannel
from voicegw.call.orders import (
    BeginUtterance,
    CallerSilent,
    CancelAgent,
    DropUtterance,
    EndTurn,
    Heard,
    Order,
    PauseAgent,
    ResumeAgent,
    WantTranscript,
)
from voicegw.call.patience import PATIENCE
from voicegw.call.turns import Turns
from voicegw.call.utterance import is_of
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.understanding import Completeness
from voicegw.wire.gathering import Gathering
from voicegw.wire.messages import FRAME_BYTES, Frame, Frames, GatherFrames

SOFTEST_DBFS = -50.0
VOICE = b"\x00\x10" * (FRAME_BYTES // 2)
VOICELESS = {"soft": bytes(FRAME_BYTES), "loud": b"\x00\x08" * (FRAME_BYTES // 2)}
COMPLETE, MORE, MIDDLE = Completeness.COMPLETE, Completeness.COULD_GO_ON, Completeness.INCOMPLETE


@dataclass
class Line:
    """A call on virtual time: voice at given spans; a transcript comes ``decode_ms`` after it is asked for."""

    voice: list[tuple[int, int]]
    hears: list[tuple[int, str, Completeness]]
    """From this time on the words are these."""
    decode_ms: int = 100
    agent_from: int | None = None
    interruptible: str = "voice"
    confidence: float = 0.9
    gathers: bool = False
    """Frames come together where turn-taking says that they may."""
    dbfs: list[tuple[int, float]] = field(default_factory=list)
    """From this time on frames are so loud; before, -20 dBFS."""
    says: str = ""
    """The agent, all the time."""
    voiceless: str = "soft"
    """``soft`` or ``loud``: how frames without a voice sound."""
    turns: Turns = field(default_factory=Turns)
    frames: Gathering = field(default_factory=Gathering)
    orders: list[tuple[int, Order]] = field(default_factory=list)

    def run(self, until_ms: int) -> "Line":
        due: list[tuple[int, int]] = []
        self.turns.listen(self.turns.patience, self.turns.no_input_ms, 0)
        for at_ms in range(0, until_ms, 20):
            if self.agent_from == at_ms:
                self._hear(at_ms, self.frames.take())
                self._take(at_ms, self.turns.agent_speaks(self.interruptible, at_ms))
            for ready_ms, asked_ms in [d for d in due if d[0] <= at_ms]:
                due.remove((ready_ms, asked_ms))
                self._take(at_ms, self.turns.on_transcript(self._words(asked_ms), at_ms))
            voiced = any(start <= at_ms < end for start, end in self.voice)
            heard = VOICE if voiced else VOICELESS[self.voiceless]
            if self.gathers:
                together, silent = self.turns.frames_together, self.turns.silent_frames_together
                self.frames.wanted = GatherFrames(together, silent, SOFTEST_DBFS)
            self._hear(at_ms, self.frames.add(Frame(at_ms, heard, b"")))
            due += [
                (at_ms + self.decode_ms, order.at_ms)
                for when, order in self.orders
                if when == at_ms and isinstance(order, WantTranscript)
            ]
        return self

    def _hear(self, at_ms: int, message: Frame | Frames | None) -> None:
        frames = message.frames if isinstance(message, Frames) else [message] if message else []
        for frame in frames:
            level_dbfs = next((level for from_ms, level in reversed(self.dbfs) if from_ms <= frame.at_ms), -20.0)
            self._take(at_ms, self.turns.on_frame(frame.at_ms, frame.heard == VOICE, level_dbfs))

    def _take(self, at_ms: int, orders: list[Order]) -> None:
        self.orders += [(at_ms, order) for order in orders]
        if any(isinstance(order, CancelAgent) for order in orders):
            self.turns.agent_silent(at_ms)

    def _words(self, until_ms: int) -> Heard:
        text, completeness = "", MORE
        for from_ms, words, how in self.hears:
            if from_ms <= until_ms:
                text, completeness = words, how
        backchannel, of_agent = is_backchannel(text, Expecting()), is_of(self.says, text)
        return Heard(text, self.confidence, completeness, until_ms, backchannel, of_agent)

    @property
    def decisions(self) -> list[tuple[int, Order]]:
        """All but looks ahead while the caller speaks: nothing waits for those."""
        return [each for each in self.orders if not (isinstance(each[1], WantTranscript) and each[1].speaking)]

    def times(self, kind: type) -> list[int]:
        return [at for at, order in self.orders if isinstance(order, kind)]

    def first(self, kind: type) -> int:
        return self.times(kind)[0]


SPANS = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 120)), max_size=8)
"""Frames of silence and of voice, in turn."""


@given(
    SPANS, st.sampled_from([None, 0, 400]), st.sampled_from([COMPLETE, MORE, MIDDLE]), st.sampled_from(["soft", "loud"])
)
def test_frames_that_may_come_together_make_no_decision_later(
    spans: list[tuple[int, int]], agent_from: int | None, completeness: Completeness, voiceless: str
) -> None:
    ends = list(accumulate(20 * frames for span in spans for frames in span))
    voice = list(zip(ends[::2], ends[1::2], strict=True))
    one_by_one, gathered = (
        Line(
            voice, [(0, "where is my order", completeness)], agent_from=agent_from, gathers=gathers, voiceless=voiceless
        ).run(3000 + sum(map(sum, spans)) * 20)
        for gathers in (False, True)
    )
    assert gathered.decisions == one_by_one.decisions


def test_most_frames_may_come_together() -> None:
    turns = Turns()
    together, silent = [], []
    for at_ms in range(0, 6000, 20):
        turns.on_frame(at_ms, at_ms >= 3000)
        together.append(turns.frames_together)
        silent.append(turns.silent_frames_together)
    assert together.count(3) > 280
    assert (silent.count(10), silent.count(3)) == (150, silent[150:].count(3))
    assert silent.count(3) > 135


def test_that_nobody_speaks_is_noticed_a_fifth_of_a_second_later_at_most() -> None:
    waiting = [Line([], [], gathers=gathers) for gathers in (False, True)]
    for line in waiting:
        line.turns.no_input_ms = 1000
        line.run(2000)
    soon, later = (line.first(CallerSilent) for line in waiting)
    assert soon <= later < soon + 200


def test_a_complete_answer_ends_the_turn_after_a_short_silence() -> None:
    line = Line([(200, 1000)], [(0, "yes please", COMPLETE)]).run(3000)
    assert 1000 + 140 <= line.first(EndTurn) <= 1000 + 200


def test_words_are_asked_for_before_the_needed_silence_is_over() -> None:
    line = Line([(200, 1000)], [(0, "yes please", COMPLETE)]).run(3000)
    assert line.first(WantTranscript) <= 1060


def test_long_speech_is_looked_into_while_it_goes_on() -> None:
    line = Line([(200, 4200)], [(0, "where is my order and", MIDDLE)]).run(4200)
    asked = [(at, order.speaking) for at, order in line.orders if isinstance(order, WantTranscript)]
    assert len(asked) == 3
    assert all(speaking for _, speaking in asked)
    assert not line.times(EndTurn), "words from the middle of speech end no turn"


def test_words_from_the_middle_of_speech_are_told_from_those_before_a_pause() -> None:
    turns = Turns()
    for at_ms in range(0, 600, 20):
        turns.on_frame(at_ms, at_ms < 500)
    assert turns.has_paused_after(Heard("yes", 0.9, COMPLETE, until_ms=560))
    assert not turns.has_paused_after(Heard("yes", 0.9, COMPLETE, until_ms=480))


def test_a_sentence_in_the_middle_is_waited_for() -> None:
    line = Line([(200, 1000), (1900, 2600)], [(0, "my order number is", MIDDLE), (2600, "my order is 4567", COMPLETE)])
    line.run(4000)
    assert len(line.times(EndTurn)) == 1
    assert line.first(EndTurn) >= 2600 + 140


def test_a_patient_question_waits_longer() -> None:
    ends = []
    for name in ("brisk", "normal", "patient"):
        line = Line([(200, 1000)], [(0, "on Thursday", MORE)], turns=Turns(patience=PATIENCE[name]))
        ends.append(line.run(4000).first(EndTurn))
    assert ends == sorted(ends)
    assert ends[2] - ends[0] >= 400


def test_a_caller_who_pauses_long_between_words_is_given_longer() -> None:
    hasty = Line([(200, 3000)], [(0, "I would like", MORE)]).run(6000)
    slow = Line([(200, 600), (950, 1500), (1850, 3000)], [(0, "I would like", MORE)]).run(6000)
    assert slow.first(EndTurn) > hasty.first(EndTurn)


def test_a_slow_transcript_does_not_end_the_turn_on_old_words() -> None:
    line = Line([(200, 1000), (1100, 2000)], [(0, "four five", COMPLETE), (2000, "four five six seven", COMPLETE)])
    line.decode_ms = 700
    line.run(5000)
    ended = next(order for _, order in line.orders if isinstance(order, EndTurn))
    assert ended.heard.text == "four five six seven"


def test_sound_without_words_starts_no_turn() -> None:
    line = Line([(200, 500)], [(0, "", MORE)]).run(3000)
    assert not line.times(EndTurn)
    assert line.first(DropUtterance) <= 500 + 600


def test_words_that_are_only_heard_with_silence_behind_them_are_heard() -> None:
    line = Line([(1000, 1480)], [(1650, "tomorrow", COMPLETE)]).run(3000)
    assert line.times(DropUtterance) == []
    assert line.first(EndTurn) <= 1480 + 220 + 140


@pytest.mark.parametrize(("confidence", "ended"), [(0.1, "Ann Lee"), (0.6, "and the")])
def test_words_that_break_off_and_were_hardly_heard_are_heard_again(confidence: float, ended: str) -> None:
    hears = [(1500, "and the", MIDDLE), (1680, "Ann Lee", COMPLETE)]
    line = Line([(1000, 1500)], hears, confidence=confidence).run(5000)
    (at_ms, order) = next(each for each in line.orders if isinstance(each[1], EndTurn))
    assert order.heard.text == ended
    assert (at_ms < 1900) is (ended == "Ann Lee")


def test_the_end_of_a_sentence_that_goes_on_over_the_agent_is_heard_with_silence_behind_it() -> None:
    hears = [(0, "I forgot my password", COMPLETE), (2450, "I forgot my password, it's 204118", COMPLETE)]
    line = Line([(1000, 1480), (1780, 2300)], hears, agent_from=1700).run(4500)
    assert line.times(DropUtterance) == []
    turns = [order.heard.text for _, order in line.orders if isinstance(order, EndTurn)]
    assert turns == ["I forgot my password", "I forgot my password, it's 204118"]


def test_a_click_of_two_frames_is_no_voice() -> None:
    line = Line([(200, 240)], [(0, "", MORE)]).run(1000)
    assert not line.times(BeginUtterance)


def test_words_over_the_agent_pause_it_at_once_and_cancel_it_soon() -> None:
    line = Line([(1000, 2000)], [(0, "no wait", COMPLETE)], agent_from=200, turns=Turns(wary=False)).run(4000)
    assert line.first(PauseAgent) - 1000 <= 80
    assert line.first(CancelAgent) - 1000 <= 500
    assert line.times(EndTurn)
    assert not line.times(ResumeAgent)


@pytest.mark.parametrize("sound", ["", "Mm-hmm.", "okay", "Right."])
def test_a_cough_or_a_backchannel_lets_the_agent_go_on(sound: str) -> None:
    line = Line([(1000, 1300)], [(0, sound, MORE)], agent_from=200).run(4000)
    assert line.times(PauseAgent)
    assert line.first(ResumeAgent) - 1300 <= 300
    assert not line.times(CancelAgent)
    assert not line.times(EndTurn)


@pytest.mark.parametrize("lasts_ms", [560, 660])
def test_a_short_sound_heard_as_unclear_words_lets_the_agent_go_on(lasts_ms: int) -> None:
    line = Line([(1000, 1000 + lasts_ms)], [(0, "and make them", COMPLETE)], agent_from=200, confidence=0.45).run(4000)
    assert line.times(ResumeAgent)
    assert not line.times(CancelAgent)


@pytest.mark.parametrize("first", ["I want", ""])
def test_a_short_silence_within_words_does_not_let_the_agent_go_on(first: str) -> None:
    """The "t" of "I want to close my account"."""
    hears = [(0, "", MORE), (1100, first, MORE), (1420, "I want to", MORE), (2000, "I want to close", COMPLETE)]
    turns = Turns(wary=False)
    line = Line([(1000, 1240), (1400, 2200)], hears, agent_from=200, confidence=0.4, decode_ms=80, turns=turns).run(
        4000
    )
    assert line.times(ResumeAgent) == []
    assert line.first(CancelAgent) <= 1700


def test_unclear_words_that_go_on_take_the_turn() -> None:
    line = Line([(1000, 2500)], [(0, "and make them", COMPLETE)], agent_from=200, confidence=0.45).run(4000)
    assert line.first(CancelAgent) - 1000 <= 700


def test_lasting_noise_over_the_agent_gives_the_turn_back() -> None:
    line = Line([(1000, 9000)], [(0, "", MORE)], agent_from=200).run(8000)
    assert line.first(ResumeAgent) - 1000 <= 680
    assert len(line.times(PauseAgent)) == len(line.times(ResumeAgent)) == 1, "the agent stutters"


@pytest.mark.parametrize("decode_ms", [60, 100, 140])
def test_noise_over_the_agent_holds_it_up_no_longer_than_words_need_to_be_heard(decode_ms: int) -> None:
    turns = Turns(wary=False)
    line = Line([(1000, 9000)], [(0, "", MORE)], agent_from=200, decode_ms=decode_ms, turns=turns).run(3000)
    assert line.first(ResumeAgent) - 1000 <= turns.rules.resume_ms + decode_ms


def test_words_that_come_late_still_cancel_an_agent_that_went_on() -> None:
    line = Line([(1000, 2500)], [(0, "", MORE), (1600, "wait, stop", COMPLETE)], agent_from=200).run(5000)
    assert line.first(ResumeAgent) < line.first(CancelAgent)
    assert line.first(CancelAgent) - 1000 <= 900
    assert line.times(EndTurn)


def test_words_heard_after_a_third_of_a_second_come_before_the_agent_goes_on() -> None:
    line = Line([(1000, 2500)], [(0, "", MORE), (1330, "where can I", MORE)], agent_from=200, turns=Turns(wary=False))
    line.run(5000)
    assert not line.times(ResumeAgent)
    assert line.first(CancelAgent) - 1000 <= 500


@pytest.mark.parametrize("wary", [False, True])
def test_words_that_are_heard_only_in_half_a_second_of_voice_come_before_the_agent_goes_on(wary: bool) -> None:
    words = [(0, "", MORE), (1540, "where can I do", MORE), (1600, "where can I park", COMPLETE)]
    line = Line([(1000, 2000)], words, agent_from=200, decode_ms=140, confidence=0.4, turns=Turns(wary=wary)).run(5000)
    assert not line.times(ResumeAgent)
    assert line.first(CancelAgent) - 1000 <= 800


def test_clear_words_that_are_on_their_way_are_waited_for_before_the_agent_goes_on() -> None:
    """ "No stop", half a second of it, is unclear at its last sound and clear with the silence behind it."""
    turns = Turns(wary=False)
    orders = turns.agent_speaks("voice", 0)
    for at_ms in range(0, 800, 20):
        orders += turns.on_frame(at_ms, 100 <= at_ms < 600)
        if at_ms == 600:
            orders += turns.on_transcript(Heard("no stop", 0.3, MORE, until_ms=600), at_ms)
    assert not any(isinstance(order, ResumeAgent | DropUtterance) for order in orders)
    orders = turns.on_transcript(Heard("No stop.", 0.67, COMPLETE, until_ms=660), 800)
    assert any(isinstance(order, CancelAgent) for order in orders)


def test_before_the_first_turn_a_voice_stops_the_agent_a_little_later() -> None:
    line = Line([(1000, 2000)], [(0, "no wait", COMPLETE)], agent_from=200).run(4000)
    assert 80 < line.first(PauseAgent) - 1000 <= 220
    assert line.times(CancelAgent)


def test_after_one_sound_without_words_the_next_must_last_to_stop_the_agent() -> None:
    bursts = [(1000, 1140), (2000, 2140), (3000, 3140)]
    line = Line(bursts, [(0, "", MORE)], agent_from=200, turns=Turns(wary=False)).run(4000)
    assert len(line.times(PauseAgent)) == 1
    words = [(0, "", MORE), (4000, "wait, stop", COMPLETE)]
    line = Line([*bursts, (4000, 5000)], words, agent_from=200, turns=Turns(wary=False)).run(6000)
    assert line.times(PauseAgent)[1] - 4000 <= 220
    assert line.times(CancelAgent)


def test_music_much_softer_than_a_caller_does_not_pause_the_agent() -> None:
    line = Line([(1000, 3000)], [(0, "", MORE)], agent_from=200, dbfs=[(0, -40)]).run(5000)
    assert not line.times(PauseAgent)
    assert not line.times(CancelAgent)


def test_words_from_afar_still_take_the_turn() -> None:
    line = Line([(1000, 2500)], [(0, "no wait", COMPLETE)], agent_from=200, dbfs=[(0, -40)]).run(5000)
    assert not line.times(PauseAgent)
    assert line.first(CancelAgent) - 1000 <= 600
    assert line.times(EndTurn)


ECHO = "and we pay for the way back"


@pytest.mark.parametrize("heard", ["and we pay for the", "and we paid for the way"])
def test_the_agents_own_words_from_afar_do_not_silence_it(heard: str) -> None:
    words = [(0, "", MORE), (1600, heard, COMPLETE)]
    line = Line([(1000, 3000)], words, agent_from=200, dbfs=[(0, -40)], says=ECHO).run(6000)
    assert not line.times(CancelAgent)
    assert not line.times(EndTurn)


@pytest.mark.parametrize(
    ("says", "heard", "dbfs"), [("and we pay", "and we pay for the dog", -40), (ECHO, "we pay", -20)]
)
def test_other_words_from_afar_and_its_own_from_the_caller_take_the_turn(says: str, heard: str, dbfs: float) -> None:
    words = [(0, "", MORE), (1400, heard, COMPLETE)]
    line = Line([(1000, 2200)], words, agent_from=200, dbfs=[(0, dbfs)], says=says).run(6000)
    assert line.times(CancelAgent)
    assert line.times(EndTurn)


def test_an_echo_that_outlasts_the_agent_is_no_turn() -> None:
    turns = Turns()
    orders = turns.agent_speaks("voice", 0)
    for at_ms in range(0, 3000, 20):
        orders += turns.agent_silent(at_ms) if at_ms == 1300 else []
        orders += turns.on_frame(at_ms, 1000 <= at_ms < 1500, -40)
        if at_ms in (1400, 1700):
            orders += turns.on_transcript(Heard("the way back", 0.9, COMPLETE, at_ms, of_agent=True), at_ms)
    assert any(isinstance(order, DropUtterance) for order in orders)
    assert not any(isinstance(order, EndTurn) for order in orders)


def test_a_caller_who_speaks_into_soft_music_pauses_the_agent() -> None:
    line = Line([(1000, 4000)], [(0, "", MORE), (2000, "no wait", COMPLETE)], agent_from=200)
    line.dbfs = [(0, -40), (1500, -22)]
    line.run(5000)
    assert line.first(PauseAgent) - 1500 <= 40
    assert line.times(CancelAgent)


def test_how_loud_a_caller_speaks_is_learnt_from_their_turn() -> None:
    words = [(0, "where is my order", COMPLETE), (3000, "no wait", COMPLETE)]
    line = Line([(200, 1000), (3000, 4000)], words, agent_from=2000, dbfs=[(0, -40), (3000, -44)]).run(6000)
    assert line.first(PauseAgent) - 3000 <= 80


def test_an_answer_does_not_wait_for_a_sound_much_softer_than_the_caller() -> None:
    line = Waiting([(200, 2000)], [(0, "", MORE)], says_at=800, dbfs=[(0, -40)]).run(4000)
    assert not line.times(PauseAgent)


@pytest.mark.parametrize("interruptible", ["no", "keys"])
def test_a_notice_cannot_be_interrupted_by_voice(interruptible: str) -> None:
    line = Line([(1000, 2000)], [(0, "no wait", COMPLETE)], agent_from=200, interruptible=interruptible).run(4000)
    assert not line.times(PauseAgent)
    assert not line.times(CancelAgent)


def test_a_caller_who_goes_on_takes_the_turn_back_before_the_agent_is_heard() -> None:
    line = Line([(200, 1000), (1300, 2200)], [(0, "a refund", COMPLETE), (1400, "a refund and a coffee", COMPLETE)])
    line.agent_from = 1240
    line.run(5000)
    assert line.first(PauseAgent) <= 1300 + 80
    ended = [order for _, order in line.orders if isinstance(order, EndTurn)]
    assert [order.continues for order in ended] == [False, True]
    assert ended[1].heard.text == "a refund and a coffee"


def test_a_caller_who_goes_on_is_believed_though_the_words_are_heard_only_at_the_end_of_them() -> None:
    words = [(0, "order 4568? no", COMPLETE), (2360, "order 4568? no, 4567", COMPLETE)]
    line = Line([(200, 1000), (1400, 2400)], words, agent_from=1460, decode_ms=280).run(5000)
    assert line.first(ResumeAgent) - 1460 <= 900, "nothing is heard of it: the agent does not wait for ever"
    assert line.times(CancelAgent)
    ended = [order for _, order in line.orders if isinstance(order, EndTurn)]
    assert [order.continues for order in ended] == [False, True]
    assert ended[1].heard.text == "order 4568? no, 4567"


def test_an_agent_about_to_speak_stops_when_the_caller_goes_on() -> None:
    line = Line([(200, 1000), (1300, 2200)], [(0, "a refund", COMPLETE), (1400, "a refund and a coffee", COMPLETE)])
    line.agent_from = 1380
    line.run(5000)
    assert line.first(PauseAgent) == 1380
    assert line.times(CancelAgent)


def test_what_follows_a_sound_that_was_not_understood_is_heard_with_it_once() -> None:
    voice, line = [(200, 600), (1300, 1900)], [(0, "", MORE), (1900, "4 5 6 7", COMPLETE)]
    heard = Line(voice, line).run(4000)
    (first, second) = (order for _, order in heard.orders if isinstance(order, BeginUtterance))
    assert not first.continues
    assert second.continues
    assert [order.may_go_on for _, order in heard.orders if isinstance(order, DropUtterance)] == [True]
    (end,) = (order for _, order in heard.orders if isinstance(order, EndTurn))
    assert not end.continues, "there is no turn to take back"


def test_noise_after_noise_does_not_grow_without_end() -> None:
    line = Line([(at, at + 300) for at in range(200, 8000, 900)], [(0, "", MORE)]).run(9000)
    kept = [order.may_go_on for _, order in line.orders if isinstance(order, DropUtterance)]
    assert kept[:4] == [True, False, True, False]


@dataclass
class Waiting(Line):
    """The agent has an answer to something earlier while the caller talks."""

    says_at: int = 0

    def run(self, until_ms: int) -> "Line":
        self.agent_from = self.says_at
        self.turns.agent_speaks = lambda interruptible, at_ms: self.turns.agent_will_speak(interruptible, at_ms)  # type: ignore[method-assign]
        return super().run(until_ms)


def test_an_answer_that_comes_while_the_caller_talks_waits_and_is_dropped_for_words() -> None:
    line = Waiting([(200, 2000)], [(0, "and another thing", COMPLETE)], says_at=800).run(4000)
    assert line.first(PauseAgent) == 800
    assert line.first(CancelAgent) > 800
    assert not line.times(ResumeAgent)


def test_an_answer_that_waits_does_not_slip_between_two_words() -> None:
    voice, words = [(200, 700), (860, 1500)], [(0, "", MORE), (900, "where can I park", COMPLETE)]
    line = Waiting(voice, words, says_at=600, confidence=0.4).run(4000)
    assert not line.times(ResumeAgent)
    assert line.times(CancelAgent)


def test_an_answer_that_waited_for_a_cough_is_spoken() -> None:
    line = Waiting([(200, 900)], [(0, "", MORE)], says_at=400).run(4000)
    assert line.first(PauseAgent) == 400
    assert len(line.times(ResumeAgent)) == 1
    assert not line.times(CancelAgent)


def test_an_agent_that_ends_while_it_is_paused_does_not_stay_so() -> None:
    turns = Turns()
    turns.agent_speaks("voice", 0)
    for at_ms in range(0, 200, 20):
        turns.on_frame(at_ms, voiced=True)
    assert turns.agent_silent(200) == [ResumeAgent()]


def test_a_cough_after_the_turn_takes_nothing_back() -> None:
    line = Line([(200, 1000), (1300, 1420)], [(0, "a refund", COMPLETE)], agent_from=1240).run(5000)
    assert len(line.times(EndTurn)) == 1
    assert line.times(ResumeAgent)


def test_a_voice_after_the_agent_was_heard_is_a_new_turn() -> None:
    line = Line([(200, 1000), (1900, 2600)], [(0, "a refund", COMPLETE), (1900, "no, wait", COMPLETE)], agent_from=1240)
    line.run(5000)
    assert [order.continues for _, order in line.orders if isinstance(order, EndTurn)] == [False, False]


def test_what_cannot_be_taken_back_is_not_continued() -> None:
    line = Line([(200, 1000)], [(0, "a refund", COMPLETE)]).run(1240)
    line.turns.seal()
    orders = [order for at in range(1240, 1400, 20) for order in line.turns.on_frame(at, True)]
    assert orders[0] == BeginUtterance(1240, False, continues=False)


def test_whoever_tells_a_story_is_given_longer() -> None:
    story = "I have been a customer for many years but now I want to close my account"
    short, long = (Line([(200, 1000)], [(0, text, COMPLETE)]).run(3000) for text in ("close my account", story))
    assert 80 <= long.first(EndTurn) - short.first(EndTurn) <= 120


def test_a_caller_once_cut_off_is_given_longer() -> None:
    first, later = [(200, 1000), (1300, 2200)], (6000, 7000)
    words = [(0, "a", COMPLETE), (1400, "a b", COMPLETE), (6000, "c", COMPLETE)]
    before, after = (Line(voice, words).run(9000).times(EndTurn)[-1] for voice in ([later], [*first, later]))
    assert after >= before + 100


def test_silence_is_told_once_and_after_the_agent_has_finished() -> None:
    turns = Turns(no_input_ms=3000)
    line = Line([], [], turns=turns).run(9000)
    assert line.times(CallerSilent) == [3000]


def test_on_hold_nothing_counts_and_timers_begin_anew() -> None:
    turns = Turns(no_input_ms=1000)
    turns.listen(PATIENCE["normal"], 1000, 0)
    turns.rest()
    assert not [order for at in range(0, 5000, 20) for order in turns.on_frame(at, True)]
    turns.wake(5000)
    orders = [(at, order) for at in range(5000, 7000, 20) for order in turns.on_frame(at, False)]
    assert orders[0] == (6000, CallerSilent(1000))


def test_where_the_ears_fail_the_caller_is_asked_again_and_does_not_wait_for_nothing() -> None:
    line = Line([(1000, 2000)], [(0, "where is my order", COMPLETE)], decode_ms=60_000).run(8000)
    assert line.times(EndTurn) == [2000 + PATIENCE["normal"].incomplete_ms + line.turns.rules.transcript_wait_ms - 20]
    ended = next(order for _, order in line.orders if isinstance(order, EndTurn))
    assert (ended.heard.text, ended.heard.confidence) == ("", 0.0)


def test_where_the_ears_fail_late_the_turn_has_the_words_that_came() -> None:
    turns = Turns()
    for at in range(1000, 2000, 20):
        turns.on_frame(at, True)
    turns.on_transcript(Heard("where is my order", 0.9, COMPLETE, 1500), 1600)
    orders = [order for at in range(2000, 6000, 20) for order in turns.on_frame(at, False)]
    (ended,) = (order for order in orders if isinstance(order, EndTurn))
    assert ended.heard.text == "where is my order"


def test_a_yes_is_an_answer_where_yes_or_no_was_asked() -> None:
    assert is_backchannel("Yes.", Expecting())
    assert not is_backchannel("Yes.", Expecting("yes_no"))
    assert is_backchannel("Mm-hmm, right, okay", Expecting())
    assert not is_backchannel("okay stop", Expecting())


@pytest.mark.parametrize("words", ["Please.", "Go ahead.", "Okay, go ahead", "Please do.", "that's right", "Do it!"])
def test_what_is_left_of_a_yes_that_was_taken_already_asks_for_nothing(words: str) -> None:
    assert is_backchannel(words, Expecting())
    assert not is_backchannel(words, Expecting("yes_no"))
    assert not is_backchannel(f"{words} but not that one", Expecting())


@pytest.mark.parametrize("words", ["Bye.", "Thank you, bye.", "Okay, thanks, goodbye", "you too"])
def test_a_farewell_over_the_agents_goodbye_asks_for_nothing(words: str) -> None:
    assert is_backchannel(words, Expecting(), closing=True)
    assert not is_backchannel("one more thing", Expecting(), closing=True)


def test_a_goodbye_in_the_middle_of_a_call_is_no_backchannel() -> None:
    assert not is_backchannel("Bye.", Expecting())
