"""The ears of a call: frames in, voice activity and transcripts out."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from voicegw.call.backchannel import is_backchannel
from voicegw.call.orders import Heard
from voicegw.call.turns import FRAME_MS
from voicegw.engines.embed import SentenceEmbedder
from voicegw.engines.stt import GivenUp, Hypothesis, Recognizer, SpeechToText, TakesTurns, reminded
from voicegw.engines.vad import FrameActivity, VoiceActivity
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.understanding import Completeness
from voicegw.wire.messages import RATE_HZ, Frame

PRE_ROLL_MS = 240
"""Audio before the onset that belongs to the utterance: soft consonants come before the voice."""

KEPT_FRAMES = 150
"""Audio kept for utterances that begin, or go on, before now."""

JudgeWords = Callable[[str, Expecting], Completeness]


@dataclass(frozen=True)
class Transcript:
    """What was heard in one decoding, with its sentence vector."""

    heard: Heard
    vector: np.ndarray | None
    decode_ms: float
    asked: str
    """The kind of value that had been asked for."""


class Utterance:
    """One utterance's recogniser and the audio that it has not been fed yet.

    Frames are appended on the event loop; feeding and decoding happen in the executor, one job at a time.
    """

    def __init__(self, recognizer: Recognizer, expecting: Expecting, frames: list[bytes], until_ms: int) -> None:
        self._recognizer = recognizer
        self.expecting = expecting
        """What had been asked for when it began: the agent may have decided on the next question by its end."""
        self._waiting = frames
        self._until_ms = until_ms

    def append(self, heard: bytes, until_ms: int) -> None:
        """Audio up to ``until_ms``."""
        self._waiting.append(heard)
        self._until_ms = until_ms

    @property
    def until_ms(self) -> int:
        """Media time of the end of its audio."""
        return self._until_ms

    def take(self) -> tuple[np.ndarray, int]:
        """The audio not yet fed, and the media time of its end."""
        pcm = np.frombuffer(b"".join(self._waiting), dtype=np.int16)
        self._waiting = []
        return pcm, self._until_ms

    def decode(self, pcm: np.ndarray, *, ahead: bool) -> Hypothesis:
        """In the executor: feed ``pcm``, then decode all so far.

        :raises GivenUp: it was, before its turn had come.
        """
        self._recognizer.feed(pcm)
        return self._recognizer.decode(final=False, ahead=ahead)

    def give_up(self) -> None:
        """Nobody wants what is being decoded."""
        if isinstance(self._recognizer, TakesTurns):
            self._recognizer.give_up()


class Ears:
    """Hears one call. Belongs to the worker's event loop."""

    def __init__(
        self,
        stt: SpeechToText,
        vad: VoiceActivity,
        embedder: SentenceEmbedder | None,
        judge_words: JudgeWords,
        executor: Executor,
    ) -> None:
        self._stt = stt
        self._vad = vad
        self._embedder = embedder
        self._judge_words = judge_words
        self._executor = executor
        self._past: deque[bytes] = deque(maxlen=KEPT_FRAMES)
        self._utterance: Utterance | None = None
        self._finished: Utterance | None = None
        """The last one that the caller may still go on with."""
        self._number: Hypothesis | None = None
        """The last number that was heard, with what else it may be."""
        self.expecting = Expecting()
        self.closing = False
        """The agent is saying goodbye."""

    @property
    def softest_dbfs(self) -> float:
        """A frame softer than this has no voice."""
        return self._vad.softest_dbfs

    def hear(self, frame: Frame) -> FrameActivity:
        """One frame: kept for the utterance, and judged for voice."""
        self._past.append(frame.heard)
        if self._utterance:
            self._utterance.append(frame.heard, frame.at_ms + FRAME_MS)
        return self._vad.feed(frame.heard, frame.played)

    def begin(self, from_ms: int, now_ms: int, *, continues: bool = False) -> None:
        """An utterance began at ``from_ms``; ``now_ms`` is the end of the last frame.

        :param continues: it goes on with the one that was finished last: both are transcribed as one.
        """
        if continues and self._finished:
            self._utterance = self._finished
            for heard in self._last_frames(now_ms - self._finished.until_ms):
                self._utterance.append(heard, now_ms)
            return
        audio = self._last_frames(now_ms - from_ms + PRE_ROLL_MS)
        recognizer = self._stt.recognizer(RATE_HZ, reminded(self.expecting, self._number))
        self._utterance = Utterance(recognizer, self.expecting, audio, now_ms)

    def finish(self) -> None:
        """The turn is over; keep its utterance in case the caller goes on."""
        self.give_up()
        self._finished, self._utterance = self._utterance, None

    def drop(self, *, may_go_on: bool = False) -> None:
        """Forget the utterance, or keep it in case another goes on with it."""
        self.give_up()
        if may_go_on:
            self._finished = self._utterance
        self._utterance = None

    def _last_frames(self, duration_ms: int) -> list[bytes]:
        frames = min(max(duration_ms // FRAME_MS, 0), len(self._past))
        return list(self._past)[len(self._past) - frames :]

    def give_up(self) -> None:
        """Nobody wants what is being decoded: if its turn has not come, others are heard instead."""
        if self._utterance:
            self._utterance.give_up()

    async def transcribe(self, *, ahead: bool = False) -> Transcript | None:
        """The words so far; None if the utterance was dropped meanwhile, or they were given up.

        :param ahead: nobody waits for them yet.
        :raises EngineError: the engine failed.
        """
        utterance = self._utterance
        if utterance is None:
            return None
        pcm, until_ms = utterance.take()
        loop = asyncio.get_running_loop()
        try:
            hypothesis, vector = await loop.run_in_executor(self._executor, self._decode, utterance, pcm, ahead)
        except GivenUp:
            return None
        if utterance is not self._utterance:
            return None
        self._number = hypothesis if hypothesis.alternatives else self._number
        heard = Heard(
            text=hypothesis.text,
            confidence=hypothesis.confidence,
            completeness=self._judge_words(hypothesis.text, utterance.expecting),
            until_ms=until_ms,
            backchannel=is_backchannel(hypothesis.text, utterance.expecting, closing=self.closing),
        )
        return Transcript(heard, vector, hypothesis.decode_ms, utterance.expecting.kind)

    def _decode(self, utterance: Utterance, pcm: np.ndarray, ahead: bool) -> tuple[Hypothesis, np.ndarray | None]:
        hypothesis = utterance.decode(pcm, ahead=ahead)
        if not hypothesis.text or self._embedder is None:
            return hypothesis, None
        return hypothesis, self._embedder.embed([hypothesis.text])[0]
