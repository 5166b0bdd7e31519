"""The ruler and the studio on real speech: voices of three engines at known places, over a line."""

import numpy as np
import pytest

from voicegw.audio import g711
from voicegw.audio.levels import active_speech_level
from voicegw.audio.resample import resample
from voicegw.config import Settings, TtsSettings, load
from voicegw.engines import registry
from voicegw.engines.providers import flite
from voicegw.errors import ModelMissing, SettingsError
from voicegw.qa.caller import studio
from voicegw.qa.faults import soundness
from voicegw.qa.noises import NOMINAL_SPEECH_DBFS
from voicegw.qa.rooms import Room
from voicegw.qa.ruler import Line, measure
from voicegw.qa.script import AddNoise, Script
from voicegw.qa.spans import RATE_HZ, Span, join, samples, voiced_spans
from voicegw.qa.voices import Studio

pytestmark = pytest.mark.servers

SENTENCES = ("Where is my order?", "Please stop it.", "My account number is four zero six eight.", "Yes.")
VOICES = ("joe", "joe@1.2^2", "espeak:en-us+f3", "espeak:en-gb+m3")
AUDIBLE = 260
"""Amplitude (-42 dBFS) that counts as sound here; the ruler has another rule, found on its own."""
TOLERANCE_MS = 10


@pytest.fixture(scope="module")
def voices(tmp_path_factory) -> Studio:
    """Callers' voices, with an empty cache."""
    settings = load()
    try:
        registry.text_to_speech(Settings(cache_dir=settings.cache_dir, tts=TtsSettings(provider="piper")))
    except ModelMissing as missing:
        pytest.skip(str(missing))
    made = studio(settings)
    return Studio(made._make_joe, tmp_path_factory.mktemp("callers"))


def audible(pcm: np.ndarray) -> np.ndarray:
    """From the first to the last audible sample."""
    loud = np.flatnonzero(np.abs(pcm.astype(int)) >= AUDIBLE)
    return pcm[loud[0] : loud[-1] + 1]


def on_a_line(pcm: np.ndarray, noise_dbfs: float) -> np.ndarray:
    noise = np.random.default_rng(3).normal(0, 32768 * 10 ** (noise_dbfs / 20), len(pcm))
    noisy = np.clip(pcm + noise, -32768, 32767).astype(np.int16)
    return g711.mu_law_decode(g711.mu_law_encode(noisy))


@pytest.mark.parametrize("noise_dbfs", [-96, -62])
@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("text", SENTENCES)
def test_speech_is_found_where_it_was_put(voices, voice, text, noise_dbfs):
    clip = audible(voices.line(text, voice))
    pcm = np.zeros(samples(1000) + len(clip) + samples(1000), np.int16)
    pcm[samples(1000) : samples(1000) + len(clip)] = clip
    spans = voiced_spans(on_a_line(pcm, noise_dbfs))
    assert spans[0].begin / 8 == pytest.approx(1000, abs=TOLERANCE_MS)
    assert spans[-1].end / 8 == pytest.approx(1000 + len(clip) / 8, abs=TOLERANCE_MS)


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("latency_ms", [120, 305, 640])
def test_latency_between_two_voices_is_right_within_ten_milliseconds(voices, voice, latency_ms):
    question, answer = (audible(voices.line(text, voice)) for text in SENTENCES[:2])
    asked = samples(500) + len(question)
    sent, received = np.zeros((2, asked + samples(latency_ms) + len(answer) + 800), np.int16)
    sent[samples(500) : asked] = question
    received[asked + samples(latency_ms) :][: len(answer)] = answer
    line = Line("", Span(samples(500), asked))
    (turn,) = measure(sent, g711.a_law_decode(g711.a_law_encode(received)), [line])
    assert turn.latency_ms == pytest.approx(latency_ms, abs=TOLERANCE_MS)


@pytest.fixture(scope="module", params=["hibari", "piper"])
def agents_voice(request):
    """Speaks a text as an agent would, at 8 kHz."""
    settings = load().model_copy(update={"tts": TtsSettings(provider=request.param)})
    try:
        voice = registry.text_to_speech(settings)
    except ModelMissing as missing:
        pytest.skip(str(missing))
    return lambda text: resample(np.concatenate(list(voice.speak(text))), voice.capabilities.rate_hz, RATE_HZ)


def test_speech_as_it_is_has_no_holes(agents_voice):
    text = "Well, you can send it back, of course. Please keep the box; it stops at the depot, up on top. Okay?"
    assert soundness(on_a_line(agents_voice(text), -96)).holes == ()


@pytest.mark.parametrize("hole_ms", [40, 60, 200])
def test_a_tear_in_a_vowel_is_a_hole(agents_voice, hole_ms):
    clip = agents_voice("Where are you going now, my lord?")
    loudest = int(np.argmax(np.convolve(clip.astype(float) ** 2, np.ones(200), mode="same")))
    torn = np.insert(clip, loudest, np.zeros(samples(hole_ms), np.int16))
    (hole,) = soundness(on_a_line(torn, -96)).holes
    assert hole.begin == pytest.approx(loudest, abs=samples(6))
    assert hole.length_ms == pytest.approx(hole_ms, abs=6)


def test_a_line_has_the_nominal_level_and_its_pauses(voices):
    pcm = voices.line("my number is 4 5 [700] 6 7 [cough]", "joe")
    assert active_speech_level(pcm[: samples(1000)], RATE_HZ).level_dbfs == pytest.approx(NOMINAL_SPEECH_DBFS, abs=2)
    phrases = join(voiced_spans(pcm), 500)
    assert len(phrases) == 2
    assert (phrases[1].begin - phrases[0].end) / 8 == pytest.approx(700, abs=15)


@pytest.mark.skipif(not flite.is_installed(), reason="flite is not installed")
def test_flites_voices_are_callers_too(voices):
    line, faster = (voices.line("Where is my order?", voice) for voice in ("flite:awb", "flite:awb@1.3"))
    assert active_speech_level(line, RATE_HZ).level_dbfs == pytest.approx(NOMINAL_SPEECH_DBFS, abs=1.0)
    assert 0.6 < len(faster) / len(line) < 0.9
    with pytest.raises(SettingsError, match="awb"):
        voices.line("Where is my order?", "flite:nobody")


def test_a_line_is_made_once(voices):
    first = voices.line("Say this once.", "joe^1")
    assert np.array_equal(first, voices.line("Say this once.", "joe^1"))


def test_babble_is_speech_of_many(voices):
    room = Room(voices, seed=4)
    room.prepare(Script((AddNoise("babble", 10), AddNoise("music", 10), AddNoise("none"))))
    loop = room.noise(AddNoise("babble", 10))
    assert len(loop) > 5 * RATE_HZ
    assert room.noise(AddNoise("none")) is None


def test_real_digits_are_joined_to_numbers(shared_data, tmp_path):
    people = Studio(lambda: pytest.fail("no TTS is needed"), tmp_path, shared_data / "spoken_digits")
    pcm = people.line("4 5 [700] 6 7", "digits:theo", seed=5)
    phrases = join(voiced_spans(pcm), 400)
    assert len(phrases) == 2
    with pytest.raises(SettingsError, match="nobody"):
        people.line("4", "digits:nobody")
