"""A cell without SIP: a caller and the service's workers joined by a patch cable.

To the supervisor and to workers it is a cell like any other; in the place of PJSIP there are a clock, the codec that
the line would have, and what the caller does.
"""

import asyncio
import uuid
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from voicegw.audio.g711 import mu_law_decode, mu_law_encode
from voicegw.gateway.soft_call import Heard, SoftCall
from voicegw.gateway.soft_cell import SoftCell
from voicegw.qa.call_report import CallReport, SipFacts, report
from voicegw.qa.conversation import KEY_MS, CallersSide
from voicegw.qa.surroundings import FRAME_SAMPLES
from voicegw.qa.tape import Tape
from voicegw.wire import link as wire_link
from voicegw.wire import messages as wire

CODEC = "mu-law, no network"
LOST_SOFTER = 0.4
"""A lost frame is heard as the one before it, softer; as decoders conceal."""
_SILENCE = np.zeros(FRAME_SAMPLES, np.int16)


class LoopCell:
    """Belongs to the event loop in which the supervisor runs."""

    def __init__(self) -> None:
        self.link, ours = wire_link.pair()
        self._cell = SoftCell(ours)
        self._cell.tell(wire.CellReady(0, 0, 64))

    async def stop(self) -> int:
        """Listen no more."""
        self._cell.close()
        return 0

    async def call(
        self, side: CallersSide, *, number: str, caller: str, loss_percent: int, timeout_s: float
    ) -> CallReport:
        """One call, in real time, from its beginning to its end."""
        cable = _Cable(side, loss_percent)
        wanted = wire.WorkerWanted(uuid.uuid4().hex, caller, number)
        ended = await SoftCall(self._cell, wanted, cable).run(timeout_s)
        names = {"caller": "us"}
        facts = SipFacts(
            ended.answered,
            CODEC,
            ended.setup_ms,
            ended.sip_status,
            reason=ended.reason,
            ended_by=names.get(ended.by, ended.by),
        )
        return await asyncio.to_thread(report, f"loop:{number}", facts, cable.tape())


@dataclass
class _Cable:
    """A call's audio while it lasts."""

    side: CallersSide
    loss_percent: int
    codec: str = CODEC
    sent: list[np.ndarray] = field(default_factory=list)
    voice: list[np.ndarray] = field(default_factory=list)
    received: list[np.ndarray] = field(default_factory=list)
    keys: deque[str] = field(default_factory=deque)
    began_ms: int = 0
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))
    heard: np.ndarray = field(default_factory=lambda: _SILENCE)
    """What the agent heard last."""

    def exchange(self, played: bytes | None, at_ms: int) -> Heard:
        """A tick."""
        if not self.received:
            self.began_ms = at_ms
        agent = _through_codec(np.frombuffer(played, "<i2")) if played else _SILENCE
        out = self.side.on_frame(agent)
        self.sent.append(out.pcm)
        self.voice.append(out.voice)
        self.received.append(agent)
        self.keys.extend(out.digits)
        is_key_due = self.keys and len(self.received) % (KEY_MS // wire.FRAME_MS) == 0
        key = self.keys.popleft() if is_key_due else ""
        return Heard(self._over_the_line(out.pcm), key, out.hang_up)

    def _over_the_line(self, pcm: np.ndarray) -> bytes:
        if self.random.uniform(0, 100) < self.loss_percent:
            self.heard = (self.heard * LOST_SOFTER).astype(np.int16)
        else:
            self.heard = _through_codec(pcm)
        return self.heard.astype("<i2").tobytes()

    def tape(self) -> Tape:
        """What it sounded like."""
        if not self.received:
            return Tape(_SILENCE[:0], _SILENCE[:0], _SILENCE[:0])
        sent, voice, received = map(np.concatenate, (self.sent, self.voice, self.received))
        return Tape(sent, voice, received, self.began_ms, tuple(self.side.lines))


def _through_codec(pcm: np.ndarray) -> np.ndarray:
    return mu_law_decode(mu_law_encode(np.ascontiguousarray(pcm, np.int16)))
