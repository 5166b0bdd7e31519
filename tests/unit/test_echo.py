"""The echo of what we played is predicted, and a caller over it is left as he is."""

import numpy as np
import pytest

from voicegw.audio.echo import FRAME, EchoPath
from voicegw.audio.noise_floor import BLOCK_FRAMES, UNKNOWN_DBFS, NoiseFloor

RATE_HZ = 8000


def speechlike(seconds: float, seed: int) -> np.ndarray:
    """Syllables of coloured noise: loud and soft five times a second, falling with frequency."""
    random = np.random.default_rng(seed)
    samples = int(seconds * RATE_HZ)
    coloured = np.convolve(random.normal(0, 1, samples), 0.8 ** np.arange(40), "same")
    syllables = 0.05 + np.abs(np.sin(2 * np.pi * 2.5 * np.arange(samples) / RATE_HZ))
    return coloured * syllables * 2500


def echo_of(played: np.ndarray, delay_ms: int, loss_db: float, seed: int = 9) -> np.ndarray:
    """A loudspeaker in a room: the direct way, and reflections that die within 15 ms."""
    room = np.random.default_rng(seed).normal(0, 0.15, 160) * np.exp(-np.arange(160) / 40)
    room[0] = 1.0
    late = np.concatenate([np.zeros(delay_ms * 8), np.convolve(played, room)])[: len(played)]
    return late * 10 ** (-loss_db / 20)


def rest_and_heard(heard: np.ndarray, played: np.ndarray, from_s: float) -> tuple[np.ndarray, np.ndarray]:
    path = EchoPath()
    rest = []
    for start in range(0, len(heard) - FRAME + 1, FRAME):
        separated = path.feed(heard[start : start + FRAME], played[start : start + FRAME])
        rest.append(heard[start : start + FRAME] if separated is None else separated.rest)
    begin = int(from_s * RATE_HZ)
    return np.concatenate(rest)[begin:], heard[: len(rest) * FRAME][begin:]


def power_db(samples: np.ndarray) -> float:
    return float(10 * np.log10((samples**2).mean()))


@pytest.mark.parametrize(("delay_ms", "loss_db"), [(50, 6), (120, 10), (250, 20), (400, 12)])
def test_after_a_second_the_echo_is_ten_decibels_softer(delay_ms, loss_db):
    played = speechlike(4, 1)
    heard = echo_of(played, delay_ms, loss_db) + np.random.default_rng(2).normal(0, 10, len(played))
    rest, all_heard = rest_and_heard(heard, played, from_s=1.2)
    assert power_db(all_heard) - power_db(rest) > 10


def test_a_caller_over_the_echo_stays_as_loud_as_he_is():
    played, caller = speechlike(4, 1), speechlike(4, 2)
    caller[: 2 * RATE_HZ] = 0
    rest, _ = rest_and_heard(echo_of(played, 120, 6) + caller, played, from_s=2.0)
    voice = caller[2 * RATE_HZ :][: len(rest)]
    assert abs(power_db(rest) - power_db(voice)) < 2
    assert np.corrcoef(rest, voice)[0, 1] > 0.85


def test_a_caller_without_echo_is_hardly_touched():
    played, caller = speechlike(4, 1), speechlike(4, 2)
    rest, heard = rest_and_heard(caller, played, from_s=1.0)
    assert np.corrcoef(rest, heard)[0, 1] > 0.9


def voicelike(pitch_hz: float, seconds: float, phase: float = 0.0) -> np.ndarray:
    """Vowels: a buzz at a pitch that moves. Two voices are alike by chance, for a moment."""
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    turns = 2 * np.pi * np.cumsum(pitch_hz * (1 + 0.1 * np.sin(2 * np.pi * 1.3 * at + phase))) / RATE_HZ
    buzz = sum(np.sin(k * turns) / k for k in range(1, 12))
    return buzz * (0.1 + np.abs(np.sin(2 * np.pi * 2 * at))) * 2000


