"""One call of a cell: which leg, which worker, and what the two say to each other."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from voicegw.audio.playout import Playout
from voicegw.sip.leg import Leg
from voicegw.wire.link import Link
from voicegw.wire.messages import CallStarted, Message, Speech


class Stage(Enum):
    """How far a call has come."""

    WANTING = auto()
    """A worker was asked for."""
    RINGING = auto()
    """A worker has it and has not answered yet; or the other side rings."""
    UP = auto()
    OVER = auto()


@dataclass
class CellCall:
    """Belongs to the cell's main thread."""

    call_id: str
    leg: Leg
    caller: str
    callee: str
    headers: Mapping[str, str] = field(default_factory=dict)
    stage: Stage = Stage.WANTING
    link: Link | None = None
    worker: int = 0
    dialplan: str = ""
    asked_at: float = field(default_factory=time.monotonic)
    """Monotonic: when a worker was last asked for."""
    beat_at: float = 0.0
    """Monotonic: the worker's last sign of life."""
    beaten: bool = False
    """It has beaten at least once for this call."""
    workers_lost: int = 0
    codec: str = ""
    flowing_since: float | None = None
    """Monotonic: audio should be coming since then; None on hold and before answer."""
    received_before: int = 0
    """RTP packets received when that was last looked at."""
    ended_by_us: str = ""
    """Why we hung up, if we did."""
    transferred: bool = False

    @property
    def now_ms(self) -> int:
        """The call's media time."""
        return self.leg.line.clock.now_ms(time.monotonic())

    def tell(self, message: Message) -> None:
        """To the worker; one that is gone is noticed elsewhere."""
        if self.link is None:
            return
        try:
            self.link.send(message)
        except OSError:
            return

    def start_worker(self, link: Link, worker: int, dialplan: str, version: int, *, resumed: bool) -> None:
        """Hand the call to a worker."""
        self.link, self.worker, self.dialplan = link, worker, dialplan
        self.beat_at, self.beaten = time.monotonic(), False
        self.leg.line.connect(link)
        self.tell(
            CallStarted(self.call_id, self.caller, self.callee, dialplan, version, dict(self.headers), resumed=resumed)
        )

    def drop_worker(self) -> None:
        """The worker is gone; the caller is not."""
        self.leg.line.connect(None)
        if self.link:
            self.link.close()
        self.link = None

    def queue(self, speech: Speech) -> None:
        """A piece to be played."""
        self.leg.line.command(lambda playout: playout.add(speech.utterance, speech.pcm))

    def clear(self) -> None:
        """Throw away what is queued."""
        self.leg.line.command(Playout.clear)
