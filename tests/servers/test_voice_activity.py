"""Voice activity on real voices: callers are found, rooms and the agent's echo are not."""

from functools import cache

import numpy as np
import pytest

from voicegw.audio import g711, wav
from voicegw.audio.levels import active_speech_level, amplified
from voicegw.audio.resample import resample
from voicegw.config import Settings
from voicegw.engines import registry
from voicegw.engines.vad import FrameActivity
from voicegw.errors import ModelMissing
from voicegw.models import catalogue

pytestmark = pytest.mark.servers
RATE_HZ, FRAME = 8000, 160
AGENT = ("Thanks for calling, how can I help you today?", "Your order has shipped, and it will be with you on Friday.")


@cache
def spoken(text: str, voice: str = "hibari") -> np.ndarray:
    """At -22 dBFS, as a trunk brings it."""
    settings = Settings.model_validate({"tts": {"provider": voice}})
    engine = registry.text_to_speech(settings)
    pcm = resample(np.concatenate(list(engine.speak(text))), engine.capabilities.rate_hz, RATE_HZ)
    return amplified(pcm, -22 - active_speech_level(pcm, RATE_HZ).level_dbfs)


def caller(text: str) -> np.ndarray:
    """Another voice than the agent's."""
    try:
        catalogue.path(Settings().models_dir, "piper-joe")
    except ModelMissing as error:
        pytest.skip(str(error))
    return spoken(text, "piper")


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE_HZ), np.int16)


def noise(kind: str, samples: int, dbfs: float) -> np.ndarray:
    random = np.random.default_rng(11)
    times = np.arange(samples) / RATE_HZ
    sound = {
        "hiss": random.normal(0, 1, samples),
        "rumble": np.convolve(random.normal(0, 1, samples), np.ones(40) / 40, "same"),
        "hum": np.sin(2 * np.pi * 50 * times) + 0.6 * np.sin(2 * np.pi * 150 * times),
        "music": melody(samples, np.random.default_rng(4)),
    }[kind]
    return sound / sound.std() * 32768 * 10 ** (dbfs / 20)


def melody(samples: int, random: np.random.Generator) -> np.ndarray:
    """A plucked string, four notes a second."""
    sound = np.zeros(samples + 4000)
    for start in range(0, samples, 2000):
        pitch = random.choice([262, 294, 330, 392, 440, 523])
        times = np.arange(4000)
        sound[start : start + 4000] += np.exp(-times / 1600) * sum(
            np.sin(2 * np.pi * pitch * harmonic * times / RATE_HZ) / harmonic for harmonic in (1, 2, 3, 4)
        )
    return sound[:samples]


def listen(heard: np.ndarray, played: np.ndarray | None = None) -> list[FrameActivity]:
    """Through a mu-law line that is never quite silent."""
    hiss = np.random.default_rng(3).normal(0, 12, len(heard))
    line = g711.mu_law_decode(g711.mu_law_encode(np.clip(heard + hiss, -32768, 32767).astype(np.int16)))
    played = np.zeros(len(heard), np.int16) if played is None else played
    detector = registry.voice_activity()
    return [
        detector.feed(line[at : at + FRAME].tobytes(), played[at : at + FRAME].tobytes())
        for at in range(0, min(len(line), len(played)) - FRAME + 1, FRAME)
    ]


def first_turn_ms(frames: list[FrameActivity], voiced_frames: int = 3) -> int | None:
    """When so many frames in a row were voiced."""
    run = 0
    for number, frame in enumerate(frames):
        run = run + 1 if frame.voiced else 0
        if run == voiced_frames:
            return (number + 1) * 20
    return None


def returned(played: np.ndarray, delay_ms: int, loss_db: float) -> np.ndarray:
    """By a speakerphone in a room."""
    room = np.random.default_rng(5).normal(0, 0.2, 300) * np.exp(-np.arange(300) / 80)
    room[0] = 1.0
    echo = np.convolve(played.astype(float), room)
    echo *= np.sqrt((played.astype(float) ** 2).mean() / (echo**2).mean())
    return np.concatenate([np.zeros(delay_ms * 8), echo])[: len(played)] * 10 ** (-loss_db / 20)


@pytest.mark.parametrize("text", ["Yes.", "I would like to talk to a person please.", "Where is my order?"])
def test_a_caller_is_found_within_a_tenth_of_a_second_and_ends_when_he_ends(text):
    voice = caller(text)
    began_ms = 2000 + int(np.flatnonzero(np.abs(voice) > 1000)[0] / 8)
    frames = listen(np.concatenate([silence(2), voice, silence(1)]))
    found_ms = first_turn_ms(frames)
    assert found_ms is not None
    assert found_ms - began_ms <= 120
    last_voiced_ms = max(number for number, frame in enumerate(frames) if frame.voiced) * 20
    assert last_voiced_ms <= 2000 + len(voice) / 8 + 100


def test_digits_of_real_people_are_found(shared_data):
    for speaker in ("jackson", "nicolas", "theo"):
        takes = [wav.read(shared_data / "spoken_digits" / f"{digit}_{speaker}_3.wav").mono for digit in range(10)]
        for take in takes:
            frames = listen(np.concatenate([silence(1), take, silence(0.5)]))
            assert first_turn_ms(frames) is not None, f"{speaker} was not heard"


@pytest.mark.parametrize("kind", ["hiss", "rumble", "hum", "music"])
@pytest.mark.parametrize("dbfs", [-60, -45, -34])
def test_a_room_twelve_decibels_under_a_voice_starts_no_turn(kind, dbfs):
    assert first_turn_ms(listen(noise(kind, 6 * RATE_HZ, dbfs)), voiced_frames=5) is None


@pytest.mark.parametrize("kind", ["hiss", "rumble", "hum", "music"])
def test_a_caller_is_found_in_a_loud_room(kind):
    voice = caller("I would like to talk to a person please.")
    heard = np.concatenate([silence(2), voice, silence(1)])
    frames = listen(heard + noise(kind, len(heard), -37))
    found_ms = first_turn_ms(frames)
    assert found_ms is not None
    assert 2000 < found_ms < 2500


@pytest.mark.parametrize(("delay_ms", "loss_db"), [(60, 6), (120, 10), (200, 12), (400, 10), (250, 20)])
def test_the_agent_does_not_hear_itself_on_a_speakerphone(delay_ms, loss_db):
    played = np.concatenate([silence(1), *(np.concatenate([spoken(text), silence(0.6)]) for text in AGENT)])
    frames = listen(returned(played, delay_ms, loss_db), played)
    assert first_turn_ms(frames, voiced_frames=5) is None
    assert sum(frame.echo for frame in frames) > 5


@pytest.mark.parametrize(("delay_ms", "loss_db"), [(120, 10), (400, 10), (250, 20), (0, 90)])
def test_a_caller_who_speaks_over_the_agent_is_found(delay_ms, loss_db):
    played = np.concatenate([silence(1), spoken(AGENT[0]), spoken(AGENT[1])])
    begins = RATE_HZ * 4
    voice = caller("No, stop, I would like to talk to a person please.")[: len(played) - begins]
    heard = returned(played, delay_ms, loss_db)
    heard[begins : begins + len(voice)] += voice
    found_ms = first_turn_ms(listen(heard, played))
    assert found_ms is not None
    assert 4000 < found_ms <= 4500
