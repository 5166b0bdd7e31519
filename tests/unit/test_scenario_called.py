"""What a call with sound showed, line by line: the service's turns and tools find the caller's lines by time."""

from dataclasses import replace

import numpy as np
import pytest

from voicegw.outcomes.record import TurnTaken, Waterfall
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.qa.call_report import CallReport, SipFacts
from voicegw.qa.ruler import Intent, Line, Turn
from voicegw.qa.scenarios.called import evidence
from voicegw.qa.scenarios.evidence import ToolCall
from voicegw.qa.scenarios.model import Scenario
from voicegw.qa.scenarios.scripts import GOES_ON_MS, HANGS_UP_MS, WAITS_MS, script
from voicegw.qa.script import AddEcho, AddNoise, Interrupt, PressKeys, SayLine, WaitSeconds
from voicegw.qa.spans import Span, samples
from voicegw.qa.tape import Tape

BEGAN = 1_700_000_000.0
TALK = [{"caller": "where is my order"}, {"keys": "4567"}, {"caller": "no thanks"}]
SCENARIO = Scenario.model_validate({"name": "x", "talk": TALK})


def spoken(index: int, begin_ms: float, end_ms: float, latency_ms: float) -> Turn:
    span = Span(samples(begin_ms), samples(end_ms))
    return Turn(Line("words", span, Intent.TURN, str(index)), span, latency_ms)


def taken(index: int, moment_ms: float, said: str, decided_by: str = "reflex", task: str = "status") -> TurnTaken:
    waterfall = Waterfall(last_voice=moment_ms, turn_decided=moment_ms + 200, first_packet=moment_ms + 400)
    return TurnTaken("c", index, BEGAN, "heard", said, task, decided_by=decided_by, waterfall=waterfall)


ROW = CallRow("c", BEGAN, closed_at=BEGAN + 20, ended_by="agent", disposition="completed", turns=5)
STORY = CallStory(
    replace(ROW, rtp_lost=2, rtp_received=98),
    (
        taken(0, 0, "Hello?", "greeting"),
        taken(1, 4000, "Which order?"),
        taken(2, 8000, "", "keypad"),
        taken(3, 9000, "It has shipped.", "keypad"),
        taken(4, 14_000, "Bye."),
    ),
)
EMPTY = np.zeros(samples(20_000), np.int16)
REPORT = CallReport(
    "sip:x",
    SipFacts(answered=True, codec="PCMU", setup_ms=20.0, sip_status=200, ended_by="agent"),
    Tape(EMPTY, EMPTY, EMPTY, began_ms=100),
    (spoken(0, 2500, 3900, 350), spoken(2, 12_900, 13_900, 420)),
    answers=("which order", "bye"),
)
LOOK_UP = ToolCall("orders.status", {"order_id": "4567"}, "found", at=BEGAN + 9.1)


def test_each_line_finds_its_turns_tools_and_times() -> None:
    seen = evidence(SCENARIO, REPORT, [STORY], [LOOK_UP])
    assert seen.greeting == "Hello?"
    assert [reply.said for reply in seen.replies] == ["Which order?", "It has shipped.", "Bye."]
    assert [len(reply.calls) for reply in seen.replies] == [0, 1, 0]
    assert [reply.latency_ms for reply in seen.replies] == [350, None, 420]
    assert [reply.heard for reply in seen.replies] == ["which order", "", "bye"]
    assert [reply.ended for reply in seen.replies] == ["", "", "completed"]
    assert seen.sip is not None
    assert seen.sip.lost_percent == 2.0


def test_a_read_ahead_belongs_to_the_line_it_was_made_for() -> None:
    early = ToolCall("orders.status", {}, "found", at=BEGAN + 2.7)
    assert len(evidence(SCENARIO, REPORT, [STORY], [early]).replies[0].calls) == 1


def test_lines_the_call_did_not_come_to_are_not_there() -> None:
    short = replace(REPORT, turns=REPORT.turns[:1], answers=REPORT.answers[:1])
    story = CallStory(STORY.call, STORY.turns[:2])
    assert len(evidence(SCENARIO, short, [story], []).replies) == 1


def test_a_call_given_to_a_person_ends_so_and_one_the_caller_ended_does_not_end() -> None:
    given = CallStory(replace(STORY.call, disposition="handed_over"), STORY.turns)
    left = CallStory(replace(STORY.call, disposition="abandoned", ended_by="caller"), STORY.turns)
    assert evidence(SCENARIO, REPORT, [given], []).replies[-1].ended == "person"
    assert evidence(SCENARIO, REPORT, [left], []).replies[-1].ended == ""


@pytest.mark.parametrize(("wanted", "problem"), [(503, ""), (None, "503 full")])
def test_a_refusal_is_a_problem_unless_it_is_wanted(wanted: int | None, problem: str) -> None:
    holds = {"sip": {"status": wanted}} if wanted else {}
    scenario = Scenario.model_validate({"name": "x", "talk": TALK, "holds": holds})
    refused = CallReport("sip:x", SipFacts(sip_status=503, reason="full", ended_by="agent"), Tape(*[EMPTY[:0]] * 3))
    assert evidence(scenario, refused, [], []).problem.startswith(problem) is True
    assert bool(evidence(scenario, refused, [], []).problem) is bool(problem)


def test_a_talk_is_a_callers_script(tmp_path) -> None:
    talk = [
        {"caller": "hello", "noise": "babble:12", "voice": "joe^2"},
        {"keys": "12"},
        {"silence": True, "for_s": 3},
        {"caller": "no", "over_ms": 500},
        {"caller": "mhm", "over_ms": 300, "aside": True},
        {"wav": "a.wav", "caller": "as recorded"},
    ]
    whole = {"name": "x", "talk": talk, "caller": {"echo": "200:12", "voice": "joe@1.2"}}
    acted = script(Scenario.model_validate(whole), tmp_path)
    assert acted.voice == "joe@1.2"
    assert acted.goodbye_ms == HANGS_UP_MS
    assert acted.steps == (
        AddEcho(200, 12),
        AddNoise("babble", 12),
        SayLine("hello", label="0", voice="joe^2"),
        PressKeys("12"),
        WaitSeconds(3, "2"),
        Interrupt(500, "no", label="3"),
        Interrupt(300, "mhm", intent=Intent.ASIDE, label="4"),
        SayLine("as recorded", tmp_path / "a.wav", GOES_ON_MS, label="5"),
    )


def test_a_caller_who_expects_a_goodbye_waits_for_it(tmp_path) -> None:
    scenario = Scenario.model_validate({"name": "x", "talk": [{"caller": "bye", "ends": "completed"}]})
    assert script(scenario, tmp_path).goodbye_ms == WAITS_MS


def test_a_caller_waits_for_a_tool_that_may_be_slow(tmp_path) -> None:
    tools = {"orders_db.order_status": {"status": "real", "after_s": 2.5}}
    scenario = Scenario.model_validate({"name": "x", "tools": tools, "talk": [{"caller": "where is it"}]})
    assert script(scenario, tmp_path).goodbye_ms == WAITS_MS
