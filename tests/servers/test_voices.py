"""Real voices: what they say is understood after a phone line, starts at once, and is equally loud."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from voicegw import config
from voicegw.audio.g711 import mu_law_decode, mu_law_encode
from voicegw.audio.levels import active_speech_level, frame_levels_dbfs
from voicegw.audio.phrases import SOUND_DBFS, pause_ms_after
from voicegw.config import Settings
from voicegw.engines import registry
from voicegw.engines.cache import CachedSpeech
from voicegw.engines.tts import TextToSpeech
from voicegw.errors import ModelMissing, PackageMissing, SetupError
from voicegw.models import catalogue

pytestmark = pytest.mark.servers

RATE_HZ = 8000
TEXTS = [
    "Your order is on the way.",
    "Hello, thank you for calling, how can I help you today?",
    "The lamp was shipped on Tuesday, and it should arrive by Friday, at the latest.",
    "I am sorry, we are closed on Sunday. Please call again on Monday morning.",
]


@pytest.fixture(scope="module", params=["hibari", "piper", "coqui"])
def voice(request: pytest.FixtureRequest) -> TextToSpeech:
    settings = config.from_values({"tts": {"provider": request.param}})
    try:
        made = registry.text_to_speech(settings)
    except (ModelMissing, PackageMissing) as error:
        pytest.skip(str(error))
    made.warm_up()
    return made


@pytest.fixture
def speech(voice: TextToSpeech, tmp_path: Path) -> CachedSpeech:
    return CachedSpeech(voice, tmp_path, RATE_HZ)


@pytest.fixture(scope="module")
def understood() -> Callable[[np.ndarray], list[str]]:
    settings = Settings()
    try:
        catalogue.path(settings.models_dir, "whisper-tiny.en")
    except ModelMissing as error:
        pytest.skip(str(error))
    ears = registry.speech_to_text(settings)

    def words(pcm: np.ndarray) -> list[str]:
        recognizer = ears.recognizer(RATE_HZ)
        recognizer.feed(mu_law_decode(mu_law_encode(pcm)))
        return words_of(recognizer.decode(final=True).text)

    return words


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def sound(speech: CachedSpeech, text: str, speed: float = 1.0) -> np.ndarray:
    return np.concatenate(list(speech.speak(text, speed=speed, keep=False, more=False)))


def test_what_is_said_is_understood_after_a_phone_line(
    speech: CachedSpeech, understood: Callable[[np.ndarray], list[str]]
) -> None:
    said, missing = 0, []
    for text in TEXTS:
        heard = understood(sound(speech, text))
        said += len(words_of(text))
        missing += [word for word in words_of(text) if word not in heard]
    assert len(missing) <= said // 10, f"not heard: {missing}"


@pytest.mark.parametrize("text", ["Sure.", "For you.", "Hello.", *TEXTS])
def test_the_first_sound_comes_at_once_and_nothing_trails(speech: CachedSpeech, text: str) -> None:
    levels = frame_levels_dbfs(sound(speech, text), RATE_HZ // 200)
    loud = np.flatnonzero(levels > SOUND_DBFS)
    assert loud[0] * 5 <= 25
    assert (len(levels) - loud[-1]) * 5 <= 60


def test_every_sentence_is_as_loud_as_a_talker(speech: CachedSpeech) -> None:
    for text in TEXTS:
        pcm = sound(speech, text)
        assert active_speech_level(pcm, RATE_HZ).level_dbfs == pytest.approx(-20, abs=3)
        assert np.abs(pcm.astype(int)).max() < 32767, "clipped"


def test_clauses_are_joined_by_silence_without_a_click(speech: CachedSpeech) -> None:
    pcm = sound(speech, "Hello, thank you for calling Acme. I am here.").astype(int)
    pause = pause_ms_after("Acme.") * RATE_HZ // 1000
    starts = [at for at in range(len(pcm) - pause) if not pcm[at : at + pause].any()]
    assert starts, "no pause"
    before, after = pcm[starts[0] - 16 : starts[0] + 1], pcm[starts[-1] + pause - 1 :][:17]
    assert np.abs(np.diff(before)).max() < 300
    assert np.abs(np.diff(after)).max() < 300


def test_a_faster_pace_takes_less_time(speech: CachedSpeech) -> None:
    assert len(sound(speech, TEXTS[2], speed=1.4)) < 0.85 * len(sound(speech, TEXTS[2]))


def test_nothing_to_say_is_silence(voice: TextToSpeech, speech: CachedSpeech) -> None:
    assert list(voice.speak("")) == []
    assert list(speech.speak("...", keep=False, more=False)) == [] or len(sound(speech, "...")) < RATE_HZ


def test_a_voice_loaded_before_a_fork_speaks_after_it(voice: TextToSpeech) -> None:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        samples = sum(len(piece) for piece in voice.speak("Good morning."))
        os.write(writing, str(samples).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        assert int(answer.read()) > voice.capabilities.rate_hz // 4
    assert os.waitpid(pid, 0)[1] == 0


def test_a_kept_sentence_is_ready_in_two_milliseconds(speech: CachedSpeech) -> None:
    for _ in speech.speak(TEXTS[2]):
        pass
    took: list[float] = []
    for _ in range(21):
        began = time.perf_counter()
        pieces = speech.speak(TEXTS[2])
        next(iter(pieces))
        took.append(time.perf_counter() - began)
        assert pieces.cached
    assert sorted(took)[10] < 0.002


def test_an_unknown_voice_is_named_with_those_there_are() -> None:
    with pytest.raises(SetupError, match=r"nobody.*heart"):
        registry.text_to_speech(config.from_values({"tts": {"provider": "hibari", "voice": "nobody"}}))


def test_a_voice_that_was_not_downloaded_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    with pytest.raises(SetupError, match="hibari --voice emma"):
        registry.text_to_speech(config.from_values({"tts": {"provider": "hibari", "voice": "emma"}}))


def test_without_espeak_a_piper_voice_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = config.from_values({"tts": {"provider": "piper"}})
    try:
        catalogue.path(settings.models_dir, "piper-joe")
    except ModelMissing as error:
        pytest.skip(str(error))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SetupError, match="apt-get install espeak-ng"):
        registry.text_to_speech(settings)
