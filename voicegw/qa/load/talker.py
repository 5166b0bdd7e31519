"""A load caller's side of a conversation, packet by packet: when to speak, and what was heard when. Pure.

It is a cheap cousin of ``qa.conversation``: lines one after another, each when the agent has finished.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from voicegw.audio.g711 import MU_LAW_SAMPLES, mu_law_encode
from voicegw.qa.ruler import Line
from voicegw.qa.spans import Span, samples
from voicegw.wire.messages import FRAME_MS

FRAME_SAMPLES = samples(FRAME_MS)
SILENCE = b"\xff" * FRAME_SAMPLES
"""Zero in mu-law."""
VOICED = 400
"""A packet whose loudest sample reaches this has the agent's voice in it."""
FINISHED_MS = 600.0
PATIENCE_MS = 10_000.0
SPOKEN_MS = 150.0
_LOUD = bytes(int(abs(int(sample)) >= VOICED) for sample in MU_LAW_SAMPLES)


def clip_frames(pcm: np.ndarray) -> list[bytes]:
    """A line's sound as payloads."""
    whole = np.concatenate([pcm, np.zeros(-len(pcm) % FRAME_SAMPLES, np.int16)])
    return [frame.tobytes() for frame in mu_law_encode(whole).reshape(-1, FRAME_SAMPLES)]


def is_voiced(payload: bytes) -> bool:
    """Is the agent's voice in it?"""
    return b"\x01" in payload.translate(_LOUD)


@dataclass
class Talker:
    """One call. ``next_payload`` is called every 20 ms, ``hear`` for each packet that comes."""

    lines: Sequence[Sequence[bytes]]
    """The sound of each line."""
    texts: Sequence[str]
    said: list[Line] = field(default_factory=list)
    """What was said, where it lies on the sent track."""
    ticks: int = 0
    over: bool = False
    """All is said and answered."""
    waits_ms: list[float] = field(default_factory=list)
    """From the end of each line to the agent's voice, as it seemed while the call went on."""
    _next: int = 0
    _saying: Sequence[bytes] = ()
    _place: int = 0
    _voiced_ms: float = 0.0
    _quiet_ms: float = 0.0
    _waited_ms: float = 0.0

    def hear(self, payload: bytes) -> None:
        """20 ms of the agent."""
        if is_voiced(payload):
            if not self._voiced_ms and self.said and self._place == len(self._saying):
                self.waits_ms.append(self._waited_ms)
            self._voiced_ms += FRAME_MS
            self._quiet_ms = 0.0
        else:
            self._quiet_ms += FRAME_MS

    def next_payload(self) -> bytes:
        """What to send in this tick."""
        self.ticks += 1
        if self._place < len(self._saying):
            self._place += 1
            if self._place == len(self._saying):
                self._forget()
            return self._saying[self._place - 1]
        self._waited_ms += FRAME_MS
        if self._agent_has_finished() or self._waited_ms >= PATIENCE_MS:
            self._go_on()
        return SILENCE

    def _go_on(self) -> None:
        if self._next == len(self.lines):
            self.over = True
            return
        self._saying, self._place = self.lines[self._next], 0
        begin = self.ticks * FRAME_SAMPLES
        span = Span(begin, begin + len(self._saying) * FRAME_SAMPLES)
        self.said.append(Line(self.texts[self._next], span, label=str(self._next)))
        self._next += 1

    def _agent_has_finished(self) -> bool:
        return self._voiced_ms >= SPOKEN_MS and self._quiet_ms >= FINISHED_MS

    def _forget(self) -> None:
        self._voiced_ms = self._quiet_ms = self._waited_ms = 0.0
