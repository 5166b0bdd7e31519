"""Numbers asked for are heard by the network that this machine has learnt; everything else as before."""

from datetime import date, time

import numpy as np
import pytest

from voicegw.audio import g711
from voicegw.audio.resample import resample
from voicegw.config import Settings
from voicegw.engines.providers.piper_tts import PiperVoice
from voicegw.engines.providers.whisper_stt import WhisperSpeechToText
from voicegw.errors import ModelMissing
from voicegw.models import catalogue
from voicegw.nlu import slots
from voicegw.nlu.expecting import Expecting

pytestmark = pytest.mark.servers
SETTINGS = Settings()
LINE_HZ = 8000
FOUR = Expecting("digits", "number", length=4)


@pytest.fixture(scope="module")
def ears() -> WhisperSpeechToText:
    try:
        whisper = WhisperSpeechToText(catalogue.path(SETTINGS.models_dir, "whisper-tiny.en"))
    except ModelMissing as error:
        pytest.skip(str(error))
    if not whisper.knows_digits:
        pytest.skip("it has not learnt digits: voicegw models prepare")
    return whisper


@pytest.fixture(scope="module")
def joe():
    """A voice that was not learnt from."""
    try:
        return PiperVoice(catalogue.path(SETTINGS.models_dir, "piper-joe"))
    except ModelMissing as error:
        pytest.skip(str(error))


def line(voice, text: str) -> np.ndarray:
    sound = resample(np.concatenate(list(voice.speak(text))), voice.capabilities.rate_hz, LINE_HZ)
    return g711.mu_law_decode(g711.mu_law_encode(sound))


def heard(ears: WhisperSpeechToText, pcm: np.ndarray, expecting: Expecting) -> str:
    recognizer = ears.recognizer(LINE_HZ, expecting)
    recognizer.feed(pcm)
    return recognizer.decode(final=True).text


def digits(text: str, expecting: Expecting) -> str:
    found = [value for value in slots.parse(text, expecting, date(2026, 1, 5), time(9)) if value.kind == "digits"]
    return str(found[-1].value) if found else ""


def test_a_number_is_heard_however_it_is_put(ears, joe) -> None:
    """One of them may be misheard: which one differs with the processor, on which the network is learnt."""
    sayings = ["4 0 6 7", "seven, seven, two, nine", "My order number is 4 0 6 7.", "It's 8 8 2 1.",
               "forty five, sixty seven", "4 0 6 8, no, 6 7 2 1.", "5 3 9 0", "It is 1 4 9 2."]  # fmt: skip
    wanted = {said: digits(said, FOUR) for said in sayings}
    assert {len(number) for number in wanted.values()} == {4}
    misheard = [said for said in sayings if digits(heard(ears, line(joe, said), FOUR), FOUR) != wanted[said]]
    assert len(misheard) <= 1, misheard


@pytest.mark.parametrize(
    "said", ["I don't have it.", "What do you mean?", "Can I talk to a person, please?", "No, wait.", "Thank you."]
)
def test_other_words_are_no_digits(said: str, ears, joe) -> None:
    text = heard(ears, line(joe, said), FOUR)
    assert digits(text, FOUR) == ""
    assert text


@pytest.mark.parametrize("loudness", [100, 1000, 4000])
@pytest.mark.parametrize("kind", ["hiss", "rumble", "hum", "clicks"])
def test_no_digits_are_invented_on_noise(kind: str, loudness: int, ears) -> None:
    times = np.arange(2 * LINE_HZ) / LINE_HZ
    hiss = np.random.default_rng(7).normal(0, 1, len(times))
    sound = {
        "hiss": hiss,
        "rumble": np.convolve(hiss, np.ones(40) / 40, "same") * 6,
        "hum": np.sin(2 * np.pi * 50 * times) + 0.5 * np.sin(2 * np.pi * 150 * times),
        "clicks": np.where(np.arange(len(times)) % 2000 < 20, hiss * 4, hiss * 0.05),
    }[kind]
    assert heard(ears, np.clip(sound * loudness, -32768, 32767).astype(np.int16), FOUR) == ""


def test_half_a_number_is_half_a_number(ears, joe) -> None:
    assert digits(heard(ears, line(joe, "4 5 3 9"), Expecting("digits", "card", length=16)), FOUR) == "4539"


def test_a_group_said_again_while_the_number_is_read_back(ears, joe) -> None:
    expecting = Expecting("yes_no", "account", also=("digits",), refused=("4567", "8901"))
    assert digits(heard(ears, line(joe, "No, 8 9 5 1."), expecting), expecting) == "8951"
