"""One call in a cell without SIP: the same playout queue, the same messages, and a worker that is replaced if it dies.

The line is whatever takes 20 ms and gives 20 ms; the clock is the event loop's.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass, replace
from typing import Protocol

from voicegw.audio.playout import Playout
from voicegw.errors import CallRefused, WireError
from voicegw.gateway.cell_watch import WorkerWatch
from voicegw.gateway.soft_cell import SoftCell
from voicegw.log import get_logger
from voicegw.wire import messages as wire
from voicegw.wire.gathering import Gathering
from voicegw.wire.link import Link

FRAME_S = wire.FRAME_MS / 1000
LATE_FRAMES = 5
"""Of a clock that was held up, so many frames are made up for; the rest never was."""
WORKER_HANG_S = 2.0


@dataclass(frozen=True)
class Heard:
    """What came from the caller in one tick."""

    pcm: bytes
    """``FRAME_BYTES`` bytes."""
    keys: str = ""
    """Pressed in it."""
    hung_up: bool = False
    early_s: float = 0.0
    """How much sooner than in 20 ms the next tick should be: the caller's clock is followed."""


class Line(Protocol):
    """Between the caller and this call."""

    codec: str

    def exchange(self, played: bytes | None, at_ms: int) -> Heard:
        """20 ms to the caller (None: silence) for 20 ms from the caller."""


@dataclass(frozen=True)
class Ended:
    """How a call went."""

    by: str
    """``caller``, ``agent`` or ``network``."""
    reason: str = ""
    sip_status: int = 200
    """As a phone would have been told."""
    answered: bool = False
    setup_ms: float = 0.0


