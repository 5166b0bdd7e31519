"""What is said on every call is made once, ahead of the first."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from voicegw.dialplan import sayings
from voicegw.dialplan.parse import parse
from voicegw.engines.cache import CachedSpeech
from voicegw.engines.tts import TtsCapabilities
from voicegw.worker.rehearsing import rehearse

ACME = Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml"


class Tone:
    """A voice that hums."""

    key = "tone"

    @property
    def capabilities(self) -> TtsCapabilities:
        return TtsCapabilities(frozenset({"en"}), 8000, ("tone",))

    def speak(self, text: str, *, speed: float = 1.0) -> Iterator[np.ndarray]:
        yield np.full(800, 3000, np.int16)

    def warm_up(self) -> None:
        pass


def test_an_agents_constant_words_are_known_and_those_with_values_are_not():
    said = sayings.constant(parse(ACME.read_text()))
    assert len(said) == len(set(said))
    assert any("How can" in text for text in said)
    assert "One moment." in said
    assert not any("{" in text for text in said)


def test_a_rehearsal_keeps_what_it_says_on_disk_and_is_nobodys_child(tmp_path):
    speech = CachedSpeech(Tone(), tmp_path, 8000)
    assert not speech.speak("How can I help?").cached
    rehearse(speech, ["How can I help?", "Goodbye."], 1.0, lambda: None)
    deadline = time.monotonic() + 20
    while not speech.speak("Goodbye.").cached and time.monotonic() < deadline:
        time.sleep(0.02)
    assert speech.speak("How can I help?").cached
    assert speech.speak("Goodbye.").cached
    try:
        left = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        left = (0, 0)
    assert left == (0, 0)
