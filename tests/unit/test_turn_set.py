"""The set of turns in the repository, and what its figures count."""

from pathlib import Path

import pytest

from voicegw.dialplan import files
from voicegw.errors import SettingsError
from voicegw.outcomes.record import TurnTaken, Waterfall
from voicegw.qa import bench_turns, kept
from voicegw.qa.bench_turns import SETS
from voicegw.qa.benching import Run
from voicegw.qa.kept import MeasuredCall
from voicegw.qa.ruler import Intent, Line, Turn
from voicegw.qa.script import AddEcho, AddNoise, Interrupt, SayLine, WaitSeconds
from voicegw.qa.spans import Span, samples
from voicegw.qa.turn_figures import figures
from voicegw.qa.turn_set import CallPlan, read
from voicegw.qa.voices import parse_voice

TURNS = read(SETS / "turns.yaml")
STEPS = [step for call in TURNS.calls for step in call.script(TURNS.seed).steps]


def test_there_are_at_least_sixty_turns():
    spoken = [step for step in STEPS if isinstance(step, SayLine) or (isinstance(step, Interrupt) and step.text)]
    assert len(spoken) >= 60


def test_everything_that_is_to_be_measured_is_in_the_set():
    labels = {step.label for step in STEPS if isinstance(step, SayLine | Interrupt | WaitSeconds)}
    wanted = {"short", "long", "digits", "hesitation", "correction", "llm", "backchannel", "cough", "echo"}
    assert wanted <= labels
    assert len({step.after_ms for step in STEPS if isinstance(step, Interrupt) and step.label == "interruption"}) == 3
    assert {step.delay_ms for step in STEPS if isinstance(step, AddEcho)} == {50, 200, 400}
    noises = {(step.kind, step.snr_db) for step in STEPS if isinstance(step, AddNoise)}
    assert noises == {(kind, snr) for kind in ("white", "babble", "music") for snr in (20, 10, 5)}


def test_more_than_one_voice_speaks_and_none_is_the_agents():
    voices = {call.voice for call in TURNS.calls} | {step.voice for call in TURNS.calls for step in call.steps}
    assert {parse_voice(voice).engine for voice in voices if voice} == {"joe", "espeak", "digits"}


def test_the_agent_of_the_bench_checks():
    (plan,) = files.load(SETS / "turns-dialplan.yaml")
    assert plan.limits.no_input.after_s > max(step.seconds for step in STEPS if isinstance(step, WaitSeconds))


def test_calls_with_recordings_are_left_out_without_them():
    names = {call.name for call in TURNS.available(recordings=True)}
    assert names - {call.name for call in TURNS.available(recordings=False)} == {"people"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: a\nseed: 1\ncalls: []", "calls"),
        ("seed: 1\ncalls: [{name: a, group: alone, voice: joe, steps: [{sya: hello}]}]", "sya"),
        ("name: a\nseed: 1\ncalls: [{name: a, group: alone, voice: joe, steps: [{label: x}]}]", "needs one of"),
        ("seed: [", "turns.yaml"),
    ],
)
def test_a_broken_set_says_where(tmp_path, text, says):
    file = tmp_path / "turns.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=says):
        read(file)


def test_a_missing_set_is_named():
    with pytest.raises(SettingsError, match=r"nowhere\.yaml"):
        read(Path("nowhere.yaml"))


# --- figures ------------------------------------------------------------------------------------------------


def turn(label="short", intent=Intent.TURN, seconds=1.0, **values):
    return Turn(Line("", Span(0, samples(seconds * 1000)), intent, label), Span(0, 8000), **values)


def plan(group="alone", labels=("short",)):
    steps = [{"say": "hello", "label": label} for label in labels]
    return CallPlan.model_validate({"name": "a", "group": group, "voice": "joe", "steps": steps})


def named(turns, load=()):
    calls = [
        (plan(), MeasuredCall("a", "1", True, tuple(turns))),
        (plan("load"), MeasuredCall("b", "1", True, tuple(load))),
    ]
    return {figure.name.removeprefix("set: "): figure for figure in figures("set", calls)}


def test_latency_counts_reflex_turns_of_single_calls():
    found = named(
        [turn(latency_ms=200.0), turn(latency_ms=400.0), turn("llm", latency_ms=900.0), turn("noise", latency_ms=9e3)],
        load=[turn(latency_ms=250.0)],
    )
    assert found["reflex latency p50"].value == 200
    assert found["reflex latency p95"].value == 400
    assert found["reflex latency p50"].n == 2
    assert found["latency with LLM p50"].value == 900
    assert found["latency of 4 calls at once, p50 against one call"].value == 1.25


