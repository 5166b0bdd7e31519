"""One process hears for many calls: who goes first, what is given up, and what becomes of an utterance when it dies."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from voicegw.engines.providers import shared_stt
from voicegw.engines.providers.shared_stt import SharedRecognizer, SharedSpeechToText
from voicegw.engines.stt import GivenUp, Hypothesis, SttCapabilities
from voicegw.errors import EngineError
from voicegw.gateway.listener import Listener
from voicegw.nlu.expecting import Expecting
from voicegw.wire import link as wire_link
from voicegw.wire.messages import ListenerReady, Stop

RATE_HZ = 8000


class Ear:
    """Hears how many samples there are. While it is held, decoding waits."""

    def __init__(self) -> None:
        self.capabilities = SttCapabilities(frozenset({"en"}), RATE_HZ, streams=False, grammars=False)
        self.free = threading.Event()
        self.free.set()
        self.began: list[str] = []
        """What was expected in each decoding, in order."""

    def recognizer(self, rate_hz: int, expecting: Expecting | None = None) -> "Counting":
        return Counting(self, expecting or Expecting())

    def warm_up(self) -> None:
        pass


class Counting:
    def __init__(self, ear: Ear, expecting: Expecting) -> None:
        self._ear = ear
        self._expecting = expecting
        self._samples = 0

    def feed(self, pcm: np.ndarray) -> None:
        self._samples += len(pcm)

    def decode(self, *, final: bool, ahead: bool = False) -> Hypothesis:
        self._ear.began.append(self._expecting.slot)
        assert self._ear.free.wait(20)
        if self._expecting.kind == "broken":
            raise EngineError("out of order")
        return Hypothesis(f"{self._samples} {self._expecting.phrases}", 0.5, 20, alternatives=("some",))


class Service:
    """Keeps a door, behind which there may be a listener."""

    def __init__(self, folder: Path) -> None:
        self.door = folder / "socket"
        self.listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listening.bind(str(self.door))
        self.listening.listen()
        self.link, self._theirs = wire_link.pair()
        self.thread = threading.Thread()

    def begin(self, ear: Ear) -> None:
        """One engine behind the door."""
        self.link, theirs = wire_link.pair()
        listener = Listener(theirs, self.listening.dup(), lambda language: ear)
        self.thread = threading.Thread(target=lambda: (listener.run(1), listener.close()))
        self.thread.start()

    def end(self) -> None:
        if self.thread.is_alive():
            self.link.send(Stop())
            self.thread.join(10)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    service.end()
    service.listening.close()


def alone() -> Ear:
    raise AssertionError("nobody should hear by themselves")


def worker(service: Service, make_own: Callable[[], Ear] = alone) -> SharedSpeechToText:
    return SharedSpeechToText(service.door, "en", make_own)


def utterance(worker: SharedSpeechToText, slot: str = "", samples: int = 100, kind: str = "any") -> SharedRecognizer:
    recognizer = worker.recognizer(RATE_HZ, Expecting(kind, slot, phrases=("gas", "water")))
    recognizer.feed(np.ones(samples, np.int16))
    return recognizer


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def later(recognizer: SharedRecognizer, *, ahead: bool = False) -> "Future[Hypothesis]":
    return ThreadPoolExecutor(1).submit(recognizer.decode, final=False, ahead=ahead)


def test_an_utterance_is_heard_with_what_was_asked_and_goes_on(service: Service) -> None:
    service.begin(Ear())
    recognizer = utterance(worker(service), samples=200_000)  # more than one message holds
    heard = recognizer.decode(final=False)
    assert (heard.text, heard.confidence, heard.alternatives) == ("200000 ('gas', 'water')", 0.5, ("some",))
    assert heard.decode_ms > 0
    recognizer.feed(np.ones(50, np.int16))
    assert recognizer.decode(final=False).text == "200050 ('gas', 'water')"


def test_who_waits_goes_before_who_still_speaks(service: Service) -> None:
    ear = Ear()
    service.begin(ear)
    ear.free.clear()
    first = later(utterance(worker(service), "first"))
    until(lambda: ear.began == ["first"])
    ahead = utterance(worker(service), "ahead")
    waiting = [first, later(ahead, ahead=True)]
    time.sleep(0.05)
    waiting.append(later(utterance(worker(service), "waits")))
    time.sleep(0.05)
    ear.free.set()
    assert all(each.result(10) for each in waiting)
    assert ear.began == ["first", "waits", "ahead"]


def test_what_nobody_wants_any_more_is_not_decoded_and_its_sound_is_kept(service: Service) -> None:
    ear = Ear()
    service.begin(ear)
    ear.free.clear()
    first = later(utterance(worker(service), "first"))
    until(lambda: ear.began == ["first"])
    recognizer = utterance(worker(service), "second")
    recognizer.give_up()  # nothing has been asked yet
    second = later(recognizer)
    time.sleep(0.05)
    recognizer.give_up()
    with pytest.raises(GivenUp):
        second.result(10)
    ear.free.set()
    assert first.result(10)
    recognizer.feed(np.ones(11, np.int16))
    assert recognizer.decode(final=False).text.startswith("111 ")
    assert ear.began == ["first", "second"]


def test_an_engine_that_fails_fails_one_utterance(service: Service) -> None:
    service.begin(Ear())
    ears = worker(service)
    with pytest.raises(EngineError, match="out of order"):
        utterance(ears, kind="broken").decode(final=False)
    assert utterance(ears).decode(final=False).text


def test_an_utterance_survives_the_listener_and_is_asked_of_the_next(service: Service) -> None:
    ears = worker(service)
    service.begin(Ear())
    recognizer = utterance(ears)
    assert recognizer.decode(final=False).text.startswith("100 ")
    service.end()
    recognizer.feed(np.ones(20, np.int16))
    asked = later(recognizer)
    time.sleep(0.1)
    service.begin(Ear())
    assert asked.result(10).text.startswith("120 "), "all of it, not only what is new"


def test_without_a_listener_a_worker_hears_by_itself(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_stt, "PATIENCE_S", 0.1)
    made: list[Ear] = []

    def make_own() -> Ear:
        made.append(Ear())
        return made[-1]

    recognizer = utterance(worker(service, make_own))
    assert recognizer.decode(final=False).text.startswith("100 ")
    recognizer.feed(np.ones(1, np.int16))
    assert recognizer.decode(final=False).text.startswith("101 ")
    assert len(made) == 1


def test_one_that_sends_nonsense_is_let_go_and_others_are_heard(service: Service) -> None:
    service.begin(Ear())
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as stranger:
        stranger.connect(str(service.door))
        link = wire_link.Link(stranger)
        until(lambda: isinstance(link.receive(), ListenerReady))
        stranger.send(b"\xff nonsense")
        with pytest.raises(ConnectionError):
            until(link.receive)
    assert utterance(worker(service)).decode(final=False).text
