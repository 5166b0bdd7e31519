"""Spoken clauses, kept on disk for the next time."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from voicegw.audio.phrases import pause_ms_after
from voicegw.engines.cache import CachedSpeech
from voicegw.engines.clear import ClearSpeech
from voicegw.engines.sound_store import SoundStore
from voicegw.engines.tts import TtsCapabilities
from voicegw.errors import EngineError

RATE_HZ = 8000


class ToneVoice:
    """A word is 100 ms of tone between silences; remembers what it was asked to say."""

    def __init__(self, key: str = "tone-1", rate_hz: int = 24_000) -> None:
        self.key = key
        self.capabilities = TtsCapabilities(frozenset({"en"}), rate_hz, ("tone",))
        self.said: list[tuple[str, float]] = []

    def speak(self, text: str, *, speed: float = 1.0) -> Iterator[np.ndarray]:
        self.said.append((text, speed))
        rate_hz = self.capabilities.rate_hz
        yield np.zeros(rate_hz // 4, np.int16)
        at = np.arange(int(rate_hz // 10 / speed)) / rate_hz
        for _ in text.split():
            yield (5000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16)
        yield np.zeros(rate_hz // 2, np.int16)

    def warm_up(self) -> None:
        """Nothing to do."""


class BrokenVoice(ToneVoice):
    """Fails after its first word."""

    def speak(self, text: str, *, speed: float = 1.0) -> Iterator[np.ndarray]:
        yield np.full(2400, 5000, np.int16)
        raise EngineError("the model failed")


def speaking(folder: Path, voice: ToneVoice) -> CachedSpeech:
    return CachedSpeech(ClearSpeech(voice), folder, RATE_HZ)


def sound(speech: CachedSpeech, text: str, **options: object) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.int16), *speech.speak(text, **options)])


def test_what_was_said_once_is_not_synthesised_again(tmp_path: Path) -> None:
    voice = ToneVoice()
    speech = speaking(tmp_path, voice)
    first = sound(speech, "Good morning.")
    said = len(voice.said)
    again = speech.speak("Good morning.")
    assert again.cached
    assert np.array_equal(np.concatenate(list(again)), first)
    assert len(voice.said) == said


def test_another_process_finds_it_too(tmp_path: Path) -> None:
    sound(speaking(tmp_path, ToneVoice()), "Good morning.")
    assert speaking(tmp_path, ToneVoice()).speak("Good morning.").cached


def test_a_sentence_shares_its_clauses_with_others(tmp_path: Path) -> None:
    speech = speaking(tmp_path, ToneVoice())
    sound(speech, "Good morning. How are you?")
    assert speech.speak("Good morning.").cached
    assert not speech.speak("Good morning. How is she?").cached


@pytest.mark.parametrize("change", ["voice", "speed", "rate", "text"])
def test_another_voice_speed_rate_or_text_is_another_sound(tmp_path: Path, change: str) -> None:
    sound(speaking(tmp_path, ToneVoice()), "Good morning.")
    voice = ToneVoice(key="tone-2") if change == "voice" else ToneVoice()
    speech = CachedSpeech(ClearSpeech(voice), tmp_path, 16_000 if change == "rate" else RATE_HZ)
    speed = 1.2 if change == "speed" else 1.0
    text = "Good evening." if change == "text" else "Good morning."
    assert not speech.speak(text, speed=speed).cached


def test_what_names_a_person_is_not_kept(tmp_path: Path) -> None:
    speech = speaking(tmp_path, ToneVoice())
    sound(speech, "Hello Maria.", keep=False)
    assert not speech.speak("Hello Maria.").cached
    assert not list(tmp_path.glob("*/*"))


def test_what_was_not_heard_to_its_end_is_not_kept(tmp_path: Path) -> None:
    speech = speaking(tmp_path, ToneVoice())
    pieces = iter(speech.speak("One two three four."))
    next(pieces)
    del pieces
    assert not speech.speak("One two three four.").cached


def test_a_voice_that_fails_is_an_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    speech = CachedSpeech(BrokenVoice(), tmp_path, RATE_HZ)
    with pytest.raises(EngineError):
        sound(speech, "Good morning.")
    assert not list(tmp_path.glob("*/*"))


def test_clauses_are_parted_by_the_pause_their_punctuation_asks_for(tmp_path: Path) -> None:
    speech = speaking(tmp_path, ToneVoice())
    both = sound(speech, "Good morning. How are you?", more=False)
    parts = [sound(speech, text, more=False) for text in ("Good morning.", "How are you?")]
    pause = pause_ms_after("morning.") * RATE_HZ // 1000
    assert len(both) == len(parts[0]) + pause + len(parts[1])


def test_speech_that_goes_on_ends_with_its_pause(tmp_path: Path) -> None:
    speech = speaking(tmp_path, ToneVoice())
    longer = len(sound(speech, "Good morning.")) - len(sound(speech, "Good morning.", more=False))
    assert longer == pause_ms_after("morning.") * RATE_HZ // 1000


def test_nothing_to_say_is_silence(tmp_path: Path) -> None:
    assert len(sound(speaking(tmp_path, ToneVoice()), "  ")) == 0


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    voice = ToneVoice()
    speech = speaking(tmp_path, voice)
    first = sound(speech, "Good morning.")
    (file,) = tmp_path.glob("*/*.wav")
    file.write_bytes(b"not a WAV file")
    assert np.array_equal(sound(speech, "Good morning."), first)
    assert speech.speak("Good morning.").cached


def test_a_folder_that_cannot_be_written_does_not_keep_the_agent_from_speaking(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert len(sound(speaking(blocked, ToneVoice()), "Good morning."))


def test_sounds_not_used_for_longest_leave_first(tmp_path: Path) -> None:
    store = SoundStore(tmp_path, RATE_HZ, most_bytes=10_000)
    keys = [f"{number:064x}" for number in range(4)]
    for number, key in enumerate(keys):
        store.save(key, np.full(1400, 7, np.int16))
        os.utime(next(tmp_path.glob(f"*/{key}.wav")), (number, number))
    store.load(keys[0])  # used now: no longer the oldest
    store.sweep()
    assert [store.load(key) is not None for key in keys] == [True, False, True, True]


def test_drafts_of_writers_that_died_are_swept(tmp_path: Path) -> None:
    store = SoundStore(tmp_path, RATE_HZ)
    (tmp_path / "ab").mkdir()
    old, fresh = tmp_path / "ab" / "x.part", tmp_path / "ab" / "y.part"
    for draft in (old, fresh):
        draft.write_bytes(b"half")
    os.utime(old, (1, 1))
    store.sweep()
    assert not old.exists()
    assert fresh.exists()


def test_many_writers_of_one_sound_leave_one_whole_file(tmp_path: Path) -> None:
    pcm = np.arange(8000, dtype=np.int16)
    stores = [SoundStore(tmp_path, RATE_HZ) for _ in range(8)]
    writers = [threading.Thread(target=store.save, args=("c" * 64, pcm)) for store in stores]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    loaded = stores[0].load("c" * 64)
    assert loaded is not None
    assert np.array_equal(loaded, pcm)
    assert len(list(tmp_path.glob("*/*"))) == 1
