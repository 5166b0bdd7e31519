"""The ruler on audio whose answer is known."""

from itertools import pairwise

import numpy as np
import pytest

from voicegw.audio import g711
from voicegw.qa.faults import soundness
from voicegw.qa.ruler import Intent, Line, greeting_ms, measure
from voicegw.qa.spans import Span, join, samples, voiced_spans

TOLERANCE_MS = 10


def vowel(ms: float, level_dbfs: float = -20.0, pitch_hz: float = 120.0) -> np.ndarray:
    """Pitch pulses through two resonances, faded in and out over 5 ms: a voice without pauses."""
    count = samples(ms)
    pulses = np.zeros(count)
    pulses[:: round(8000 / pitch_hz)] = 1.0
    time_s = np.arange(200) / 8000
    resonance = np.exp(-300 * time_s) * (np.sin(2 * np.pi * 600 * time_s) + 0.6 * np.sin(2 * np.pi * 1300 * time_s))
    wave = np.convolve(pulses, resonance)[:count]
    fade = np.minimum(np.minimum(np.arange(count), np.arange(count)[::-1]) / 40, 1.0)
    wave = wave * fade
    return np.rint(wave / np.sqrt((wave**2).mean()) * 32768 * 10 ** (level_dbfs / 20)).astype(np.int16)


def track(total_ms: float, *placed: tuple[float, np.ndarray]) -> np.ndarray:
    """A recording with clips at given milliseconds."""
    pcm = np.zeros(samples(total_ms), np.int16)
    for at_ms, clip in placed:
        pcm[samples(at_ms) : samples(at_ms) + len(clip)] += clip
    return pcm


def with_noise(pcm: np.ndarray, level_dbfs: float, seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 32768 * 10 ** (level_dbfs / 20), len(pcm))
    return np.clip(pcm + noise, -32768, 32767).astype(np.int16)


def over_mu_law(pcm: np.ndarray) -> np.ndarray:
    return g711.mu_law_decode(g711.mu_law_encode(pcm))


def over_a_law(pcm: np.ndarray) -> np.ndarray:
    return g711.a_law_decode(g711.a_law_encode(pcm))


def ms_of(span: Span) -> tuple[float, float]:
    return span.begin / 8, span.end / 8


@pytest.mark.parametrize("at_ms", [500.0, 503.125, 517.5])
@pytest.mark.parametrize("line", [lambda pcm: pcm, over_mu_law, over_a_law])
@pytest.mark.parametrize("level_dbfs", [-12, -20, -32])
def test_a_voice_is_found_to_the_millisecond_on_a_clean_line(at_ms, line, level_dbfs):
    pcm = line(track(3000, (at_ms, vowel(800, level_dbfs))))
    (span,) = voiced_spans(pcm)
    begin, end = ms_of(span)
    assert begin == pytest.approx(at_ms, abs=4)
    assert end == pytest.approx(at_ms + 800, abs=10)


@pytest.mark.parametrize("noise_dbfs", [-60, -50, -40])
@pytest.mark.parametrize("at_ms", [700.0, 711.3])
def test_a_voice_is_found_within_ten_milliseconds_in_noise(noise_dbfs, at_ms):
    pcm = over_mu_law(with_noise(track(4000, (at_ms, vowel(1000))), noise_dbfs))
    (span,) = voiced_spans(pcm)
    begin, end = ms_of(span)
    assert begin == pytest.approx(at_ms, abs=TOLERANCE_MS)
    assert end == pytest.approx(at_ms + 1000, abs=TOLERANCE_MS)


@pytest.mark.parametrize("seed", range(5))
def test_noise_alone_is_no_voice(seed):
    assert voiced_spans(over_mu_law(with_noise(track(20_000), -38, seed))) == ()


def test_noise_that_sets_in_is_one_sound_and_then_the_floor():
    pcm = np.concatenate([track(5000), with_noise(track(15_000), -40)])
    assert all(span.begin < samples(8000) for span in voiced_spans(pcm))


def test_a_plosive_does_not_break_a_word_but_a_pause_does():
    pcm = track(3000, (500, vowel(200)), (760, vowel(200)), (1300, vowel(200)))
    assert len(voiced_spans(pcm)) == 2


def test_a_click_is_no_voice():
    assert voiced_spans(track(2000, (1000, vowel(12, -10)))) == ()


def test_an_empty_recording_has_no_voice():
    assert voiced_spans(np.zeros(0, np.int16)) == ()
    assert voiced_spans(np.zeros(30, np.int16)) == ()


