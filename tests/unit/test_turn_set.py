"""The set of turns in the repository, and what its figures count."""

from pathlib import Path

import pytest

from voicegw.dialplan import files
from voicegw.errors import SettingsError
from voicegw.outcomes.record import TurnTaken
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.qa.bench_turns import SETS, Measured, decided_by_llm, figures
from voicegw.qa.ruler import Intent, Line, Turn
from voicegw.qa.script import AddEcho, AddNoise, Interrupt, SayLine, WaitSeconds
from voicegw.qa.spans import Span, samples
from voicegw.qa.turn_set import read
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
    names = {call.name for call in TURNS.group("alone", recordings=True)}
    assert names - {call.name for call in TURNS.group("alone", recordings=False)} == {"people"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("seed: 1\ncalls: []", "calls"),
        ("seed: 1\ncalls: [{name: a, group: alone, voice: joe, steps: [{sya: hello}]}]", "sya"),
        ("seed: 1\ncalls: [{name: a, group: alone, voice: joe, steps: [{label: x}]}]", "needs one of"),
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


def named(turns, group="alone", load=()):
    measured = [Measured(group, one) for one in turns] + [Measured("load", one) for one in load]
    return {figure.name.removeprefix("turns: "): figure for figure in figures(measured)}


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


def test_turns_that_the_language_model_decided_are_counted_in_the_calls_meant_for_it():
    plans = TURNS.group("alone", recordings=False)
    questions = [plan.name for plan in plans].index("questions")
    turns = [
        TurnTaken("c", index, 0.0, "", "", decided_by=by) for index, by in enumerate(["greeting", "llm", "reflex"])
    ]
    stored = [CallStory(CallRow(f"c{number}", number), tuple(turns)) for number in range(len(plans))]
    figure = decided_by_llm(plans, stored)
    assert figure.value == 1
    assert figure.n == sum(step.label == "llm" for step in plans[questions].steps)
