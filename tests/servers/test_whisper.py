"""Whisper on short windows: no loops, nothing invented, and its ears are the reference's."""

from pathlib import Path

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from voicegw.audio import g711
from voicegw.audio.mel import RATE_HZ, LogMel
from voicegw.audio.resample import resample
from voicegw.config import Settings
from voicegw.engines import registry
from voicegw.engines.providers.whisper_silence import FILE
from voicegw.engines.providers.whisper_stt import WhisperSpeechToText
from voicegw.errors import EngineError, ModelMissing
from voicegw.models import catalogue

pytestmark = pytest.mark.servers
SETTINGS = Settings()
LINE_HZ = 8000


@pytest.fixture(scope="module")
def folder() -> Path:
    try:
        return catalogue.path(SETTINGS.models_dir, "whisper-tiny.en")
    except ModelMissing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def whisper(folder) -> WhisperSpeechToText:
    return WhisperSpeechToText(folder)


@pytest.fixture(scope="module")
def say():
    voice = registry.text_to_speech(SETTINGS)

    def spoken(text: str) -> np.ndarray:
        sound = resample(np.concatenate(list(voice.speak(text))), voice.capabilities.rate_hz, LINE_HZ)
        return g711.mu_law_decode(g711.mu_law_encode(sound))

    return spoken


def heard(whisper: WhisperSpeechToText, pcm: np.ndarray) -> str:
    recognizer = whisper.recognizer(LINE_HZ)
    recognizer.feed(pcm)
    return recognizer.decode(final=True).text


@pytest.mark.parametrize("samples", [50, 199, 201, 500, 8000, 16077, 33333])
def test_the_spectrum_is_that_of_the_reference(samples):
    pcm = np.random.default_rng(samples).normal(0, 2000, samples).astype(np.int16)
    mel = LogMel()
    for start in range(0, samples, 320):
        mel.feed(pcm[start : start + 320])
    own = mel.features(RATE_HZ)
    reference = FeatureExtractor()(pcm.astype(np.float32) / 32768, padding=RATE_HZ)
    assert np.abs(own - reference[:, : own.shape[1]]).max() < 1e-4
    assert reference.shape[1] - own.shape[1] <= 1


@pytest.mark.parametrize(
    "text",
    ["Yes.", "No.", "No thanks.", "Tomorrow.", "Okay.", "What are your opening hours?", "I forgot my password."],
)
@pytest.mark.parametrize("silence_ms", [0, 200, 700])
def test_a_short_turn_is_written_once(text, silence_ms, whisper, say):
    silence = np.zeros(LINE_HZ * silence_ms // 1000, np.int16)
    words = heard(whisper, np.concatenate([say(text), silence]))
    assert [letter for letter in words.lower() if letter.isalpha()] == [c for c in text.lower() if c.isalpha()]


def test_what_was_said_twice_is_written_twice(whisper, say):
    words = heard(whisper, say("No, no, not that one.")).lower().replace(",", "").split()
    assert words[:2] == ["no", "no"]  # some processors' arithmetic hears a third


@pytest.mark.parametrize("loudness", [10, 100, 500, 3000])
@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("kind", ["hiss", "rumble", "hum", "tones", "clicks"])
def test_nothing_is_invented_on_noise(kind, seconds, loudness, whisper):
    times = np.arange(int(LINE_HZ * seconds)) / LINE_HZ
    random = np.random.default_rng(7)
    hiss = random.normal(0, 1, len(times))
    sound = {
        "hiss": hiss,
        "rumble": np.convolve(hiss, np.ones(40) / 40, "same") * 6,
        "hum": np.sin(2 * np.pi * 50 * times) + 0.5 * np.sin(2 * np.pi * 150 * times),
        "tones": sum(np.sin(2 * np.pi * hz * times) for hz in (262, 330, 392, 523)) / 2,
        "clicks": np.where(np.arange(len(times)) % 2000 < 20, hiss * 4, hiss * 0.05),
    }[kind]
    assert heard(whisper, np.clip(sound * loudness, -32768, 32767).astype(np.int16)) == ""


def test_thanks_are_heard_when_they_were_said(whisper, say):
    assert heard(whisper, say("Thank you.")).lower() == "thank you."


def test_digital_silence_and_no_audio_are_not_decoded(whisper):
    recognizer = whisper.recognizer(LINE_HZ)
    assert recognizer.decode(final=True).decode_ms == 0
    recognizer.feed(np.zeros(LINE_HZ, np.int16))
    assert recognizer.decode(final=True).text == ""


def test_a_caller_who_never_stops_is_heard_up_to_the_encoders_window(whisper, say):
    recognizer = whisper.recognizer(LINE_HZ)
    monologue = say("I would like to talk to a person about my order, it never arrived.")
    recognizer.feed(np.tile(monologue, 40 * LINE_HZ // len(monologue)))
    hypothesis = recognizer.decode(final=True)
    assert hypothesis.audio_ms == 28_000
    assert "talk to a person" in hypothesis.text


def test_the_states_of_silence_are_made_once_and_again_when_they_are_broken(folder, tmp_path):
    copy = tmp_path / "model"
    copy.mkdir()
    for file in folder.iterdir():
        if file.name != FILE:
            (copy / file.name).symlink_to(file)
    WhisperSpeechToText(copy)
    made = (copy / FILE).stat()
    WhisperSpeechToText(copy)
    assert (copy / FILE).stat().st_mtime_ns == made.st_mtime_ns
    (copy / FILE).write_bytes(b"torn")
    WhisperSpeechToText(copy)
    assert (copy / FILE).stat().st_size == made.st_size
    assert not list(copy.glob("*.part"))


def test_a_folder_that_is_no_model_is_named(tmp_path):
    with pytest.raises(EngineError, match="is no Whisper model"):
        WhisperSpeechToText(tmp_path)