def test_words_join_to_utterances():
    spans = (Span(0, 800), Span(1600, 2400), Span(8000, 8800))
    assert join(spans, 300) == (Span(0, 2400), Span(8000, 8800))


@pytest.mark.parametrize("latency_ms", [40, 183, 300, 612.5, 1500])
@pytest.mark.parametrize("line", [lambda pcm: pcm, over_mu_law, over_a_law])
def test_voice_to_voice_latency_is_right_within_ten_milliseconds(latency_ms, line):
    voice = track(6000, (1000, vowel(900)))
    received = line(track(6000, (1900 + latency_ms, vowel(1000))))
    (turn,) = measure(voice, received, [said(950, 2000)])
    assert turn.latency_ms == pytest.approx(latency_ms, abs=TOLERANCE_MS)
    assert not turn.cut_off


def test_latency_counts_from_the_last_word_of_a_line_with_pauses():
    voice = track(6000, (1000, vowel(300)), (2000, vowel(300)))
    (turn,) = measure(voice, track(6000, (2700, vowel(500))), [said(1000, 2400)])
    assert turn.latency_ms == pytest.approx(400, abs=TOLERANCE_MS)


def test_an_agent_who_begins_in_a_pause_of_the_line_cuts_the_caller_off():
    voice = track(6000, (1000, vowel(300)), (2000, vowel(300)))
    (turn,) = measure(voice, track(6000, (1700, vowel(2000))), [said(1000, 2400)])
    assert turn.cut_off
    assert turn.latency_ms is None
    assert turn.talked_over_ms == pytest.approx(300, abs=TOLERANCE_MS)


def test_an_agent_who_began_with_the_caller_did_not_cut_off():
    voice = track(6000, (1000, vowel(800)))
    (turn,) = measure(voice, track(6000, (1100, vowel(300)), (2100, vowel(300))), [said(1000, 1900)])
    assert not turn.cut_off
    assert turn.latency_ms == pytest.approx(300, abs=TOLERANCE_MS)


@pytest.mark.parametrize("stop_ms", [90, 160, 245.5, 900])
def test_an_interruption_is_timed_from_the_callers_first_to_the_agents_last_sound(stop_ms):
    received = track(6000, (500, vowel(500 + stop_ms)), (2600, vowel(400)))
    (turn,) = measure(track(6000, (1000, vowel(1200))), received, [said(1000, 2300, Intent.INTERRUPTION)])
    assert turn.stop_ms == pytest.approx(stop_ms, abs=TOLERANCE_MS)
    assert turn.latency_ms == pytest.approx(400, abs=TOLERANCE_MS)


def test_an_agent_who_talks_on_through_an_interruption_is_timed_to_its_end():
    received = track(6000, (500, vowel(1000)), (1650, vowel(1500)))
    (turn,) = measure(track(6000, (1000, vowel(800))), received, [said(1000, 1900, Intent.INTERRUPTION)])
    assert turn.stop_ms == pytest.approx(2150, abs=TOLERANCE_MS)
    assert turn.latency_ms is None


def test_an_interruption_of_silence_has_no_stop():
    voice = track(4000, (1000, vowel(500)))
    (turn,) = measure(voice, track(4000, (1800, vowel(500))), [said(1000, 1600, Intent.INTERRUPTION)])
    assert turn.stop_ms is None


@pytest.mark.parametrize("pause_ms", [150, 420, 700])
def test_an_agent_who_goes_on_after_a_cough_was_silent_for_so_long(pause_ms):
    received = track(8000, (500, vowel(620)), (1120 + pause_ms, vowel(2000)))
    (turn,) = measure(track(8000, (1000, vowel(250))), received, [said(1000, 1300, Intent.ASIDE)])
    assert turn.pause_ms == pytest.approx(pause_ms, abs=TOLERANCE_MS)
    assert turn.resumed_ms == pytest.approx(max(1120 + pause_ms - 1250, 0), abs=TOLERANCE_MS)
    assert not turn.silenced


def test_an_agent_who_never_goes_on_after_a_cough_was_silenced():
    voice = track(8000, (1000, vowel(250)))
    (turn,) = measure(voice, track(8000, (500, vowel(620))), [said(1000, 1300, Intent.ASIDE)])
    assert turn.silenced


def test_an_agent_who_does_not_mind_a_cough_made_no_pause():
    voice = track(8000, (1000, vowel(250)))
    (turn,) = measure(voice, track(8000, (500, vowel(6000))), [said(1000, 1300, Intent.ASIDE)])
    assert turn.pause_ms == 0
    assert not turn.silenced


