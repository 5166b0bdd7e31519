"""The caller acts its script on the line's clock: here an agent made of arrays answers it."""

import numpy as np
import pytest

from voicegw.qa.conversation import Conversation, Outgoing, placed_on_track
from voicegw.qa.ruler import Intent, Line, measure
from voicegw.qa.script import AddEcho, AddNoise, Interrupt, PressKeys, SayLine, Script, WaitSeconds, pieces, words
from voicegw.qa.spans import Span, samples
from voicegw.qa.surroundings import FRAME_SAMPLES

LEAD_MS = 80.0
SILENCE = np.zeros(FRAME_SAMPLES, np.int16)


def tone(ms: float, amplitude: int = 8000) -> np.ndarray:
    return (amplitude * np.sin(np.arange(samples(ms)) * 2 * np.pi * 400 / 8000)).astype(np.int16)


def act(script, clips, agent_speaks, seconds, noise=lambda step: None):
    """The conversation's frames for as long as it lasts; ``agent_speaks`` are (from, to) in ms."""
    conversation = Conversation(script, clips, noise, LEAD_MS)
    sent: list[Outgoing] = []
    for frame in range(int(seconds * 50)):
        voiced = any(begin <= frame * 20 < end for begin, end in agent_speaks)
        sent.append(conversation.on_frame(tone(20) if voiced else SILENCE))
        if sent[-1].hang_up:
            break
    return conversation, sent


def begins_ms(conversation):
    return [line.span.begin / 8 for line in conversation.lines]


def test_a_line_is_said_once_the_agent_has_been_silent_long_enough():
    script = Script((SayLine("hello", after_ms=600),))
    conversation, _ = act(script, {0: tone(500)}, [(200, 1000)], 4)
    # The agent's last voiced frame is at 980; 600 ms later a frame must leave, and it takes the lead to do so.
    assert begins_ms(conversation) == [pytest.approx(1600 - LEAD_MS, abs=20)]


def test_a_breath_between_two_sentences_is_not_the_agents_end():
    conversation, _ = act(Script((SayLine("hello"),)), {0: tone(500)}, [(0, 1000), (1400, 2000)], 5)
    assert begins_ms(conversation) == [pytest.approx(2600 - LEAD_MS, abs=20)]


def test_each_line_waits_for_an_answer_to_the_one_before():
    script = Script((SayLine("one"), SayLine("two")))
    conversation, sent = act(script, {0: tone(500), 1: tone(500)}, [(0, 500), (2500, 3000), (6000, 6500)], 12)
    assert begins_ms(conversation) == [pytest.approx(1020, abs=20), pytest.approx(3520, abs=20)]
    assert sent[-1].hang_up
    assert len(sent) * 20 == pytest.approx(6500 + 1200, abs=40)


def test_a_sound_that_the_agent_takes_back_is_no_answer():
    script = Script((SayLine("one"), SayLine("two")))
    conversation, _ = act(script, {0: tone(500), 1: tone(500)}, [(0, 500), (2000, 2060), (3500, 4000)], 8)
    assert begins_ms(conversation) == [pytest.approx(1020, abs=20), pytest.approx(4520, abs=20)]


def test_an_agent_who_never_answers_is_not_waited_for_for_ever():
    script = Script((SayLine("one"), SayLine("two")), patience_s=3)
    conversation, sent = act(script, {0: tone(400), 1: tone(400)}, [], 20)
    assert begins_ms(conversation) == [pytest.approx(2980, abs=20), pytest.approx(2980 + 400 + 3000, abs=40)]
    assert sent[-1].hang_up


def test_an_interruption_begins_so_long_after_the_agent_began():
    script = Script((Interrupt(400, "stop"),))
    conversation, _ = act(script, {0: tone(500)}, [(1000, 5000)], 4)
    assert begins_ms(conversation) == [pytest.approx(1400 - LEAD_MS, abs=20)]


