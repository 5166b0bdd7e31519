"""What a call's report says, to people and to programs."""

import io
import json

import numpy as np
import pytest
from rich.console import Console

from voicegw.qa.call_report import CallReport, SipFacts, remarks, report
from voicegw.qa.ruler import Intent, Line, Turn
from voicegw.qa.spans import Span, samples
from voicegw.qa.tape import Tape, TapeRecorder
from voicegw.wire.messages import FRAME_BYTES, Frame

NOTHING = np.zeros(0, np.int16)
ANSWERED = SipFacts(True, "PCMU", 42.0, 200, "", "us")


def tone(ms):
    return (8000 * np.sin(np.arange(samples(ms)) * 0.3)).astype(np.int16)


def tape():
    voice, received = np.zeros((2, samples(5000)), np.int16)
    received[samples(300) : samples(900)] = tone(600)
    voice[samples(1500) : samples(2000)] = tone(500)
    received[samples(2400) : samples(3000)] = tone(600)
    return Tape(voice, voice, received, began_ms=60, lines=(Line("hello", Span(samples(1500), samples(2000))),))


def test_a_call_is_measured():
    measured = report("sip:5000@h", ANSWERED, tape())
    assert measured.greeting_ms == pytest.approx(300 + 60 - 42, abs=3)
    (turn,) = measured.turns
    assert turn.latency_ms == pytest.approx(400, abs=3)
    assert measured.sound.holes == ()
    assert measured.ok
    assert measured.problem == ""


def test_json_holds_every_figure_and_no_audio():
    data = json.loads(json.dumps(report("sip:5000@h", ANSWERED, tape()).as_json()))
    assert data["turns"][0]["latency_ms"] == pytest.approx(400, abs=3)
    assert data["setup_ms"] == 42
    assert data["ok"] is True
    assert data["duration_s"] == 5


def test_the_table_shows_who_said_what():
    console = Console(width=120, file=io.StringIO())
    console.print(report("sip:5000@h", ANSWERED, tape()).as_table())
    shown = console.file.getvalue()
    assert "hello" in shown
    assert "400 ms" in shown or "399 ms" in shown or "401 ms" in shown


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (SipFacts(sip_status=404, reason="Not Found"), "404 Not Found: no dialplan answers this number"),
        (SipFacts(sip_status=503, reason="No worker"), "raise workers.most"),
        (SipFacts(sip_status=408), "is `voicegw serve` running"),
        (SipFacts(sip_status=499, reason="Odd"), "499 Odd: see the service's log"),
        (SipFacts(ended_by="timeout"), "was not answered in time"),
        (SipFacts(answered=True, ended_by="timeout"), "did not end in time"),
        (SipFacts(answered=True, ended_by="network", reason="no audio"), "broke off: no audio"),
    ],
)
def test_a_call_that_failed_says_what_to_do(facts, says):
    failed = CallReport("sip:5000@h", facts, Tape(NOTHING, NOTHING, NOTHING))
    assert not failed.ok
    assert says in failed.problem


def test_a_call_without_audio_has_no_figures():
    measured = report("sip:5000@h", SipFacts(), Tape(NOTHING, NOTHING, NOTHING))
    assert measured.turns == ()
    assert measured.as_json()["sound"] is None


def test_remarks_say_what_was_impolite():
    line = Line("x", Span(0, 1), Intent.TURN)
    assert remarks(Turn(line, None, cut_off=True, talked_over_ms=310.0)) == "cut off, talked over for 310 ms"
    assert remarks(Turn(line, None, pause_ms=0.0)) == ""
    assert remarks(Turn(line, None, silenced=True)) == "never went on"


# --- the tape -----------------------------------------------------------------------------------------------


def frame(at_ms, played=b""):
    return Frame(at_ms, np.full(160, at_ms, "<i2").tobytes(), played)


PLAYED = bytes(FRAME_BYTES)


def test_a_line_is_found_on_the_tick_at_which_its_frame_left():
    tapes = TapeRecorder()
    tapes.on_frame(frame(100))
    tapes.hand_out_lead(2)
    voice = tone(20)
    for at_ms in (120, 140, 160, 180):
        tapes.hand_out(voice)
        tapes.on_frame(frame(at_ms, PLAYED))
    made = tapes.finish([Line("a", Span(0, 160))])
    # Two frames of lead leave at ticks 1 and 2, the first frame of the line at tick 3.
    assert made.lines[0].span == Span(3 * 160, 4 * 160)
    assert not made.voice[: 3 * 160].any()
    assert np.array_equal(made.voice[3 * 160 : 4 * 160], voice)
    assert made.began_ms == 100
    assert made.received[160] == 120


def test_a_stutter_is_counted_and_moves_what_comes_after_it():
    tapes = TapeRecorder()
    tapes.on_frame(frame(0))
    tapes.hand_out_lead(1)
    tapes.on_frame(frame(20, PLAYED))
    tapes.hand_out(tone(20))
    tapes.on_frame(frame(40))
    tapes.on_frame(frame(60, PLAYED))
    made = tapes.finish([Line("a", Span(0, 160))])
    assert made.stutters == 1
    assert made.lines[0].span.begin == 3 * 160


def test_a_tick_that_was_not_told_is_silence():
    tapes = TapeRecorder()
    tapes.on_frame(frame(0))
    tapes.on_frame(frame(20))
    tapes.on_frame(frame(80))
    made = tapes.finish([])
    assert made.missing_frames == 2
    assert made.received.tolist() == [0] * 160 + [20] * 160 + [0] * 320 + [80] * 160


def test_a_call_without_frames_is_an_empty_tape():
    assert len(TapeRecorder().finish([]).received) == 0
