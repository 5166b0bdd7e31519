"""aiortc's receiver holds audio back until four packets more have come (80 ms), and waits some 300 ms for one that was
lost. A conversation cannot; so its buffer is replaced by one that holds nothing back, and ``Arrivals`` evens out what
the network did.

The buffer is a private attribute of aiortc: where it is not found, audio flows as aiortc lets it, later.
"""

from aiortc import RTCRtpReceiver
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import RtpPacket

from voicegw.log import get_logger

_PLACE = "_RTCRtpReceiver__jitter_buffer"
_HALF = 1 << 15
"""RFC 3550 appendix A.1: a sequence number less than half a circle ahead is newer."""

log = get_logger()


class PromptBuffer:
    """Each packet is a frame, handed on as it comes; one older than what was handed on is dropped."""

    def __init__(self) -> None:
        self._newest: int | None = None

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """As of aiortc's own: whether to ask for a picture, and a frame if there is one."""
        if self._newest is not None and not 0 < (packet.sequence_number - self._newest) % (2 * _HALF) < _HALF:
            return False, None
        self._newest = packet.sequence_number
        # aiortc itself puts the payload without its header there.
        return False, JitterFrame(packet._data, packet.timestamp)  # type: ignore[attr-defined]


def prompt(receiver: RTCRtpReceiver) -> bool:
    """Have ``receiver`` hold nothing back; False if this aiortc is another than the one we know."""
    if not isinstance(getattr(receiver, _PLACE, None), JitterBuffer):
        log.warning("webrtc.unknown_receiver", effect="audio of browsers comes some 80 ms later")
        return False
    setattr(receiver, _PLACE, PromptBuffer())
    return True
