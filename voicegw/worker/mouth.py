"""The mouth of a call: text in, speech sent to the cell, and what of it the caller has heard."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from voicegw import log
from voicegw.call.clauses import split
from voicegw.call.commands import Say
from voicegw.engines.cache import CachedSpeech
from voicegw.wire.link import Link
from voicegw.wire.messages import RATE_HZ, ClearPlayout, PlayoutEnded, PlayoutStarted, Speech, SpeechEnded

logger = log.get_logger()

PIECE_SAMPLES = RATE_HZ // 2
"""Speech goes to the cell in pieces of at most half a second, so that a cancelled sentence stops being sent."""
SEND_RETRY_S = 0.005


@dataclass(frozen=True)
class Clause:
    """A piece of an utterance, as it was spoken."""

    text: str
    duration_ms: float


@dataclass
class Utterance:
    """One ``Say`` on its way to the caller's ear."""

    number: int
    say: Say
    clauses: list[Clause] = field(default_factory=list)
    """Appended by the speaking thread only."""
    cancelled: bool = False
    """Set by the event loop only; the speaking thread stops at the next piece."""
    first_audio_at: float | None = None
    """Monotonic seconds; set once, by the speaking thread."""
    cached: bool = False
    prepared: bool = False
    """The first clause had been made ahead."""
    started_ms: int | None = None
    """Media time of its first packet."""

    def heard_text(self, heard_ms: float) -> str:
        """The words within the first ``heard_ms`` of playout; a word cut in its middle was not heard."""
        words: list[str] = []
        left_ms = heard_ms
        for clause in self.clauses:
            if left_ms >= clause.duration_ms - 40:
                words.append(clause.text)
                left_ms -= clause.duration_ms
                continue
            parts = clause.text.split()
            words += parts[: int(len(parts) * max(left_ms, 0) / max(clause.duration_ms, 1))]
            break
        return " ".join(words)


class Mouth:
    """Speaks for one call. Belongs to the worker's event loop; synthesis runs in a thread of its own.

    The executor must have one thread: utterances are spoken in the order they were asked for.
    """

    def __init__(self, link: Link, speech: CachedSpeech, executor: Executor, speed: float = 1.0) -> None:
        self._link = link
        self._speech = speech
        self._executor = executor
        self._speed = speed
        self._next_number = 1
        self._utterances: dict[int, Utterance] = {}
        self._prepared: dict[tuple[str, float], list[np.ndarray]] = {}
        """By clause and speed."""
        self.words = ""
        """Of what is being played, or was played last."""

    @property
    def busy(self) -> bool:
        """Something is being said, or will be."""
        return bool(self._utterances)

    @property
    def speaking(self) -> Utterance | None:
        """The utterance that is being played, or will be next."""
        return next(iter(self._utterances.values()), None)

    def say(self, say: Say) -> Utterance:
        """Speak ``say.text`` after what is being said now."""
        return self.say_clauses(say, split(say.text))

    def say_clauses(self, say: Say, clauses: Iterable[str]) -> Utterance:
        """The same for text that is still being written: ``clauses`` is iterated in the speaking thread."""
        utterance = Utterance(self._next_number, say)
        self._next_number += 1
        self._utterances[utterance.number] = utterance
        self._run(self._speak, utterance, clauses)
        return utterance

    def prepare(self, say: Say) -> None:
        """Make the first clause of ``say`` ahead: it may be said soon."""
        clauses = split(say.text)
        if clauses:
            self._run(self._make_ahead, clauses[0], self._speed_of(say))

    def _speed_of(self, say: Say) -> float:
        return self._speed * say.speed

    def forget_prepared(self) -> None:
        """What was made ahead is not needed (any more)."""
        self._prepared = {}

    def stop(self) -> None:
        """Be silent now. ``PlayoutEnded`` comes for what the cell had begun."""
        for utterance in self._utterances.values():
            utterance.cancelled = True
        self._link.send(ClearPlayout())
        # The cell has never heard of those whose first piece was not sent: they are over now.
        self._utterances = {n: u for n, u in self._utterances.items() if u.first_audio_at is not None}

    def on_started(self, message: PlayoutStarted) -> Utterance | None:
        """The cell began to play it."""
        utterance = self._utterances.get(message.utterance)
        if utterance:
            utterance.started_ms = message.at_ms
            self.words = utterance.say.text
        return utterance

    def on_ended(self, message: PlayoutEnded) -> Utterance | None:
        """The cell has played it, or dropped the rest."""
        return self._utterances.pop(message.utterance, None)

    # --- in the speaking thread -----------------------------------------------------------------------------

    def _run(self, job: Callable[..., None], *arguments: object) -> None:
        self._executor.submit(self._guarded, job, *arguments)

    def _guarded(self, job: Callable[..., None], *arguments: object) -> None:
        try:
            job(*arguments)
        except ConnectionError:
            pass  # the call is over
        except Exception:  # the edge of a thread: the call goes on, without this sentence
            logger.exception("speech.failed")
            for utterance in (argument for argument in arguments if isinstance(argument, Utterance)):
                self._link.send(SpeechEnded(utterance.number))

    def _speak(self, utterance: Utterance, clauses: Iterable[str]) -> None:
        for clause, last in _marking_the_last(clauses):
            samples = 0
            for pcm in self._pieces(utterance, clause, last):
                if utterance.cancelled:
                    return
                if utterance.first_audio_at is None:
                    utterance.first_audio_at = time.monotonic()
                self._send(utterance, pcm)
                samples += len(pcm)
            utterance.clauses.append(Clause(clause, samples * 1000 / RATE_HZ))
        if not utterance.cancelled:
            if utterance.first_audio_at is None:
                utterance.first_audio_at = time.monotonic()
            self._link.send(SpeechEnded(utterance.number))

    def _pieces(self, utterance: Utterance, clause: str, last: bool) -> Iterator[np.ndarray]:
        first = not utterance.clauses
        speed = self._speed_of(utterance.say)
        ready = self._prepared.pop((clause, speed), None)
        if ready is not None:
            utterance.prepared = utterance.prepared or first
            yield from ready
            return
        pieces = self._speech.speak(clause, speed=speed, keep=utterance.say.repeats, more=not last)
        if first:
            utterance.cached = pieces.cached
        for pcm in pieces:
            for start in range(0, len(pcm), PIECE_SAMPLES):
                yield pcm[start : start + PIECE_SAMPLES]

    def _make_ahead(self, clause: str, speed: float) -> None:
        if (clause, speed) not in self._prepared:
            self._prepared[clause, speed] = list(self._speech.speak(clause, speed=speed, keep=False, more=True))

    def _send(self, utterance: Utterance, pcm: np.ndarray) -> None:
        message = Speech(utterance.number, pcm.astype("<i2", copy=False).tobytes())
        while not self._link.send(message):
            if utterance.cancelled:
                return
            time.sleep(SEND_RETRY_S)  # the cell has seconds of speech queued: it is in no hurry


def _marking_the_last(clauses: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Each clause as soon as it is known not to be the last, and the last."""
    waiting: str | None = None
    for clause in clauses:
        if waiting is not None:
            yield waiting, False
        waiting = clause
    if waiting is not None:
        yield waiting, True