@pytest.mark.parametrize(("agent_hz", "caller_hz"), [(120, 110), (120, 130), (120, 210), (200, 100), (200, 210)])
def test_a_caller_who_cuts_in_is_not_taken_for_an_echo(agent_hz, caller_hz):
    played, caller = voicelike(agent_hz, 4), voicelike(caller_hz, 4, phase=1.0)
    caller[: 2 * RATE_HZ] = 0
    played[int(2.3 * RATE_HZ) :] = 0  # the agent has paused to listen
    path, mistaken = EchoPath(), 0
    for start in range(0, 3 * RATE_HZ, FRAME):
        voice = caller[start : start + FRAME]
        separated = path.feed(voice, played[start : start + FRAME])
        if separated and voice.any():
            mistaken += power_db(separated.echo + 1e-9) > power_db(voice) - 6
    assert mistaken <= 2, "frames of 50"


def test_a_path_that_changes_is_learnt_again():
    played = speechlike(8, 1)
    heard = np.concatenate([echo_of(played, 80, 8)[: 4 * RATE_HZ], echo_of(played, 300, 12, seed=5)[4 * RATE_HZ :]])
    rest, all_heard = rest_and_heard(heard, played, from_s=6.5)
    assert power_db(all_heard) - power_db(rest) > 10


def test_an_echo_that_is_gone_is_forgotten_and_one_that_comes_is_learnt():
    played = speechlike(9, 1)
    heard = echo_of(played, 80, 8)
    heard[3 * RATE_HZ : 6 * RATE_HZ] = np.random.default_rng(2).normal(0, 20, 3 * RATE_HZ)
    rest, all_heard = rest_and_heard(heard, played, from_s=0)
    gone, back = slice(int(5 * RATE_HZ), 6 * RATE_HZ), slice(int(7.5 * RATE_HZ), 9 * RATE_HZ)
    assert np.array_equal(rest[gone], all_heard[gone]), "nothing is taken away where nothing comes back"
    assert power_db(all_heard[back]) - power_db(rest[back]) > 10


def test_nothing_is_said_of_the_path_before_something_was_played():
    path = EchoPath()
    for _ in range(100):
        assert path.feed(np.full(FRAME, 1000.0), np.zeros(FRAME)) is None


def floor_after(levels: list[float]) -> float:
    floor = NoiseFloor()
    for level in levels:
        floor.feed(level)
    return floor.dbfs


def test_the_floor_of_a_quiet_room_is_its_level():
    assert floor_after([-60.0] * 50) == pytest.approx(-60)


def test_speech_with_its_pauses_does_not_raise_the_floor():
    phrase = [-24.0, -20.0, -28.0, -22.0] * 8 + [-58.0] * 10
    assert floor_after([-58.0] * 20 + phrase * 6) < -50


def test_a_fan_that_is_switched_on_is_the_floor_within_a_second():
    scatter = np.random.default_rng(1).normal(0, 1, 50)
    assert floor_after([-60.0] * 100 + list(-35 + scatter)) == pytest.approx(-35, abs=1.5)


def test_the_floor_falls_within_half_a_second_when_the_noise_stops():
    assert floor_after([-35.0] * 200 + [-60.0] * 25) < -50


def test_before_anything_was_heard_a_loud_room_is_assumed():
    assert floor_after([-80.0] * (BLOCK_FRAMES - 1)) == UNKNOWN_DBFS


def test_silence_is_the_same_whether_it_is_said_or_given() -> None:
    played = speechlike(3.0, 5)
    played[4000:14000] = 0
    heard = echo_of(played, 120, 10.0)
    told, given = EchoPath(), EchoPath()
    for start in range(0, len(heard) - FRAME + 1, FRAME):
        now, frame = played[start : start + FRAME], heard[start : start + FRAME]
        one, other = told.feed(frame, now if now.any() else None), given.feed(frame, now)
        assert (one is None) == (other is None)
        assert one is None or other is None or np.array_equal(one.rest, other.rest)
