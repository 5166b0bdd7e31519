"""What the caller is to hear, piece by piece, and how much of it was really heard.

A queue of utterances, pulled 20 ms at a time by whoever holds the clock. Speech may come faster than real time
and may be paused, resumed and thrown away; each of that is done without a click, by a fade of a few
milliseconds. A position counts samples that left at full level: the samples of a fade-out are not counted, and
are played again when playout resumes, so nothing is lost by a pause.

Not thread-safe: the owner keeps a lock.
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from voicegw.wire.messages import (
    FRAME_BYTES,
    RATE_HZ,
    ClearPlayout,
    Message,
    PausePlayout,
    PlayoutEnded,
    PlayoutPaused,
    PlayoutStarted,
    ResumePlayout,
    Speech,
    SpeechEnded,
)

SAMPLE_BYTES = 2
FADE_SAMPLES = RATE_HZ * 5 // 1000
"""5 ms: too short to be heard as a fade, long enough not to click."""
FADE_BYTES = FADE_SAMPLES * SAMPLE_BYTES
MOST_QUEUED_BYTES = 10 * 60 * RATE_HZ * SAMPLE_BYTES
"""Ten minutes. A worker that sends more is broken; the cell must not grow with it."""

PlayoutEvent = PlayoutStarted | PlayoutPaused | PlayoutEnded

_RISE = np.linspace(0.0, 1.0, FADE_SAMPLES, endpoint=False)
_FALL = _RISE[::-1].copy()


def _ms(size_bytes: int) -> int:
    return size_bytes * 1000 // (RATE_HZ * SAMPLE_BYTES)


def _faded(pcm: bytes, curve: np.ndarray) -> bytes:
    samples = np.frombuffer(pcm, dtype="<i2")
    return (samples * curve[: len(samples)]).astype("<i2").tobytes()


@dataclass
class _Utterance:
    number: int
    pcm: bytearray = field(default_factory=bytearray)
    played: int = 0
    """Bytes that left at full level."""
    started: bool = False
    ended: bool = False
    """No more pieces will come."""
    dry_bytes: int = 0
    """Silence played since its pieces ran out; a gap once another piece comes."""

    @property
    def waiting(self) -> int:
        return len(self.pcm) - self.played

    @property
    def over(self) -> bool:
        return self.ended and not self.waiting


class Playout:
    """The queue of one call."""

    def __init__(self) -> None:
        self.gaps = 0
        """Times that a piece of an utterance came too late."""
        self.gap_ms = 0
        """Silence inside utterances because of that, all together."""
        self.longest_gap_ms = 0
        self.refused_bytes = 0
        """Speech thrown away because ten minutes were already queued."""
        self._queue: deque[_Utterance] = deque()
        self._cleared: list[_Utterance] = []
        """Thrown away, but the next frame has yet to fade out and say so."""
        self._newest = -1
        """The highest utterance seen; pieces of older ones that are gone are not wanted any more."""
        self._events: list[PlayoutEvent] = []
        self._paused = False
        self._asked_to_pause = False
        """``PausePlayout`` has yet to be answered, by the next frame."""
        self._sounding = False
        """The last frame ended in the middle of speech: silence now would click."""
        self._rising = False
        """The next samples begin from silence in the middle of speech."""

    # --- what the worker asks for ---------------------------------------------------------------------------

    def obey(self, message: Message) -> None:
        """What a worker asks for; a message that is not about playout changes nothing."""
        match message:
            case Speech(utterance=number, pcm=pcm):
                self.add(number, pcm)
            case SpeechEnded(utterance=number):
                self.end(number)
            case PausePlayout():
                self.pause()
            case ResumePlayout():
                self.resume()
            case ClearPlayout():
                self.clear()

    def add(self, number: int, pcm: bytes) -> None:
        """Queue a piece of utterance ``number``; a piece of one that was cleared is dropped."""
        utterance = self._open(number)
        if utterance is None:
            return
        if sum(one.waiting for one in self._queue) + len(pcm) > MOST_QUEUED_BYTES:
            self.refused_bytes += len(pcm)
            return
        utterance.pcm += pcm

    def end(self, number: int) -> None:
        """No more pieces of utterance ``number`` will come."""
        utterance = self._open(number)
        if utterance is not None:
            utterance.ended = True

    def pause(self) -> None:
        """Stand still from the next frame on; what comes now waits until ``resume`` or ``clear``."""
        if not self._paused:
            self._paused = True
            self._asked_to_pause = bool(self._queue)

    def resume(self) -> None:
        """Go on from the sample at which playout was paused."""
        self._paused = self._asked_to_pause = False

    def clear(self) -> None:
        """Throw away all that is queued; what sounds now fades out in the next frame."""
        self._cleared += self._queue
        self._queue.clear()
        self._paused = self._asked_to_pause = False

    # --- the clock ------------------------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Nothing is queued."""
        return not self._queue

    def pull(self, at_ms: int) -> bytes | None:
        """The next 20 ms, or None for silence. ``at_ms`` is when its first sample leaves."""
        if self._cleared:
            dropped, self._cleared = self._cleared, []
            self._events += [PlayoutEnded(one.number, _ms(one.played), False, at_ms) for one in dropped]
            if self._sounding:
                return self._fade_out(dropped[0])
        if self._asked_to_pause:
            self._asked_to_pause = False
            self._events.append(PlayoutPaused(self._queue[0].number, _ms(self._queue[0].played), at_ms))
        if self._paused:
            return self._fade_out(self._queue[0]) if self._sounding else None
        return self._play(at_ms)

    def events(self) -> list[PlayoutEvent]:
        """What happened since the last time this was asked, oldest first."""
        events, self._events = self._events, []
        return events

    # --- inside ---------------------------------------------------------------------------------------------

    def _open(self, number: int) -> _Utterance | None:
        """The queued utterance of that number, made if it is new; None if no more of it is wanted."""
        for utterance in self._queue:
            if utterance.number == number:
                return None if utterance.ended else utterance
        if number <= self._newest:
            return None
        for utterance in self._queue:
            utterance.ended = True  # a newer one began: an end that was never told must not block it
        self._newest = number
        self._queue.append(_Utterance(number))
        return self._queue[-1]

    def _play(self, at_ms: int) -> bytes | None:
        out = bytearray()
        while self._queue and len(out) < FRAME_BYTES:
            head = self._queue[0]
            if head.waiting:
                out += self._take(head, FRAME_BYTES - len(out), at_ms + _ms(len(out)))
            if head.over:
                self._finish(head, at_ms + _ms(len(out)))
            elif len(out) < FRAME_BYTES:
                self._run_dry(head, out)
                break
        if not out:
            return None
        return bytes(out.ljust(FRAME_BYTES, b"\0"))

    def _take(self, head: _Utterance, size: int, at_ms: int) -> bytes:
        if not head.started:
            head.started = True
            self._rising = False
            self._events.append(PlayoutStarted(head.number, at_ms))
        if head.dry_bytes:
            self._count_gap(_ms(head.dry_bytes))
            head.dry_bytes = 0
        piece = bytes(head.pcm[head.played : head.played + size])
        head.played += len(piece)
        self._sounding = True
        if self._rising:
            self._rising = False
            piece = _faded(piece[:FADE_BYTES], _RISE) + piece[FADE_BYTES:]
        return piece

    def _count_gap(self, gap_ms: int) -> None:
        self.gaps += 1
        self.gap_ms += gap_ms
        self.longest_gap_ms = max(self.longest_gap_ms, gap_ms)

    def _run_dry(self, head: _Utterance, out: bytearray) -> None:
        """The next piece is late: end softly now, count the silence, begin softly again."""
        if not head.started:
            return
        if self._sounding and out:
            ramp = min(len(out), FADE_BYTES)
            out[-ramp:] = _faded(bytes(out[-ramp:]), _FALL[-(ramp // SAMPLE_BYTES) :])
        self._sounding = False
        self._rising = True
        head.dry_bytes += FRAME_BYTES - len(out)

    def _fade_out(self, head: _Utterance) -> bytes:
        """A frame that brings ``head`` to silence, without moving its position."""
        self._sounding = False
        self._rising = True
        faded = _faded(bytes(head.pcm[head.played : head.played + FADE_BYTES]), _FALL)
        return faded.ljust(FRAME_BYTES, b"\0")

    def _finish(self, head: _Utterance, at_ms: int) -> None:
        self._queue.popleft()
        self._sounding = self._rising = False
        self._events.append(PlayoutEnded(head.number, _ms(head.played), True, at_ms))