@pytest.mark.parametrize("pause_ms", [0, 450])
def test_an_agent_who_hears_its_own_echo_is_watched_for_the_whole_line(pause_ms):
    received = track(12_000, (500, vowel(5000)), (5500 + pause_ms, vowel(2000)))
    (turn,) = measure(track(12_000), received, [said(1000, 6000, Intent.ASIDE)])
    assert turn.pause_ms == pytest.approx(pause_ms, abs=TOLERANCE_MS)
    assert not turn.silenced


def test_a_sound_that_is_taken_back_is_no_answer():
    received = track(6000, (2100, vowel(70)), (3000, vowel(800)))
    (turn,) = measure(track(6000, (1000, vowel(900))), received, [said(1000, 1950)])
    assert turn.latency_ms == pytest.approx(1100, abs=TOLERANCE_MS)


def test_an_agent_who_speaks_into_a_silence_began_alone():
    received = track(12_000, (3000, vowel(800)))
    turns = measure(track(12_000), received, [said(1000, 6000, Intent.SILENCE), said(6000, 11_000, Intent.SILENCE)])
    assert [turn.began_alone for turn in turns] == [True, False]


def test_a_line_without_sound_has_no_figures():
    (turn,) = measure(track(3000), track(3000, (2000, vowel(500))), [said(500, 900)])
    assert turn.voice is None
    assert turn.latency_ms is None


def test_a_call_in_which_the_caller_said_nothing_has_no_turns():
    assert measure(track(1000), track(1000), []) == ()


def test_an_answer_after_the_next_line_began_is_not_the_first_lines():
    voice = track(9000, (1000, vowel(500)), (5000, vowel(500)))
    turns = measure(voice, track(9000, (5900, vowel(500))), [said(1000, 1600), said(5000, 5600)])
    assert turns[0].latency_ms is None
    assert turns[1].latency_ms == pytest.approx(400, abs=TOLERANCE_MS)


def test_the_greeting_is_timed_from_the_answer():
    assert greeting_ms(track(3000, (700, vowel(900))), samples(520)) == pytest.approx(180, abs=TOLERANCE_MS)
    assert greeting_ms(track(3000)) is None


def test_a_hole_in_a_word_is_found_on_every_codec():
    whole = vowel(2000)
    for hole_ms in (40, 60, 250):
        torn = np.insert(whole, samples(703), np.zeros(samples(hole_ms), np.int16))
        for line in (over_mu_law, over_a_law):
            (hole,) = soundness(line(track(4000, (500, torn)))).holes
            assert hole.begin / 8 == pytest.approx(1203, abs=5)
            assert hole.length_ms == pytest.approx(hole_ms, abs=5)


def test_a_pause_between_clauses_is_no_hole():
    faded = [vowel(400) * np.hanning(samples(400)) for _ in range(4)]
    starts = (500.0, 1150.0, 1700.0, 2200.0)
    pcm = track(4000, *[(at, clip.astype(np.int16)) for at, clip in zip(starts, faded, strict=True)])
    assert all(after - before > 400 for before, after in pairwise(starts))
    assert soundness(over_mu_law(pcm)).holes == ()


def test_a_short_dropout_under_forty_milliseconds_is_not_counted():
    torn = np.insert(vowel(1000), samples(400), np.zeros(samples(20), np.int16))
    assert soundness(over_mu_law(track(3000, (500, torn)))).holes == ()


def test_an_agent_who_stops_for_the_caller_made_no_hole():
    torn = np.insert(vowel(2000), samples(700), np.zeros(samples(400), np.int16))
    pcm = over_mu_law(track(4000, (500, torn)))
    assert soundness(pcm, [Span(samples(1100), samples(1180))]).holes == ()
    assert len(soundness(pcm, [Span(samples(100), samples(300))]).holes) == 1


def test_clipping_and_level_are_told():
    loud = np.clip(vowel(1000, -6).astype(int) * 4, -32768, 32767).astype(np.int16)
    sound = soundness(over_mu_law(track(2000, (500, loud))))
    assert sound.clipped_runs > 20
    quiet = soundness(over_mu_law(track(2000, (500, vowel(1000, -24)))))
    assert quiet.clipped_runs == 0
    assert quiet.speech_dbfs == pytest.approx(-24, abs=1)


def said(begin_ms: float, end_ms: float, intent: Intent = Intent.TURN) -> Line:
    return Line("", Span(samples(begin_ms), samples(end_ms)), intent)