def test_cut_offs_are_a_share_of_all_spoken_turns():
    found = named([turn(cut_off=True), *[turn() for _ in range(19)], turn("digits"), turn("digits", cut_off=True)])
    assert found["caller cut off"].value == pytest.approx(9.09)
    assert found["caller cut off in digits with 700 ms pauses"].value == 50
    assert not found["caller cut off"].meets


def test_a_cough_that_silences_the_agent_for_good_is_counted_and_its_pause_is_not():
    found = named([
        turn("cough", Intent.ASIDE, pause_ms=900.0, resumed_ms=300.0),
        turn("echo", Intent.ASIDE, pause_ms=2500.0, resumed_ms=2500.0, silenced=True),
        turn("backchannel", Intent.ASIDE),
    ])  # fmt: skip
    assert found["silenced for good by cough, backchannel or echo"].value == 1
    assert found["silenced for good by cough, backchannel or echo"].n == 2
    assert found["cough, backchannel or echo to going on, worst"].value == 300
    assert found["longest pause for cough, backchannel or echo"].value == 900


def test_turns_that_noise_started_are_counted_by_the_minute():
    silent = [turn("silence at 10 dB", Intent.SILENCE, 15.0) for _ in range(3)]
    found = named([*silent, turn("silence at 20 dB", Intent.SILENCE, 15.0, began_alone=True)])
    assert found["started by noise alone, 10 dB and better"].value == 1


def test_what_was_not_measured_misses_its_target():
    found = named([])
    assert found["reflex latency p50"].value is None
    assert not found["reflex latency p50"].meets


NOTHING_REACHED = Waterfall()


def stored(decided_by, waterfall=NOTHING_REACHED):
    return TurnTaken("c", 0, 0.0, "", "", decided_by=decided_by, waterfall=waterfall)


def test_turns_that_the_language_model_decided_are_counted_in_the_calls_meant_for_it():
    turns = (stored("greeting"), stored("llm"), stored("reflex"))
    calls = [
        (plan(labels=("llm", "llm")), MeasuredCall("a", "1", True, (), turns)),
        (plan(), MeasuredCall("b", "1", True, (), turns)),
    ]
    found = {figure.name: figure for figure in figures("set", calls)}
    assert found["set: turns for the LLM that it decided"].value == 1
    assert found["set: turns for the LLM that it decided"].n == 2


def test_the_wait_is_told_stage_by_stage():
    waterfall = Waterfall(1000.0, 1060.0, 1160.0, 1180.0, 1185.0, 1190.0, 1210.0)
    call = MeasuredCall("a", "1", True, (), (stored("greeting"), stored("reflex", waterfall)))
    found = {figure.name: figure.value for figure in figures("set", [(plan(), call)])}
    assert found["set: of the wait, pause, mean"] == 60
    assert found["set: of the wait, transcript, mean"] == 100


# --- in parts -----------------------------------------------------------------------------------------------


def test_a_kept_call_is_read_again_as_it_was(tmp_path):
    call = MeasuredCall("one call", "abc", True, (turn(latency_ms=200.0),), (stored("reflex", Waterfall(1.0)),))
    kept.write(tmp_path, call)
    assert kept.read(tmp_path, "one call", "abc") == call
    assert kept.read(tmp_path, "one call", "def") is None, "another commit was measured"
    assert kept.read(tmp_path, "another", "abc") is None


def test_a_file_that_is_no_kept_call_is_named(tmp_path):
    (tmp_path / "a.turns.json").write_text("{}")
    with pytest.raises(SettingsError, match=r"a\.turns\.json"):
        kept.read(tmp_path, "a", "abc")


async def test_figures_of_kept_calls_need_no_service(tmp_path, monkeypatch):
    monkeypatch.setattr(bench_turns, "commit", lambda folder: "abc")
    kept.write(tmp_path, MeasuredCall("orders", "abc", True, (turn(latency_ms=210.0),)))
    found = await bench_turns.run(Run(lambda line: None, keep=tmp_path, only=("no such call",)))
    assert {figure.name: figure.value for figure in found}["turns: reflex latency p50"] == 210


def test_parts_are_named_by_what_their_names_hold():
    how = Run(lambda line: None, only=("echo", "noise"))
    assert how.wants("echo after 50 ms")
    assert not how.wants("orders")
    assert Run(lambda line: None).wants("orders")
