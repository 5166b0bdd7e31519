"""Words are asked for once at a time, and a look ahead gives way to a caller who waits."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from voicegw.engines.stt import GivenUp, Hypothesis, SttCapabilities
from voicegw.engines.vad import Deaf
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.understanding import Completeness
from voicegw.wire.messages import FRAME_BYTES, RATE_HZ, Frame
from voicegw.worker.clock import MediaClock
from voicegw.worker.ears import Ears, Transcript
from voicegw.worker.transcribing import Transcribing


class SharedEar:
    """Its turn to look ahead never comes; who waits is heard at once."""

    def __init__(self) -> None:
        self.capabilities = SttCapabilities(frozenset({"en"}), RATE_HZ, streams=False, grammars=False)
        self.asked: list[bool] = []
        """Whether it was only to look ahead, each time."""

    def recognizer(self, rate_hz: int, expecting: Expecting | None = None) -> "SharedUtterance":
        return SharedUtterance(self.asked)

    def warm_up(self) -> None:
        pass


class SharedUtterance:
    def __init__(self, asked: list[bool]) -> None:
        self._asked = asked
        self._unwanted = threading.Event()
        self._samples = 0

    def feed(self, pcm: np.ndarray) -> None:
        self._samples += len(pcm)

    def give_up(self) -> None:
        self._unwanted.set()

    def decode(self, *, final: bool, ahead: bool = False) -> Hypothesis:
        self._asked.append(ahead)
        if ahead:
            assert self._unwanted.wait(10), "nobody gave it up"
            raise GivenUp
        return Hypothesis(f"{self._samples} samples", 0.9, 0)


@pytest.fixture
def hearing():
    with ThreadPoolExecutor(1) as executor:
        yield executor


def speak(ears: Ears, frames: int) -> None:
    for _ in range(frames):
        ears.hear(Frame(0, bytes(FRAME_BYTES), b""))


async def test_a_look_ahead_gives_way_and_no_sound_is_lost(hearing) -> None:
    ear, found = SharedEar(), asyncio.Queue[Transcript]()
    ears = Ears(ear, Deaf(), None, lambda text, expecting: Completeness.COMPLETE, hearing)
    transcribing = Transcribing(ears, MediaClock(), found.put_nowait)
    ears.begin(0, 0)
    speak(ears, 5)
    transcribing.want(speaking=True)
    await asyncio.sleep(0.02)
    speak(ears, 3)
    transcribing.want()
    async with asyncio.timeout(10):
        transcript = await found.get()
    assert transcript.heard.text == f"{8 * FRAME_BYTES // 2} samples"
    assert ear.asked == [True, False]


async def test_what_is_looked_for_ahead_is_given_up_with_its_utterance(hearing) -> None:
    ear = SharedEar()
    ears = Ears(ear, Deaf(), None, lambda text, expecting: Completeness.COMPLETE, hearing)
    ears.begin(0, 0)
    speak(ears, 5)
    asked = asyncio.create_task(ears.transcribe(ahead=True))
    await asyncio.sleep(0.02)
    ears.drop()
    async with asyncio.timeout(10):
        assert await asked is None
