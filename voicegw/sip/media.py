"""The audio of one call: a line between PJSIP's media thread and the worker, and the port PJSIP pulls it by.

PJSIP's conference bridge asks each port for the next 20 ms and then hands it what came in, on one thread for
all calls of the process. Whatever is done there delays every call, so it is: one short lock, one copy each way,
one datagram.
"""

import ctypes
import threading
import time
from collections import deque
from collections.abc import Callable

import pjsua2 as pj

from voicegw.audio.comfort import COMFORT
from voicegw.audio.playout import Playout
from voicegw.sip import frames
from voicegw.wire.gathering import Gathering
from voicegw.wire.link import Link
from voicegw.wire.messages import FRAME_MS, RATE_HZ, Frame, Frames, GatherFrames, Message

LATE_MS = 10
"""A tick that comes more than this after its time counts as a late frame."""
JUMP_MS = 500
"""PJSIP's clock catches up by quick ticks until it is this late, then it jumps (MAX_JUMP_MSEC, clock_thread.c)."""
NOT_CATCHING_UP = 25
"""So many late ticks in a row: the clock has jumped by less than we saw."""


class CallClock:
    """Milliseconds since the call began at the cell, in steps of a frame as long as ticks come in time."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.at_ms = 0
        """Of the tick that runs or ran last."""
        self.late_frames = 0
        self._first_tick: float | None = None
        """When tick 0 of this run would have come, by the most punctual tick so far."""
        self._ticks = 0
        self._late_in_a_row = 0

    def now_ms(self, now: float) -> int:
        """The call's time between ticks."""
        return round((now - self.began) * 1000)

    def tick(self, now: float) -> int:
        """A tick came: its ``at_ms``."""
        if self._first_tick is None:
            self._start(now)
            return self.at_ms
        late_ms = (now - self._first_tick) * 1000 - self._ticks * FRAME_MS
        if late_ms > JUMP_MS or self._late_in_a_row > NOT_CATCHING_UP:
            self.late_frames += self._start(now)
            return self.at_ms
        self.at_ms += FRAME_MS
        self._ticks += 1
        self._note_lateness(late_ms)
        return self.at_ms

    def _note_lateness(self, late_ms: float) -> None:
        if late_ms < 0 and self._first_tick is not None:
            self._first_tick += late_ms / 1000
        is_late = late_ms > LATE_MS
        self.late_frames += is_late
        self._late_in_a_row = self._late_in_a_row + 1 if is_late else 0

    def _start(self, now: float) -> int:
        """Begin to count anew at the call's real time. Returns how many ticks are missing."""
        steps = max(1, round((self.now_ms(now) - self.at_ms) / FRAME_MS))
        self.at_ms += steps * FRAME_MS
        self._first_tick = now
        self._ticks = 1
        self._late_in_a_row = 0
        return steps - 1

    def rest(self) -> None:
        """Ticks stop for a while (hold): the next one is not late."""
        self._first_tick = None