def test_two_coughs_may_fall_into_one_sentence_of_the_agent():
    script = Script((Interrupt(400, intent=Intent.ASIDE), Interrupt(2000, intent=Intent.ASIDE)))
    conversation, _ = act(script, {0: tone(200), 1: tone(200)}, [(1000, 6000)], 8)
    assert begins_ms(conversation) == [
        pytest.approx(1400 - LEAD_MS, abs=20),
        pytest.approx(3000 - LEAD_MS, abs=20),
    ]


def test_keys_are_pressed_when_the_agent_has_finished():
    _, sent = act(Script((PressKeys("123"),)), {}, [(0, 1000)], 5)
    pressed = [number * 20 for number, out in enumerate(sent) if out.digits]
    assert pressed == [pytest.approx(1520, abs=20)]
    assert sent[pressed[0] // 20].digits == "123"


def test_a_wait_is_a_line_of_silence_once_the_agent_has_finished():
    conversation, _ = act(Script((WaitSeconds(2), WaitSeconds(1))), {}, [(0, 400)], 4.5)
    assert [line.intent for line in conversation.lines] == [Intent.SILENCE] * 2
    assert begins_ms(conversation) == [pytest.approx(1000 - LEAD_MS, abs=20), pytest.approx(3000 - LEAD_MS, abs=20)]


def test_noise_and_echo_are_sent_but_are_not_the_callers_voice():
    script = Script((AddNoise("white", 10), AddEcho(200, 12), WaitSeconds(2)))
    _, sent = act(script, {}, [(0, 100)], 1, noise=lambda step: tone(1000, 500))
    voice = np.concatenate([out.voice for out in sent])
    pcm = np.concatenate([out.pcm for out in sent])
    assert not voice.any()
    assert np.abs(pcm[samples(500) :]).max() == pytest.approx(500, abs=5)
    # The echo of the first 100 ms comes 200 ms after, of which the lead is spent in the queue.
    assert np.abs(pcm[samples(200 - LEAD_MS) : samples(290 - LEAD_MS)]).max() > 1500
    assert np.abs(pcm[: samples(200 - LEAD_MS)]).max() <= 505


def test_an_echo_sooner_than_a_frame_can_leave_is_an_error():
    with pytest.raises(ValueError, match="80"):
        act(Script((AddEcho(50, 6),)), {}, [], 1)


def test_pauses_and_coughs_are_marked_in_the_text():
    assert pieces("my number is 4 5 [700] 6 7 [cough] sorry") == [
        "my number is 4 5", 700, "6 7", "[cough]", "sorry",
    ]  # fmt: skip
    assert pieces("[cough]") == ["[cough]"]
    assert words("my number is 4 5 [700] 6 7 [cough]") == "my number is 4 5 6 7"


def test_lines_are_found_where_their_frames_really_left():
    lines = [Line("a", Span(320, 800))]
    left_at = np.array([4, 5, 8, 9, 10, 11])
    (moved,) = placed_on_track(lines, left_at)
    assert moved.span == Span(8 * 160, 11 * 160)
    assert placed_on_track([Line("b", Span(1600, 1760))], left_at)[0].span == Span(16 * 160, 17 * 160)


def test_the_ruler_reads_what_the_script_did():
    script = Script((SayLine("one"), SayLine("two")))
    agent = [(0, 500), (2000, 2600), (4500, 5000)]
    conversation, sent = act(script, {0: tone(500), 1: tone(500)}, agent, 8)
    received = np.concatenate([
        tone(20) if any(begin <= number * 20 < end for begin, end in agent) else SILENCE for number in range(len(sent))
    ])  # fmt: skip
    turns = measure(np.concatenate([out.voice for out in sent]), received, conversation.lines)
    assert [turn.latency_ms for turn in turns] == [
        pytest.approx(2000 - 1520, abs=22),
        pytest.approx(4500 - 3620, abs=22),
    ]