class SoftCall:
    """Belongs to the event loop of its cell.

    :param wanted: who calls whom.
    :param hang_s: a worker that is silent for so long is replaced.
    """

    def __init__(self, cell: SoftCell, wanted: wire.WorkerWanted, line: Line, hang_s: float = WORKER_HANG_S) -> None:
        self._cell = cell
        self._wanted = wanted
        self._line = line
        self._log = get_logger(call_id=wanted.call_id)
        self._began = time.monotonic()
        self._began_ms = 0
        self._ticks = 0
        self._playout = Playout()
        self._frames = Gathering()
        self._watch = WorkerWatch(hang_s)
        self._assigned: wire.WorkerAssigned | None = None
        self._worker: Link | None = None
        self._order: wire.CallOrdered | None = None
        """Of a person at the console, for the worker that is being found."""
        self._seeking: asyncio.Task[None] | None = None
        self._answered = asyncio.Event()
        self._setup_ms = 0.0
        self._late_frames = 0
        self._ended: Ended | None = None

    @property
    def dialplan(self) -> tuple[str, int]:
        """Name and version of the one that answers, once there is a worker."""
        return (self._assigned.dialplan, self._assigned.version) if self._assigned else ("", 0)

    async def run(self, timeout_s: float) -> Ended:
        """From its beginning to its end."""
        try:
            await self._take_worker()
            async with asyncio.timeout(timeout_s):
                await self._talk()
        except CallRefused as refusal:
            self._ended = Ended("agent", str(refusal), refusal.sip_status)
        except TimeoutError:
            self.end("network", "it lasted too long")
        finally:
            if self._seeking:
                self._seeking.cancel()
            ended = self._finish()
        return ended

    def end(self, by: str, reason: str = "") -> None:
        """Hang up, as asked for by that side."""
        self._ended = self._ended or Ended(by, reason)
        self._answered.set()

    def press(self, keys: str) -> None:
        """Keys on the caller's phone."""
        for key in keys:
            self._send(wire.DigitPressed(key, self._at_ms))

    def pass_on(self, message: wire.Message) -> None:
        """To the worker: what the supervisor wants it to know. An order waits for a worker."""
        if self._worker:
            self._send(message)
        elif isinstance(message, wire.CallOrdered) and message.deed == "hand_over":
            self._order = message

    @property
    def _at_ms(self) -> int:
        return self._began_ms + self._ticks * wire.FRAME_MS

    # --- the clock ------------------------------------------------------------------------------------------

    async def _talk(self) -> None:
        await self._answered.wait()
        if self._ended:
            return
        self._setup_ms = round((time.monotonic() - self._began) * 1000, 1)
        self._began_ms = round(self._setup_ms)
        self._cell.progress(self._wanted.call_id, "answered", {"setup_ms": self._setup_ms, "codec": self._line.codec})
        self._send(wire.CallAnswered(self._at_ms, self._line.codec))
        due = time.monotonic()
        while not self._ended:
            due += FRAME_S - self._tick()
            late_s = time.monotonic() - due
            if late_s > LATE_FRAMES * FRAME_S:
                self._late_frames += 1
                due += late_s
            await asyncio.sleep(max(-late_s, 0))

    def _tick(self) -> float:
        """Returns how much sooner the next one should be, in seconds."""
        at_ms = self._at_ms
        played = self._playout.pull(at_ms)
        events = self._playout.events()
        if events and (before := self._frames.take()):
            self._send(before)
        for event in events:
            self._send(event)
        heard = self._line.exchange(played, at_ms)
        self._ticks += 1
        self.press(heard.keys)
        frames = self._frames.add(wire.Frame(at_ms, heard.pcm, played or b""))
        if frames:
            self._send(frames)
        if heard.hung_up:
            self.end("caller")
        elif self._worker and self._watch.hangs(time.monotonic()):
            self._lose_worker(hung=True)
        return heard.early_s

    # --- the worker -----------------------------------------------------------------------------------------

    async def _take_worker(self) -> None:
        assigned, link = await self._cell.worker_for(self._wanted)
        self._assigned, self._worker = assigned, link
        self._watch.assigned(time.monotonic())
        self._playout = Playout()
        self._frames = Gathering()
        asyncio.get_running_loop().add_reader(link, self._read_worker)
        wanted = self._wanted
        self._send(
            wire.CallStarted(
                wanted.call_id,
                wanted.caller,
                wanted.callee,
                assigned.dialplan,
                assigned.version,
                dict(wanted.headers),
                resumed=wanted.resumed,
                rehearses=wanted.rehearses,
            )
        )
        if wanted.resumed:
            self._send(wire.CallAnswered(self._at_ms, self._line.codec))
        if self._order:
            self._send(self._order)
            self._order = None

    def _read_worker(self) -> None:
        try:
            while self._worker and (message := self._worker.receive()) is not None:
                self._worker_said(message)
        except (OSError, WireError):
            self._lose_worker(hung=False)

    def _worker_said(self, message: wire.Message) -> None:
        match message:
            case wire.AnswerCall():
                self._answered.set()
            case wire.Heartbeat():
                self._watch.beat(time.monotonic())
            case wire.GatherFrames():
                self._frames.wanted = message
            case wire.TransferCall(target=target):  # every transfer succeeds
                self._send(wire.TransferProgressed(200, True))
                self.end("agent", f"given to {target}")
            case wire.HangUp(reason=reason):
                self.end("agent", reason)
            case _:
                self._playout.obey(message)

    def _lose_worker(self, *, hung: bool) -> None:
        assert self._assigned
        self._drop_worker()
        if self._ended:
            return
        self._watch.gone()
        self._log.error("call.worker_lost", worker=self._assigned.worker, hung=hung)
        self._cell.tell(wire.WorkerLost(self._wanted.call_id, self._assigned.worker, hung))
        if self._watch.hopeless:
            self.end("network", "workers kept failing")
            return
        self._wanted = replace(self._wanted, resumed=self._ticks > 0)
        self._seeking = asyncio.create_task(self._seek_worker())

    async def _seek_worker(self) -> None:
        try:
            await self._take_worker()
        except CallRefused as refusal:
            self.end("network", str(refusal))

    def _send(self, message: wire.Message) -> None:
        """One that is gone is found out by its link."""
        if self._worker:
            with contextlib.suppress(OSError):
                self._worker.send(message)

    def _drop_worker(self) -> None:
        if self._worker:
            asyncio.get_running_loop().remove_reader(self._worker)
            self._worker.finish()
            self._worker = None

    # --- the end --------------------------------------------------------------------------------------------

    def _finish(self) -> Ended:
        ended = self._ended or Ended("network", "the cell went away")
        ended = replace(ended, answered=self._ticks > 0, setup_ms=self._setup_ms)
        self._ended = ended
        self._send(wire.CallEnded(ended.by, ended.sip_status, ended.reason))
        self._drop_worker()
        facts = {"by": ended.by, "sip_status": ended.sip_status, "reason": ended.reason}
        self._cell.progress(self._wanted.call_id, "ended", {**facts, "late_frames": self._late_frames})
        return ended
