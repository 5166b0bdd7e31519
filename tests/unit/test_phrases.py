"""Clauses made fit for a phone line: trimmed, levelled, with pauses between."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegw.audio.levels import active_speech_level, level_dbfs
from voicegw.audio.phrases import LEAD_MS, SPEECH_DBFS, TAIL_MS, Trim, gain_db_for, levelled, pause_ms_after

RATE_HZ = 24_000


def silence(ms: int) -> np.ndarray:
    return np.zeros(RATE_HZ * ms // 1000, np.int16)


def tone(ms: int, amplitude: int = 8000) -> np.ndarray:
    at = np.arange(RATE_HZ * ms // 1000) / RATE_HZ
    return (amplitude * np.cos(2 * np.pi * 300 * at)).astype(np.int16)


def trimmed(pcm: np.ndarray, sizes: list[int]) -> np.ndarray:
    trim, pieces, place, turn = Trim(RATE_HZ), [], 0, 0
    while place < len(pcm):
        size = sizes[turn % len(sizes)]
        pieces.append(trim.feed(pcm[place : place + size]))
        place, turn = place + size, turn + 1
    return np.concatenate([*pieces, trim.flush()])


def milliseconds(pcm: np.ndarray) -> float:
    return len(pcm) * 1000 / RATE_HZ


def test_silence_before_and_after_is_cut_to_what_belongs_to_the_sound() -> None:
    pcm = np.concatenate([silence(300), tone(400), silence(500)])
    assert milliseconds(trimmed(pcm, [len(pcm)])) == pytest.approx(LEAD_MS + 400 + TAIL_MS, abs=5)


def test_a_pause_inside_a_clause_stays() -> None:
    pcm = np.concatenate([tone(100), silence(200), tone(100)])
    assert milliseconds(trimmed(pcm, [700])) == pytest.approx(400, abs=5)


@given(st.lists(st.integers(20, 9000), min_size=1, max_size=8))
def test_pieces_of_any_size_give_the_same_sound(sizes: list[int]) -> None:
    pcm = np.concatenate([silence(120), tone(90), silence(60), tone(55), silence(200)])
    assert np.array_equal(trimmed(pcm, sizes), trimmed(pcm, [len(pcm)]))


def test_the_first_sound_leaves_before_the_clause_is_over() -> None:
    trim = Trim(RATE_HZ)
    assert len(trim.feed(silence(300))) == 0
    assert milliseconds(trim.feed(tone(50))) == pytest.approx(LEAD_MS + 50, abs=5)


def test_ends_are_faded_so_that_nothing_clicks() -> None:
    pcm = np.concatenate([tone(200), silence(5), tone(3, 60), silence(100)])
    sound = trimmed(pcm, [len(pcm)])
    assert sound[0] == 0
    assert sound[-1] == 0
    assert np.abs(np.diff(sound[: RATE_HZ // 100].astype(int))).max() < 1500


@pytest.mark.parametrize("pcm", [silence(0), silence(1), silence(700), tone(300, amplitude=20)])
def test_silence_is_trimmed_to_nothing(pcm: np.ndarray) -> None:
    assert len(trimmed(pcm, [500])) == 0


@pytest.mark.parametrize("amplitude", [900, 4000, 12_000])
def test_a_voice_is_brought_to_the_level_of_a_talker(amplitude: int) -> None:
    voice = np.concatenate([tone(900, amplitude), silence(300), tone(900, amplitude)])
    gain_db = gain_db_for(voice, RATE_HZ)
    assert active_speech_level(levelled(voice, gain_db), RATE_HZ).level_dbfs == pytest.approx(SPEECH_DBFS, abs=0.7)


def test_silence_asks_for_no_gain() -> None:
    assert gain_db_for(silence(500), RATE_HZ) == 0
    assert gain_db_for(silence(0), RATE_HZ) == 0


def test_peaks_are_bent_and_never_clipped() -> None:
    loud = levelled(tone(100, 20_000), 6.0).astype(int)
    assert np.abs(loud).max() < 32767
    assert level_dbfs(loud.astype(np.int16)) > level_dbfs(tone(100, 20_000))


def test_sound_under_the_knee_only_changes_its_level() -> None:
    quiet = tone(50, 1000)
    assert np.abs(levelled(quiet, 6.0206).astype(int) - 2 * quiet.astype(int)).max() <= 1


def test_a_speaker_breathes_longest_after_a_sentence() -> None:
    assert pause_ms_after("It has left.") > pause_ms_after("It has left;") > pause_ms_after("It has left,")
    assert pause_ms_after("It has left,") > pause_ms_after("It has left") > 0
    assert pause_ms_after('She said "wait."') == pause_ms_after("Wait.")
