"""The time to the agent's voice is measured on the sound, and the comfort sound is no voice."""

from dataclasses import replace

import numpy as np
import pytest

from voicegw.audio.comfort import COMFORT
from voicegw.qa.bench_recovery import figures, first_voice_ms
from voicegw.qa.call_report import CallReport, SipFacts
from voicegw.qa.tape import Tape

COMFORT_PCM = np.frombuffer(b"".join(COMFORT), "<i2")


def report(received: np.ndarray, began_ms: int = 100) -> CallReport:
    silent = np.zeros_like(received)
    return CallReport("sip:x", SipFacts(answered=True, ended_by="us"), Tape(silent, silent, received, began_ms))


def voice(ms: int) -> np.ndarray:
    return (3000 * np.sin(np.arange(ms * 8) / 5)).astype(np.int16)


def test_the_comfort_sound_is_skipped_and_the_voice_found():
    heard = np.concatenate([voice(2000), COMFORT_PCM[: 8 * 900], voice(1000)])
    assert first_voice_ms(report(heard), 2100) == pytest.approx(900, abs=20)


def test_what_was_still_on_its_way_does_not_count():
    heard = np.concatenate([voice(2100), COMFORT_PCM[: 8 * 700], voice(500)])
    assert first_voice_ms(report(heard), 2100) == pytest.approx(800, abs=20)


def test_an_agent_who_is_not_heard_again_has_no_figure_and_misses_the_target():
    lost = report(np.concatenate([voice(2000), COMFORT_PCM]))
    assert first_voice_ms(lost, 2200) is None
    measured = figures([(lost, None)], [])
    assert not next(figure for figure in measured if "not heard again" in figure.name).meets


def test_figures_have_their_targets():
    fine = report(voice(100))
    died = [(fine, 600.0)] * 11 + [(replace(fine), 1600.0)]
    by_name = {figure.name: figure for figure in figures(died, [(fine, 3400.0)])}
    assert not by_name["recovery: worker killed to the agent's voice p95"].meets
    assert by_name["recovery: worker hung to the agent's voice p95, 2 s of them to notice"].meets
