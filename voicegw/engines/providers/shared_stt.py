"""Hearing by the listener, the process that hears for all calls of a machine.

It may die in the middle of an utterance: its sound is kept here until its end, so it is asked for again of the next
one, or, should none come, of an engine of our own.
"""

import contextlib
import select
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from voicegw import log
from voicegw.audio.mel import RATE_HZ
from voicegw.engines.stt import GivenUp, Hypothesis, Recognizer, SpeechToText, SttCapabilities
from voicegw.errors import EngineError, WireError
from voicegw.nlu.expecting import Expecting
from voicegw.wire.link import Link
from voicegw.wire.messages import (
    ListenerReady,
    Message,
    Speech,
    UtteranceBegan,
    WordsHeard,
    WordsUnwanted,
    WordsWanted,
)

logger = log.get_logger()
Kind = TypeVar("Kind")

PATIENCE_S = 2.5
"""For a listener that has died to be replaced; then we hear by ourselves, to the end of the call."""
START_S = 10.0
"""The same where no caller waits yet, and the machine is busy with starting."""
REPLY_S = 20.0
"""One that is connected and says nothing for so long hangs. A busy one takes long, and loading engines of our own then
would only make the machine busier."""
MOST_LISTENERS = 2
"""That are asked for an utterance: should it be what they die of, the others are left to hear."""
PIECE_BYTES = 64_000


class SharedSpeechToText:
    """One worker's way to the listener. Belongs to the worker's hearing thread, but for ``SharedRecognizer.give_up``.

    :param door: the Unix socket of the listener.
    :param make_own: makes an engine in this process.
    """

    def __init__(self, door: Path, language: str, make_own: Callable[[], SpeechToText]) -> None:
        self.capabilities = SttCapabilities(frozenset({language}), RATE_HZ, streams=False, grammars=False)
        self.language = language
        self._door = door
        self._make_own = make_own
        self._own: SpeechToText | None = None
        self._link: Link | None = None
        self._utterances = 0

    def recognizer(self, rate_hz: int, expecting: Expecting | None = None) -> "SharedRecognizer":
        """Begin an utterance."""
        self._utterances += 1
        return SharedRecognizer(self, self._utterances, rate_hz, expecting or Expecting())

    def warm_up(self) -> None:
        """Be connected: the listener is warm."""
        if self._connected(START_S) is None:
            self._by_ourselves()

    def hear(self, utterance: "SharedRecognizer", *, ahead: bool) -> Hypothesis:
        """The words in all of its sound.

        :raises GivenUp: it was, before its turn had come.
        :raises EngineError: the engine failed.
        """
        for _ in range(MOST_LISTENERS if self._own is None else 0):
            link = self._connected(PATIENCE_S)
            if link is None:
                break
            try:
                return self._ask(link, utterance, ahead=ahead)
            except (OSError, WireError) as error:
                logger.warning("hearing.lost", reason=str(error))
                link.close()
                self._link = None
        return utterance.decode_by(self._by_ourselves(), ahead=ahead)

    def tell(self, message: Message) -> None:
        """From any thread; a listener that is gone need not hear it."""
        link = self._link
        if link:
            with contextlib.suppress(OSError):
                link.send(message)

    def _by_ourselves(self) -> SpeechToText:
        if self._own is None:
            logger.warning("hearing.alone", hint="the log lines of the listener say why it is not there")
            self._own = self._make_own()
        return self._own

    def _connected(self, within_s: float) -> Link | None:
        """The link to a listener that hears; None: there is none in time."""
        if self._link:
            return self._link
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            sock.settimeout(within_s)
            sock.connect(str(self._door))
            link = Link(sock)
            _receive(link, ListenerReady, time.monotonic() + within_s)
        except (OSError, WireError) as error:
            logger.warning("hearing.no_listener", reason=str(error))
            sock.close()
            return None
        self._link = link
        return link

    def _ask(self, link: Link, utterance: "SharedRecognizer", *, ahead: bool) -> Hypothesis:
        until = time.monotonic() + REPLY_S
        for message in (*utterance.untold(link), WordsWanted(utterance.number, ahead)):
            _send(link, message, until)
        while (heard := _receive(link, WordsHeard, until)).utterance != utterance.number:
            pass
        if heard.given_up:
            raise GivenUp
        if heard.error:
            raise EngineError(heard.error)
        return Hypothesis(heard.text, heard.confidence, heard.audio_ms, alternatives=tuple(heard.alternatives))


class SharedRecognizer:
    """One utterance, with all of its sound."""

    def __init__(self, engine: SharedSpeechToText, number: int, rate_hz: int, expecting: Expecting) -> None:
        self.number = number
        self._engine = engine
        self._rate_hz = rate_hz
        self._expecting = expecting
        self._sound: list[np.ndarray] = []
        self._told_to: Link | None = None
        self._told = 0
        """Pieces of sound that ``_told_to`` has."""
        self._own: Recognizer | None = None
        self._asking = False

    def feed(self, pcm: np.ndarray) -> None:
        """Append int16 mono samples at the rate given to ``recognizer``."""
        if len(pcm):
            self._sound.append(pcm)

    def give_up(self) -> None:
        """See ``TakesTurns``."""
        if self._asking:
            self._engine.tell(WordsUnwanted(self.number))

    def decode(self, *, final: bool, ahead: bool = False) -> Hypothesis:
        """The words so far.

        :raises GivenUp: see ``TakesTurns``.
        """
        began = time.perf_counter()
        self._asking = True
        try:
            heard = self._engine.hear(self, ahead=ahead)
        finally:
            self._asking = False
        return replace(heard, decode_ms=round((time.perf_counter() - began) * 1000, 1))

    def untold(self, link: Link) -> list[Message]:
        """What the listener at the other end must be told to hear all of it."""
        messages: list[Message] = []
        if self._told_to is not link:
            self._told_to, self._told = link, 0
            expecting = asdict(self._expecting)
            messages.append(UtteranceBegan(self.number, self._engine.language, self._rate_hz, expecting))
        sound = b"".join(pcm.astype("<i2", copy=False).tobytes() for pcm in self._sound[self._told :])
        self._told = len(self._sound)
        messages += [
            Speech(self.number, sound[begin : begin + PIECE_BYTES]) for begin in range(0, len(sound), PIECE_BYTES)
        ]
        return messages

    def decode_by(self, engine: SpeechToText, *, ahead: bool) -> Hypothesis:
        """Without the listener."""
        if self._own is None:
            self._own = engine.recognizer(self._rate_hz, self._expecting)
            self._told = 0
        for pcm in self._sound[self._told :]:
            self._own.feed(pcm)
        self._told = len(self._sound)
        return self._own.decode(final=False, ahead=ahead)


def _send(link: Link, message: Message, until: float) -> None:
    """:raises OSError: the other side is gone, or does not read."""
    while not link.send(message):
        _wait(link, select.POLLOUT, until)


def _receive(link: Link, kind: type[Kind], until: float) -> Kind:
    """The next message, which must be of this kind.

    :raises OSError: the other side is gone, or silent until then (monotonic seconds).
    :raises WireError: it says something else.
    """
    while (message := link.receive()) is None:
        _wait(link, select.POLLIN, until)
    if not isinstance(message, kind):
        raise WireError(f"a listener sent {type(message).__name__}")
    return message


def _wait(link: Link, what: int, until: float) -> None:
    poll = select.poll()
    poll.register(link, what)
    if not poll.poll(max(until - time.monotonic(), 0) * 1000):
        raise TimeoutError("it says nothing")
