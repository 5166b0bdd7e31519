"""Transcripts when they are wanted: one decoding at a time, and the next takes all the audio since."""

import asyncio
from collections.abc import Callable

import numpy as np

from voicegw import log
from voicegw.call.orders import Heard
from voicegw.errors import EngineError
from voicegw.worker.clock import MediaClock
from voicegw.worker.ears import Ears, Transcript

logger = log.get_logger()

QUICK_MS = 200.0
"""A decoder that takes longer has no time to look ahead: the machine is busy, or the utterance is long."""


class Transcribing:
    """Asks the ears of one call. Belongs to the worker's event loop.

    :param done: is given each transcript.
    """

    def __init__(self, ears: Ears, clock: MediaClock, done: Callable[[Transcript], None]) -> None:
        self.ready_ms: float | None = None
        """Media time at which the last transcript was there."""
        self._ears = ears
        self._clock = clock
        self._done = done
        self._last: Transcript | None = None
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self._ahead = False
        """What was wanted last was only to look ahead."""
        self._took_ms = 0.0
        """By the last decoding."""

    def want(self, *, speaking: bool = False) -> None:
        """Transcribe the utterance so far, now or right after the decoding that is on.

        :param speaking: only to look ahead: not if that could delay what is wanted more.
        """
        busy = self._task is not None and not self._task.done()
        if speaking and (busy or self._took_ms > QUICK_MS):
            return
        if busy and self._ahead:
            self._ears.give_up()
        self._again, self._ahead = True, speaking
        if not busy:
            self._task = asyncio.create_task(self._run())

    def vector_of(self, heard: Heard) -> np.ndarray | None:
        """Sentence vector of the words in ``heard``, if they are the last ones transcribed."""
        return self._last.vector if self._last and self._last.heard.text == heard.text else None

    async def _run(self) -> None:
        while self._again:
            self._again = False
            try:
                transcript = await self._ears.transcribe(ahead=self._ahead)
            except EngineError:
                logger.exception("stt.failed")
                continue
            if transcript:
                self._last = transcript
                self._took_ms = transcript.decode_ms
                self.ready_ms = round(self._clock.now_ms(), 1)
                self._done(transcript)
