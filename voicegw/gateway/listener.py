"""``python -m voicegw.gateway.listener``: hears for all calls of a machine.

Whisper is in memory once instead of once for each call, and whoever is being decoded is not interrupted by the
others: as many are at a time as there are processors, the rest wait their turn. Workers come by a Unix socket that the
service listens on (so they may come while this process is being replaced). Settings come as JSON on standard input.
"""

import json
import os
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import click
import numpy as np

from voicegw import config, log
from voicegw.config import Settings
from voicegw.engines import registry
from voicegw.engines.stt import Recognizer, SpeechToText
from voicegw.engines.turns_to_hear import TurnsToHear
from voicegw.errors import EngineError, SetupError, WireError
from voicegw.nlu.expecting import Expecting
from voicegw.wire.link import Link
from voicegw.wire.messages import (
    ListenerReady,
    Message,
    Speech,
    Stop,
    UtteranceBegan,
    WordsHeard,
    WordsUnwanted,
    WordsWanted,
)

logger = log.get_logger()

LOOK_S = 1.0
STUCK_S = 15.0
"""No utterance takes so long: an engine that does is replaced, with this process."""

MakeEar = Callable[[str], SpeechToText]
"""By language."""


@dataclass
class Caller:
    """A worker that is connected, and its utterance. The utterance belongs to whoever decodes it meanwhile."""

    link: Link
    utterance: int = -1
    recognizer: Recognizer | None = None
    sound: list[np.ndarray] = field(default_factory=list)
    """That the recogniser has not been fed yet."""


@dataclass(frozen=True)
class Job:
    """Words that a worker waits for."""

    caller: Caller
    utterance: int
    recognizer: Recognizer
    sound: list[np.ndarray]
    ahead: bool
    """Nobody waits for them yet."""


class Listener:
    """One process has one. All of it belongs to the main thread, but for decoding.

    :param link: to the service.
    :param door: listens for workers.
    :param make_ear: takes its time when a language is first heard of.
    """

    def __init__(self, link: Link, door: socket.socket, make_ear: MakeEar) -> None:
        self._link = link
        self._door = door
        self._make_ear = make_ear
        self._ears: dict[str, SpeechToText] = {}
        self._turns = TurnsToHear[Job]()
        #: By thread, when it began with its job. Each written by its thread only.
        self._busy_since: dict[int, float] = {}
        self._selector = selectors.DefaultSelector()
        self._running = True

    def learn(self, languages: Iterable[str]) -> None:
        """Be ready to hear these.

        :raises SetupError: one of them cannot be heard here.
        """
        for language in languages:
            self._ear(language)

    def run(self, engines: int) -> None:
        """Until the service says ``Stop`` or is gone."""
        for _ in range(engines):
            threading.Thread(target=self._decode_for_ever, daemon=True).start()
        self._selector.register(self._link, selectors.EVENT_READ, self._read_service)
        self._door.setblocking(False)
        self._selector.register(self._door, selectors.EVENT_READ, self._let_in)
        self._link.send(ListenerReady(os.getpid()))
        while self._running:
            for key, _ in self._selector.select(LOOK_S):
                key.data()
            self._end_if_stuck(time.monotonic())

    def close(self) -> None:
        """Let everybody go."""
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, Link):
                key.fileobj.close()
        self._selector.close()
        self._door.close()

    # --- messages -------------------------------------------------------------------------------------------

    def _read_service(self) -> None:
        try:
            while (message := self._link.receive()) is not None:
                self._running = self._running and not isinstance(message, Stop)
        except (ConnectionError, WireError):
            self._running = False

    def _let_in(self) -> None:
        try:
            sock, _ = self._door.accept()
        except BlockingIOError:
            return
        caller = Caller(Link(sock))
        self._selector.register(caller.link, selectors.EVENT_READ, partial(self._read_worker, caller))
        self._answer(caller, ListenerReady(os.getpid()))

    def _read_worker(self, caller: Caller) -> None:
        try:
            while (message := caller.link.receive()) is not None:
                self._on_worker(caller, message)
        except (ConnectionError, WireError, SetupError) as error:
            logger.debug("listener.worker_gone", reason=str(error))
            self._turns.give_up(id(caller))
            self._selector.unregister(caller.link)
            caller.link.close()

    def _on_worker(self, caller: Caller, message: Message) -> None:
        match message:
            case UtteranceBegan(utterance=utterance, language=language, rate_hz=rate_hz, expecting=expecting):
                caller.utterance, caller.sound = utterance, []
                caller.recognizer = self._ear(language).recognizer(rate_hz, _expecting(expecting))
            case Speech(pcm=pcm):
                caller.sound.append(np.frombuffer(pcm, "<i2"))
            case WordsWanted(utterance=utterance, ahead=ahead) if caller.recognizer and utterance == caller.utterance:
                job = Job(caller, utterance, caller.recognizer, caller.sound, ahead)
                caller.sound = []
                self._turns.put(id(caller), job, ahead=job.ahead)
            case WordsUnwanted():
                self._give_up(caller)
            case _:
                raise WireError(f"a listener has no use for {type(message).__name__}")

    def _give_up(self, caller: Caller) -> None:
        job = self._turns.give_up(id(caller))
        if job:
            caller.sound = [*job.sound, *caller.sound]
            self._answer(caller, WordsHeard(job.utterance, given_up=True))

    def _ear(self, language: str) -> SpeechToText:
        if language not in self._ears:
            self._ears[language] = self._make_ear(language)
        return self._ears[language]

    # --- decoding, in threads of their own ------------------------------------------------------------------

    def _decode_for_ever(self) -> None:
        thread = threading.get_ident()
        for ear in tuple(self._ears.values()):
            ear.warm_up()  # each thread has memory and a copy of the engine's buffers to itself
        while True:
            job = self._turns.take()
            self._busy_since[thread] = time.monotonic()
            self._answer(job.caller, _words(job))
            self._busy_since.pop(thread)

    def _answer(self, caller: Caller, message: Message) -> None:
        """A worker that is gone is found out by its link."""
        try:
            if not caller.link.send(message):
                logger.warning("listener.worker_does_not_read", message=type(message).__name__)
        except OSError:
            pass

    def _end_if_stuck(self, now: float) -> None:
        if any(now - since > STUCK_S for since in list(self._busy_since.values())):
            logger.error("listener.stuck", hint="it is started again, and what it was asked for is asked again")
            self._running = False