class Line:
    """Both directions of one call's audio.

    The main thread commands, the media thread ticks; ``_lock`` guards the playout queue, nothing else.
    """

    def __init__(self, clock: CallClock) -> None:
        self.clock = clock
        #: Written by the main thread only.
        self.flowing = False
        #: Written by the main thread only.
        self.link: Link | None = None
        #: Frames the worker was too slow to take. Written by the media thread only.
        self.dropped_frames = 0
        self._lock = threading.Lock()
        self._playout = Playout()
        #: Frames of the comfort sound that are left to play. Replaced under the lock.
        self._comfort: deque[bytes] = deque()
        #: Answers that the link had no room for; they keep their order. Media thread only.
        self._unsent: deque[Message] = deque()
        #: Media thread only, but for what is wanted. Replaced under the lock.
        self._frames = Gathering()
        #: What was played in this tick. Media thread only.
        self._played: bytes | None = None
        #: Gaps of queues that are gone. Written under the lock.
        self._gaps_before = (0, 0, 0)

    # --- main thread ----------------------------------------------------------------------------------------

    def command(self, what: Callable[[Playout], None]) -> None:
        """Run ``what`` on the playout queue, between two ticks."""
        with self._lock:
            what(self._playout)

    def connect(self, link: Link | None) -> None:
        """Frames and answers go to ``link`` from now on; a new worker begins with an empty queue."""
        with self._lock:
            self._gaps_before = self._gap_totals()
            self._playout = Playout()
            self._unsent.clear()
            self._frames = Gathering()
            self.link = link

    def gather(self, wanted: GatherFrames) -> None:
        """Hand over frames as the worker wants them, from now on."""
        self._frames.wanted = wanted

    def comfort(self) -> None:
        """Let the caller hear that the line is alive, until somebody speaks."""
        with self._lock:
            self._comfort = deque(COMFORT)

    def flow(self) -> None:
        """Begin to play and to hand over what is heard."""
        if not self.flowing:
            self.clock.rest()
        self.flowing = True

    def stop(self) -> None:
        """On hold, or over: nothing is played, nothing is heard, positions stand still."""
        self.flowing = False

    def gaps(self) -> tuple[int, int, int]:
        """Number, total and longest (ms) of the gaps inside utterances so far."""
        with self._lock:
            return self._gap_totals()

    # --- media thread ---------------------------------------------------------------------------------------

    def requested(self, now: float) -> bytes | None:
        """The next 20 ms for the caller; None for silence."""
        if not self.flowing:
            self._played = None
            return None
        at_ms = self.clock.tick(now)
        with self._lock:
            self._played = self._playout.pull(at_ms)
            if self._played:
                self._comfort.clear()
            elif self._comfort:
                self._played = self._comfort.popleft()
            self._unsent += self._playout.events()
        return self._played

    def received(self, heard: bytes) -> None:
        """20 ms from the caller, on the same tick."""
        link = self.link
        if link is None or not self.flowing:
            return
        gathered = self._frames
        try:
            if self._unsent:
                self._hand_over(link, gathered.take())
                self._send_answers(link)
            self._hand_over(link, gathered.add(Frame(self.clock.at_ms, heard, self._played or b"")))
        except OSError:
            return  # the worker is gone; the main thread sees the same and acts

    def _hand_over(self, link: Link, message: Frame | Frames | None) -> None:
        if message and not link.send(message):
            self.dropped_frames += len(message.frames) if isinstance(message, Frames) else 1

    def _send_answers(self, link: Link) -> None:
        while self._unsent and link.send(self._unsent[0]):
            self._unsent.popleft()

    def _gap_totals(self) -> tuple[int, int, int]:
        count, total_ms, longest_ms = self._gaps_before
        playout = self._playout
        return count + playout.gaps, total_ms + playout.gap_ms, max(longest_ms, playout.longest_gap_ms)


class _ClockThread:
    """PJSIP's media thread, as Python sees it.

    It is no thread of Python's, so with each callback Python would make a thread state for it, map memory for its
    stack, and give all of that back at the end: some 30 µs, a hundred times a second for each call. One
    ``PyGILState_Ensure`` that is never released keeps the first one.
    """

    def __init__(self) -> None:
        self._kept_for = 0

    def keep_state(self) -> None:
        """Called in each tick's first callback."""
        if self._kept_for != threading.get_ident():
            self._kept_for = threading.get_ident()
            ctypes.pythonapi.PyGILState_Ensure()


_clock_thread = _ClockThread()


class LinePort(pj.AudioMediaPort):
    """A port of PJSIP's conference bridge.

    Made once and used for call after call: destroying one while the media thread is inside it is a race that
    PJSIP leaves to us.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        #: Written by the main thread only.
        self.line: Line | None = None
        audio_format = pj.MediaFormatAudio()
        audio_format.type = pj.PJMEDIA_TYPE_AUDIO
        audio_format.clockRate = RATE_HZ
        audio_format.channelCount = 1
        audio_format.bitsPerSample = 16
        audio_format.frameTimeUsec = FRAME_MS * 1000
        self.createPort(f"line{number}", audio_format)

    def onFrameRequested(self, frame: pj.MediaFrame) -> None:  # noqa: N802 (PJSUA2's name)
        """Media thread: what we play."""
        _clock_thread.keep_state()
        line = self.line
        frames.write(frame, line.requested(time.monotonic()) if line else None)

    def onFrameReceived(self, frame: pj.MediaFrame) -> None:  # noqa: N802 (PJSUA2's name)
        """Media thread: what we hear."""
        line = self.line
        if line:
            line.received(frames.read(frame))
