"""Ways to decide the end of a turn, compared on virtual time."""

from datetime import datetime

import numpy as np
import pytest

from voicegw.audio.levels import level_dbfs
from voicegw.call.dialog import Dialog
from voicegw.call.orders import Heard
from voicegw.call.patience import PATIENCE, TurnRules
from voicegw.dialplan import files
from voicegw.engines.vad import FrameActivity
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.understanding import Completeness
from voicegw.qa.bench_endings import figures
from voicegw.qa.bench_turns import SETS
from voicegw.qa.endings import Ending, Line, Rehearsal, Spoken, Strategy, by_audio_model, by_dialog, silence_only
from voicegw.testing import KeywordReader

COMPLETE, MORE, MIDDLE = Completeness.COMPLETE, Completeness.COULD_GO_ON, Completeness.INCOMPLETE
READER = KeywordReader({"task.order_status": ["order"], "talk.thanks": ["thanks"]})


class Loudness:
    """Hears voice in what is loud."""

    def feed(self, heard: bytes, played: bytes) -> FrameActivity:
        level = level_dbfs(np.frombuffer(heard, "<i2"))
        return FrameActivity(level > -40, level)


def dialog() -> Dialog:
    (plan,) = files.load(SETS / "turns-dialplan.yaml")
    return Dialog(plan, READER, started=datetime(2026, 3, 16, 12))


def line(*parts_ms: int) -> Line:
    """Voice, pause, voice, … of these lengths."""
    tone = np.random.default_rng(1).normal(0, 4000, 8 * sum(parts_ms))
    at = 0
    for number, length in enumerate(parts_ms):
        if number % 2:
            tone[at : at + 8 * length] = 0
        at += 8 * length
    spoken = Spoken("digits", tone.astype(np.int16), Expecting(), PATIENCE["normal"], dialog())
    return Line(spoken, Loudness())


def hear(*words: tuple[int, str, Completeness]):
    """These words from these moments (after the first sound) on."""

    def heard(spoken: Line, from_ms: int, until_ms: int) -> Heard:
        text, completeness = next((text, how) for at, text, how in reversed(words) if until_ms >= 400 + at)
        return Heard(text, 0.9, completeness, until_ms)

    return heard


WHOLE = hear((0, "4 5", MIDDLE), (1000, "4 5 6 7", COMPLETE))


def test_silence_alone_cuts_into_a_pause_that_is_longer() -> None:
    ending = Rehearsal(silence_only(500), WHOLE).play(line(600, 700, 600))
    assert ending.cut_off
    assert ending.latency_ms == pytest.approx(500, abs=40)


def test_completeness_waits_in_the_middle_and_is_quick_at_the_end() -> None:
    ending = Rehearsal(Strategy("words", TurnRules(learns=False)), WHOLE).play(line(600, 700, 600))
    assert not ending.cut_off
    assert ending.latency_ms == pytest.approx(200, abs=60)


def test_a_caller_who_was_cut_off_is_waited_for_longer_in_the_next_turn() -> None:
    hearing = hear((0, "well it is", MORE))
    slow, learning = line(600, 480, 600), Rehearsal(Strategy("pauses"), hearing)
    assert learning.play(slow).cut_off
    assert not learning.play(slow).cut_off
    same = Rehearsal(Strategy("words", TurnRules(learns=False)), hearing)
    assert [same.play(slow).cut_off for _ in range(2)] == [True, True]


def test_the_dialog_is_asked_whether_that_was_all() -> None:
    judge = by_dialog(lambda text: np.zeros(3))
    spoken = line(600)
    assert judge(spoken, 0, 600, Heard("thanks a lot.", 0.9, COMPLETE, 600)).completeness is MORE
    assert judge(spoken, 0, 600, Heard("where is my order?", 0.9, COMPLETE, 600)).completeness is COMPLETE
    assert judge(spoken, 0, 600, Heard("", 0.9, MORE, 600)).completeness is MORE


def test_an_audio_model_moves_what_it_is_sure_of() -> None:
    spoken, sounds = line(600), {"finished": 0.95, "not": 0.02, "unsure": 0.5}
    heard = {how: Heard("", 0.9, how, 600) for how in (COMPLETE, MORE, MIDDLE)}

    def judged(sound: str, how: Completeness) -> Completeness:
        return by_audio_model(lambda pcm: sounds[sound], 0.9)(spoken, 0, 600, heard[how]).completeness

    assert [judged("finished", how) for how in heard] == [COMPLETE, COMPLETE, MIDDLE]
    assert [judged("not", how) for how in heard] == [MORE, MORE, MIDDLE]
    assert [judged("unsure", how) for how in heard] == [COMPLETE, MORE, MIDDLE]


def test_figures_are_shares_and_percentiles_of_one_strategy() -> None:
    endings = [Ending("digits", True, 300.0), Ending("digits", False, 200.0), Ending("short", False, None)]
    found = {figure.name: (figure.value, figure.n) for figure in figures("words", endings)}
    assert found["endings: words: cut off"] == (pytest.approx(33.33), 3)
    assert found["endings: words: cut off in digits"] == (50.0, 2)
    assert found["endings: words: last word to decision, p50"] == (200.0, 2)