def _words(job: Job) -> WordsHeard:
    """Blocks for as long as decoding takes."""
    try:
        for pcm in job.sound:
            job.recognizer.feed(pcm)
        heard = job.recognizer.decode(final=False, ahead=job.ahead)
    except EngineError as error:
        return WordsHeard(job.utterance, error=str(error))
    except Exception as error:  # the edge of a call: others are heard by this thread, too
        logger.exception("listener.failed")
        return WordsHeard(job.utterance, error=repr(error))
    return WordsHeard(job.utterance, heard.text, heard.confidence, heard.audio_ms, list(heard.alternatives))


def _expecting(values: dict[str, object]) -> Expecting:
    """From JSON, which knows no tuples."""
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return Expecting(**fields)  # type: ignore[arg-type]


def _make_ear(settings: Settings, engines: int, language: str) -> SpeechToText:
    ear = registry.speech_to_text(settings, language, at_once=engines)
    ear.warm_up()
    return ear


@click.command()
@click.option("--link-fd", type=int, required=True)
@click.option("--door-fd", type=int, required=True)
def main(link_fd: int, door_fd: int) -> None:
    """Hear until the service stops."""
    told = json.load(sys.stdin)
    settings = config.from_values(told["settings"])
    log.configure_from(settings.log)
    os.nice(settings.workers.nice)
    engines = len(os.sched_getaffinity(0))
    listener = Listener(Link.from_fd(link_fd), socket.socket(fileno=door_fd), partial(_make_ear, settings, engines))
    try:
        listener.learn(told["languages"])
    except SetupError as error:
        click.echo(f"voicegw: {error}", err=True)
        sys.exit(error.exit_code)
    listener.run(engines)


if __name__ == "__main__":
    main(standalone_mode=False)
    sys.stderr.flush()
    os._exit(0)  # engines in the middle of an utterance have nothing left to say
