"""A cell without SIP: a caller and the service's workers joined by a patch cable.

To the supervisor and to workers it is a cell like any other; in the place of PJSIP there are a clock, the codec that
the line would have, and the caller's script.
"""

import asyncio
import contextlib
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from voicegw.audio.g711 import mu_law_decode, mu_law_encode
from voicegw.audio.playout import Playout
from voicegw.errors import WireError
from voicegw.qa.call_report import CallReport, SipFacts, report
from voicegw.qa.conversation import KEY_MS, Conversation
from voicegw.qa.surroundings import FRAME_SAMPLES
from voicegw.qa.tape import Tape
from voicegw.wire import link as wire_link
from voicegw.wire import messages as wire
from voicegw.wire.link import Link

CODEC = "mu-law, no network"
WORKER_WAIT_S = 5.0
FRAME_S = wire.FRAME_MS / 1000
LOST_SOFTER = 0.4
"""A lost frame is heard as the one before it, softer; as decoders conceal."""
_SILENCE = np.zeros(FRAME_SAMPLES, np.int16)


class LoopCell:
    """Belongs to the event loop in which the supervisor runs."""

    def __init__(self) -> None:
        self.link, self._ours = wire_link.pair()
        self._waiting: dict[str, asyncio.Future[tuple[wire.Message, Link | None]]] = {}
        asyncio.get_running_loop().add_reader(self._ours, self._read)
        self._ours.send(wire.CellReady(0, 0, 64))

    async def stop(self) -> int:
        """Listen no more."""
        asyncio.get_running_loop().remove_reader(self._ours)
        self._ours.close()
        return 0

    async def call(
        self, conversation: Conversation, *, number: str, caller: str, loss_percent: int, timeout_s: float
    ) -> CallReport:
        """One call, in real time, from its beginning to its end."""
        call_id, began = uuid.uuid4().hex, time.monotonic()
        given: asyncio.Future[tuple[wire.Message, Link | None]] = asyncio.get_running_loop().create_future()
        self._waiting[call_id] = given
        try:
            self._ours.send(wire.WorkerWanted(call_id, caller, number))
            message, worker = await asyncio.wait_for(given, WORKER_WAIT_S)
        finally:
            del self._waiting[call_id]
        if isinstance(message, wire.CallTurnedAway) or worker is None:
            return self._refused(call_id, message)
        assert isinstance(message, wire.WorkerAssigned)
        worker.send(wire.CallStarted(call_id, caller, number, message.dialplan, message.version))
        joined = _Joined(call_id, worker, conversation, loss_percent, began, self._tell)
        try:
            facts = await joined.talk(timeout_s)
        finally:
            worker.close()
        return await asyncio.to_thread(report, f"loop:{number}", facts, joined.tape())

    def _refused(self, call_id: str, message: wire.Message) -> CallReport:
        status, reason = 503, "no worker"
        if isinstance(message, wire.CallTurnedAway):
            status, reason = message.sip_status, message.reason
        self._tell(call_id, "ended", {"by": "agent", "sip_status": status, "reason": reason})
        empty = _SILENCE[:0]
        return report("loop", SipFacts(sip_status=status, reason=reason, ended_by="agent"), Tape(empty, empty, empty))

    def _tell(self, call_id: str, state: str, facts: dict[str, object]) -> None:
        self._ours.send(wire.CallProgressed(call_id, state, time.time_ns() // 1_000_000, facts))

    def _read(self) -> None:
        with contextlib.suppress(ConnectionError):
            while (received := self._ours.receive_with_sockets()) is not None:
                message, sockets = received
                if not isinstance(message, wire.WorkerAssigned | wire.CallTurnedAway):
                    continue
                waiting = self._waiting.get(message.call_id)
                if waiting and not waiting.done():
                    waiting.set_result((message, Link(sockets[0]) if sockets else None))


@dataclass
class _Joined:
    """A call while it lasts."""

    call_id: str
    worker: Link
    conversation: Conversation
    loss_percent: int
    began: float
    tell: Callable[[str, str, dict[str, object]], None]
    playout: Playout = field(default_factory=Playout)
    sent: list[np.ndarray] = field(default_factory=list)
    voice: list[np.ndarray] = field(default_factory=list)
    received: list[np.ndarray] = field(default_factory=list)
    keys: deque[str] = field(default_factory=deque)
    answered: bool = False
    ended_by: str = ""
    began_ms: int = 0
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))
    heard: np.ndarray = field(default_factory=lambda: _SILENCE)
    """What the agent heard last."""

    async def talk(self, timeout_s: float) -> SipFacts:
        """Until it is over."""
        deadline = self.began + timeout_s
        while not self.answered and not self.ended_by and time.monotonic() < deadline:
            self._read_worker()
            await asyncio.sleep(0.001)
        setup_ms = round((time.monotonic() - self.began) * 1000, 1)
        self.began_ms = round(setup_ms)
        if self.answered:
            self.tell(self.call_id, "answered", {"setup_ms": setup_ms, "codec": CODEC})
            self._send(wire.CallAnswered(self.began_ms, CODEC))
            await self._tick_until(deadline)
        by = self.ended_by or "timeout"
        self._send(wire.CallEnded("network" if by == "timeout" else by, 200, ""))
        self.tell(self.call_id, "ended", {"by": by if by != "timeout" else "network", "sip_status": 200, "reason": ""})
        names = {"caller": "us"}
        return SipFacts(self.answered, CODEC, setup_ms, 200, ended_by=names.get(by, by))

    async def _tick_until(self, deadline: float) -> None:
        first = time.monotonic()
        while not self.ended_by and time.monotonic() < deadline:
            self._tick()
            await asyncio.sleep(max(first + len(self.received) * FRAME_S - time.monotonic(), 0))

    def _tick(self) -> None:
        self._read_worker()
        at_ms = self.began_ms + len(self.received) * wire.FRAME_MS
        played = self.playout.pull(at_ms)
        for event in self.playout.events():
            self._send(event)
        agent = _through_codec(np.frombuffer(played, "<i2")) if played else _SILENCE
        out = self.conversation.on_frame(agent)
        self.sent.append(out.pcm)
        self.voice.append(out.voice)
        self.received.append(agent)
        self.keys.extend(out.digits)
        if self.keys and len(self.received) % (KEY_MS // wire.FRAME_MS) == 0:
            self._send(wire.DigitPressed(self.keys.popleft(), at_ms))
        self._send(wire.Frame(at_ms, self._over_the_line(out.pcm), played or b""))
        if out.hang_up and not self.ended_by:
            self.ended_by = "caller"

    def _over_the_line(self, pcm: np.ndarray) -> bytes:
        if self.random.uniform(0, 100) < self.loss_percent:
            self.heard = (self.heard * LOST_SOFTER).astype(np.int16)
        else:
            self.heard = _through_codec(pcm)
        return self.heard.astype("<i2").tobytes()

    def _read_worker(self) -> None:
        try:
            while (message := self.worker.receive()) is not None:
                self._worker_said(message)
        except (ConnectionError, WireError):
            self.ended_by = self.ended_by or "network"

    def _worker_said(self, message: wire.Message) -> None:
        match message:
            case wire.AnswerCall():
                self.answered = True
            case wire.Speech(utterance=number, pcm=pcm):
                self.playout.add(number, pcm)
            case wire.SpeechEnded(utterance=number):
                self.playout.end(number)
            case wire.PausePlayout():
                self.playout.pause()
            case wire.ResumePlayout():
                self.playout.resume()
            case wire.ClearPlayout():
                self.playout.clear()
            case wire.TransferCall():  # every transfer succeeds
                self._send(wire.TransferProgressed(200, True))
                self.ended_by = "agent"
            case wire.HangUp():
                self.ended_by = "agent"

    def _send(self, message: wire.Message) -> None:
        with contextlib.suppress(ConnectionError):
            self.worker.send(message)

    def tape(self) -> Tape:
        """What it sounded like."""
        if not self.received:
            return Tape(_SILENCE[:0], _SILENCE[:0], _SILENCE[:0])
        sent, voice, received = map(np.concatenate, (self.sent, self.voice, self.received))
        return Tape(sent, voice, received, self.began_ms, tuple(self.conversation.lines))


def _through_codec(pcm: np.ndarray) -> np.ndarray:
    return mu_law_decode(mu_law_encode(np.ascontiguousarray(pcm, np.int16)))
