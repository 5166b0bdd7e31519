"""Real models on speech made by a real voice, as it comes off an 8 kHz mu-law line."""

import asyncio
import os
import signal
from functools import cache

import numpy as np
import pytest

from voicegw.audio import g711
from voicegw.audio.resample import resample
from voicegw.config import Settings
from voicegw.engines import registry
from voicegw.engines.stt import SpeechToText
from voicegw.engines.tts import TextToSpeech
from voicegw.errors import ModelMissing
from voicegw.gateway.hearing import LastingListener
from voicegw.models import catalogue
from voicegw.nlu.expecting import Expecting

pytestmark = pytest.mark.servers
SETTINGS = Settings()
RATE_HZ = 8000


def need(model: str) -> None:
    try:
        catalogue.path(SETTINGS.models_dir, model)
    except ModelMissing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def whisper() -> SpeechToText:
    need("whisper-tiny.en")
    ears = registry.speech_to_text(Settings.model_validate({"stt": {"provider": "whisper"}}))
    ears.warm_up()
    return ears


@cache
def agent_voice() -> TextToSpeech:
    return registry.text_to_speech(SETTINGS)


def spoken(text: str) -> np.ndarray:
    voice = agent_voice()
    pcm = np.concatenate(list(voice.speak(text)))
    line = resample(pcm, voice.capabilities.rate_hz, RATE_HZ)
    return np.concatenate(
        [np.zeros(1600, np.int16), g711.mu_law_decode(g711.mu_law_encode(line)), np.zeros(1600, np.int16)]
    )


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("Hi, where is my order four five six seven?", "where is my order 4567"),
        ("I would like to talk to a person please.", "talk to a person"),
        ("What are your opening hours?", "what are your opening hours"),
        ("Yes.", "yes"),
    ],
)
def test_whisper_hears_a_turn_once_and_only_what_was_said(said: str, heard: str, whisper: SpeechToText) -> None:
    recognizer = whisper.recognizer(RATE_HZ)
    recognizer.feed(spoken(said))
    text = recognizer.decode(final=True).text.lower().replace("where's", "where is")  # processors round differently
    words = "".join(c for c in text if c.isalnum() or c == " ")
    assert heard in words
    assert len(words.split()) <= len(said.split())


def test_whisper_hears_more_as_the_utterance_grows(whisper: SpeechToText) -> None:
    pcm = spoken("Hi, where is my order four five six seven?")
    recognizer = whisper.recognizer(RATE_HZ)
    recognizer.feed(pcm[: len(pcm) // 2])
    first = recognizer.decode(final=False)
    recognizer.feed(pcm[len(pcm) // 2 :])
    second = recognizer.decode(final=True)
    assert first.audio_ms < second.audio_ms
    assert len(first.text) < len(second.text)


@pytest.mark.parametrize("level", [0, 30, 300, 3000])
def test_whisper_invents_nothing_on_noise(level: int, whisper: SpeechToText) -> None:
    noise = np.random.default_rng(1).normal(0, level, RATE_HZ).astype(np.int16)
    recognizer = whisper.recognizer(RATE_HZ)
    recognizer.feed(noise)
    assert recognizer.decode(final=True).text == ""


def test_korean_is_heard_by_vosk_and_a_grammar_binds_it() -> None:
    need("vosk-ko")
    ears = registry.speech_to_text(SETTINGS, "ko")
    assert ears.capabilities.streams
    assert ears.capabilities.grammars
    recognizer = ears.recognizer(RATE_HZ, Expecting("choice", phrases=("네", "아니요")))
    recognizer.feed(np.zeros(RATE_HZ, np.int16))
    hypothesis = recognizer.decode(final=True)
    assert hypothesis.text in ("", "네", "아니요")
    assert hypothesis.audio_ms == 1000


def test_sentence_vectors_of_like_meaning_lie_close() -> None:
    need("minilm")
    embedder = registry.sentence_embedder(SETTINGS)
    order, parcel, weather = embedder.embed(["where is my order", "where is my parcel", "it is raining today"])
    assert order @ parcel > 0.5 > 0.35 > order @ weather
    assert np.linalg.norm(order) == pytest.approx(1, abs=1e-4)


def test_a_voice_is_found_and_silence_noise_and_echo_are_not() -> None:
    caller, agent = (
        spoken("I would like to talk to a person please."),
        spoken("Your order has shipped and is on its way."),
    )
    assert share_voiced(caller, np.zeros_like(caller)) > 0.4
    noise = np.random.default_rng(1).normal(0, 60, RATE_HZ * 2).astype(np.int16)
    assert share_voiced(noise, np.zeros_like(noise)) < 0.02
    agent = np.concatenate([agent, agent])
    echo = np.concatenate([np.zeros(960, np.int16), agent[:-960] // 4])
    assert share_voiced(echo, agent) < 0.12


def share_voiced(heard: np.ndarray, played: np.ndarray) -> float:
    detector = registry.voice_activity()
    frames = range(0, len(heard) - 159, 160)
    verdicts = [detector.feed(heard[at : at + 160].tobytes(), played[at : at + 160].tobytes()).voiced for at in frames]
    return sum(verdicts) / len(verdicts)


async def test_one_process_for_all_hears_as_an_own_engine_does_and_one_that_is_killed_loses_no_words(
    whisper: SpeechToText,
) -> None:
    listener = LastingListener(SETTINGS, ("en",))
    await listener.start()
    keeping = asyncio.create_task(listener.keep_alive())
    try:
        await listener.until_ready()
        shared = registry.shared_speech_to_text(SETTINGS, "en", listener.door)
        recognizers = [ears.recognizer(RATE_HZ, Expecting("digits")) for ears in (shared, whisper)]
        for part in np.array_split(spoken("four five six seven"), 2):
            for recognizer in recognizers:
                recognizer.feed(part)
            heard, expected = [await asyncio.to_thread(each.decode, final=False) for each in recognizers]
            assert (heard.text, heard.alternatives) == (expected.text, expected.alternatives)
            os.kill(listener.pid, signal.SIGKILL)
    finally:
        keeping.cancel()
        await listener.stop()
