"""A recorded call: its steps, the scenario made of it, the caller's words cut out, and what a replay differs in."""

from dataclasses import replace

import numpy as np
import pytest

from voicegw.documents.parse import Source, parse_as
from voicegw.outcomes.record import ToolAnswered, TurnTaken, Waterfall
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.qa.replay.differences import as_lines, compare
from voicegw.qa.replay.recorded import scenario_yaml
from voicegw.qa.replay.sounds import utterances
from voicegw.qa.replay.steps import steps_of
from voicegw.qa.scenarios.evidence import Evidence, Reply, ToolCall
from voicegw.qa.scenarios.files import KIND
from voicegw.qa.scenarios.model import Scenario
from voicegw.qa.spans import samples
from voicegw.recording.files import Recording
from voicegw.recording.notes import ToolNote

BEGAN = 1_773_658_800.0
FOUND = {"status": "found", "state": "shipped"}


def turn(index: int, at_s: float, caller: str, agent: str, decided_by: str = "reflex") -> TurnTaken:
    """Decided half a second after the caller's last sound, answered 0.1 s later."""
    told = Waterfall(last_voice=at_s * 1000 - 500, turn_decided=at_s * 1000, first_packet=at_s * 1000 + 100)
    return TurnTaken("c1", index, BEGAN + at_s, caller, agent, decided_by=decided_by, waterfall=told)


TURNS = (
    TurnTaken("c1", 0, BEGAN, "", "Hi, this is Acme.", decided_by="greeting"),
    turn(1, 4.0, "Where is my order?", "What's the order number?"),
    turn(2, 8.0, "4", "", "keypad"),
    turn(3, 8.3, "5", "Order 4 5 has shipped.", "keypad"),
    turn(4, 14.0, "", "Are you still there?", "timer"),
    turn(5, 18.0, "No thanks.", "Goodbye."),
)
CALL = CallRow(
    "c1", BEGAN, callee="5000", disposition="completed", ended_by="agent", task="order_status", slots={"order_id": "45"}
)
STORY = CallStory(CALL, TURNS, (ToolAnswered("c1", BEGAN + 8.1, "a1", "orders.status", "reads", "found", 20.0),))
NOTES = (
    ToolNote(BEGAN + 8.1, "orders.status", {"order_id": "45"}, "found", FOUND),
    ToolNote(BEGAN + 8.2, "orders.status", {"order_id": "45"}, "found", FOUND),
)


def made(story: CallStory = STORY, notes: tuple[ToolNote, ...] = NOTES, **more: object) -> Scenario:
    return parse_as(Scenario, Source(scenario_yaml(story, notes, **more), "scenario.yaml", KIND))


def test_keys_pressed_one_after_another_are_one_step_and_tools_belong_to_what_they_were_asked_for():
    steps = steps_of(STORY, NOTES)
    assert [(step.kind, step.text) for step in steps] == [
        ("words", "Where is my order?"), ("keys", "45"), ("silence", ""), ("words", "No thanks."),
    ]  # fmt: skip
    assert [[call.tool for call in step.calls] for step in steps] == [[], ["orders.status"] * 2, [], []]
    assert [step.latency_ms for step in steps] == [600.0] * 4
    assert [step.ended for step in steps] == ["", "", "", "completed"]


def test_the_scenario_says_what_the_caller_did_what_tools_answered_and_what_came_of_it():
    scenario = made()
    assert scenario.number == "5000"
    assert scenario.tools == {"orders.status": (FOUND,)}
    words, keys, silence, goodbye = scenario.talk
    assert (words.caller, words.means, words.calls) == (("Where is my order?",), ("What's the order number?",), None)
    assert (keys.keys, keys.calls) == ("45", {"orders.status": {"order_id": "45"}})
    assert silence.silence
    assert goodbye.ends == "completed"
    assert scenario.holds.outcome.slots == {"order_id": "45"}
    assert scenario.holds.calls == {}


def test_of_a_call_that_was_not_recorded_the_tools_answers_are_not_known():
    scenario = made(notes=())
    assert scenario.tools == {}
    assert scenario.talk[1].calls == {"orders.status": None}


def test_values_that_are_hidden_are_named_unless_the_voice_says_them():
    hidden = replace(STORY, turns=(*TURNS[:1], replace(TURNS[1], caller_text="It's *** please."), *TURNS[2:]))
    assert "Values are hidden in lines 1: put some in." in made(hidden).about
    assert "hidden" not in made(hidden, sounds={0: {"wav": "line-1.wav"}}).about


@pytest.mark.parametrize(("agent_speaks_s", "over_ms"), [(None, None), (2.5, 500)])
def test_the_callers_words_are_cut_out_and_who_cut_in_is_known(agent_speaks_s, over_ms):
    pcm = np.zeros((samples(20_000), 2), np.int16)
    tone = (8000 * np.sin(np.arange(samples(500)) * 0.6)).astype(np.int16)
    for at_s in (3.0, 17.0):
        pcm[samples(at_s * 1000) : samples(at_s * 1000) + len(tone), 0] = tone
    if agent_speaks_s:
        begin = samples(agent_speaks_s * 1000)
        pcm[begin : begin + samples(600), 1] = np.resize(tone, samples(600))
    cut = utterances(Recording(0, pcm), steps_of(STORY))
    assert sorted(cut) == [0, 3]
    assert len(cut[0].pcm) == pytest.approx(samples(500 + 200 + 250), abs=samples(15))
    assert cut[0].over_ms == (pytest.approx(over_ms, abs=15) if over_ms else None)
    assert cut[3].over_ms is None


def replayed(*replies: Reply) -> Evidence:
    return Evidence("Hi.", replies)


def test_the_same_again_differs_in_nothing():
    status = ToolCall("orders.status", {"order_id": "45"}, "found")
    evidence = replayed(
        Reply("What's the order number?", "where is my order", latency_ms=450.0),
        Reply("Order 4 5 has shipped", "45", calls=(status,)),
        Reply("Are you still there?"),
        Reply("Goodbye.", "no thanks", ended="completed"),
    )
    found = compare(steps_of(STORY, NOTES), evidence)
    assert found.same
    assert found.median_ms() == (600.0, 450.0)
    assert [*as_lines(found)][-1] == "4 lines, nothing differs; median latency 600 ms then, 450 ms now"


def test_of_an_answer_that_the_caller_cut_short_only_what_both_heard_counts():
    cut = replace(STORY, turns=(TURNS[0], replace(TURNS[1], agent_text="What's the", interrupted=True)), events=())
    steps = steps_of(cut)
    assert compare(steps, replayed(Reply("What's the order number?", ended="completed"))).same
    assert not compare(steps, replayed(Reply("Which order?", ended="completed"))).same


def test_other_words_other_arguments_and_another_end_are_each_shown_with_both_sides():
    other = ToolCall("orders.status", {"order_id": "46"}, "found")
    evidence = replayed(
        Reply("Which order?", "where is my border"),
        Reply("Order 4 5 has shipped.", "45", calls=(other,)),
        Reply("Are you still there?", ended="person"),
    )
    found = compare(steps_of(STORY, NOTES), evidence)
    assert [pair.differences for pair in found.lines] == [("turn",), ("actions",), ("end",), ("turn", "end")]
    told = "\n".join(as_lines(found))
    assert "  -  agent: What's the order number?  600 ms\n  +  agent: Which order?" in told
    assert "(now heard as: where is my border)" in told
    assert "  +  end: person" in told
    assert told.endswith("4 lines, lines 1, 2, 3, 4 differ")
