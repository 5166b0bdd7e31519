"""Load callers: many telephones in one thread, on real sockets.

A telephone here costs a tenth of one by PJSIP, so that a machine's power goes to the service under test. All of them
share one SIP socket and one clock; each has an RTP socket of its own. When a packet came is told by the kernel, not by
when this thread got round to it.
"""

import socket
import struct
import time
import uuid
from dataclasses import dataclass, field

from voicegw.qa.load import sip_text
from voicegw.qa.load.sip_text import Dialog, Incoming
from voicegw.qa.load.talker import FRAME_SAMPLES, Talker

RESEND_S = 0.5
"""RFC 3261's T1, without its doubling: the other side is on this machine."""
SETUP_TIMEOUT_S = 10.0
GOODBYE_TIMEOUT_S = 2.0
CALL_TIMEOUT_S = 120.0
LATE_MS = 60.0
"""A packet that comes so much after its time is a gap in what is heard."""
MOST_SHOWN = 3
"""Of each call's answers, so many are told while it goes on."""
_RTP = struct.Struct("!BBHII")
_ANCILLARY = socket.CMSG_SPACE(16)
_SO_TIMESTAMPNS = 35


@dataclass
class LoadCall:
    """One call, and all that was measured of it."""

    dialog: Dialog
    talker: Talker
    rtp: socket.socket
    began_at: float
    """Monotonic seconds of the INVITE."""
    state: str = "inviting"
    """``inviting``, ``up``, ``leaving``, ``over``."""
    setup_ms: float | None = None
    status: int = 0
    failure: str = ""
    concurrent: list[tuple[float, int]] = field(default_factory=list)
    """Calls that were up, now and then, by the tick of this call."""
    received: dict[int, bytes] = field(default_factory=dict)
    """Payloads by tick."""
    late: int = 0
    """Packets over 60 ms late."""
    packets: int = 0
    answered_at: float = 0.0
    left_at: float = 0.0
    sent_at: float = 0.0
    """Of the last INVITE or BYE."""
    media: tuple[str, int] | None = None
    _sequence: int = 0
    _first: tuple[int, float, int] | None = None
    """RTP timestamp and arrival of the first packet, and the tick it came in."""

    def tick(self) -> None:
        """Hear what has come, say what is next."""
        self._drain()
        payload = self.talker.next_payload()
        if self.media:
            stamp = self._sequence * FRAME_SAMPLES & 0xFFFFFFFF
            self.rtp.sendto(_RTP.pack(0x80, 0, self._sequence & 0xFFFF, stamp, 7) + payload, self.media)
            self._sequence += 1

    def _drain(self) -> None:
        # The kernel writes down when a packet came by a clock that is set now and then; by how much is asked anew each
        # time, since a clock that gains 5 ms a second would make all of a long call late.
        since_boot_s = time.monotonic() - time.time()
        while True:
            try:
                data, ancillary, _, _ = self.rtp.recvmsg(2048, _ANCILLARY)
            except BlockingIOError:
                return
            if len(data) == _RTP.size + FRAME_SAMPLES:
                seconds, nanos = struct.unpack("qq", ancillary[0][2]) if ancillary else (0, 0)
                self._heard(data, seconds + nanos / 1e9 + since_boot_s)

    def _heard(self, data: bytes, at_s: float) -> None:
        stamp = _RTP.unpack_from(data)[3]
        payload = data[_RTP.size :]
        if self._first is None:
            self._first = (stamp, at_s, self.talker.ticks)
        began, began_s, began_tick = self._first
        frames = ((stamp - began) & 0xFFFFFFFF) // FRAME_SAMPLES
        self.packets += 1
        self.late += (at_s - began_s) * 1000 - frames * 20 > LATE_MS
        self.received[began_tick + frames] = payload
        self.talker.hear(payload)


class Phones:
    """All telephones. Belongs to one thread."""

    def __init__(self) -> None:
        self._sip = _udp()
        self._by_id: dict[str, LoadCall] = {}
        self.finished: list[LoadCall] = []

    @property
    def up(self) -> int:
        """Calls that talk."""
        return sum(call.state == "up" for call in list(self._by_id.values()))  # also asked by the thread that looks on

    @property
    def busy(self) -> int:
        """Calls that talk, or will soon."""
        return len(self._by_id)

    def waits_ms(self, recent_s: float) -> list[float]:
        """How long callers waited for answers, of calls that talked in the last so many seconds."""
        since = time.monotonic() - recent_s
        calls = [*list(self._by_id.values()), *(call for call in list(self.finished) if call.left_at >= since)]
        return [wait for call in calls for wait in call.talker.waits_ms[-MOST_SHOWN:]]

    def calls_on(self, port: int) -> int:
        """Calls to this cell that have not ended."""
        return sum(call.dialog.port == port for call in self._by_id.values())

    def dial(self, number: str, host: str, port: int, talker: Talker) -> None:
        """Begin a call."""
        rtp = _udp()
        rtp.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        dialog = Dialog(uuid.uuid4().hex, number, host, port, self._sip.getsockname()[1], rtp.getsockname()[1])
        now = time.monotonic()
        call = LoadCall(dialog, talker, rtp, now, sent_at=now)
        self._by_id[dialog.call_id] = call
        self._send(call, sip_text.invite(dialog))

    def tick(self) -> None:
        """Every 20 ms: read SIP, and let every call hear, speak and leave."""
        self._read_sip()
        now, up = time.monotonic(), self.up
        for call in list(self._by_id.values()):
            if call.state == "up":
                call.tick()
                if call.talker.ticks % 25 == 0:
                    call.concurrent.append((call.talker.ticks, up))
                if call.talker.over or now - call.answered_at > CALL_TIMEOUT_S:
                    self._leave(call, now)
            self._look(call, now)

    def close(self) -> None:
        """Hang up what is left."""
        for call in list(self._by_id.values()):
            if call.state == "up":
                self._send(call, sip_text.bye(call.dialog))
            self._finish(call, call.failure or "broken off by the load generator")
        self._sip.close()

    def _leave(self, call: LoadCall, now: float) -> None:
        call.state, call.left_at, call.sent_at = "leaving", now, now
        self._send(call, sip_text.bye(call.dialog))

    def _look(self, call: LoadCall, now: float) -> None:
        """Resend, or give up."""
        if call.state == "inviting" and now - call.began_at > SETUP_TIMEOUT_S:
            self._finish(call, "no answer to INVITE")
        elif call.state == "leaving" and now - call.left_at > GOODBYE_TIMEOUT_S:
            self._finish(call, "no answer to BYE")
        elif call.state in ("inviting", "leaving") and now - call.sent_at > RESEND_S and not call.status:
            call.sent_at = now
            self._send(call, sip_text.invite(call.dialog) if call.state == "inviting" else sip_text.bye(call.dialog))

    def _read_sip(self) -> None:
        while True:
            try:
                data, address = self._sip.recvfrom(8192)
            except BlockingIOError:
                return
            message = sip_text.parse(data)
            if message and message.method and message.method != "ACK":
                self._sip.sendto(sip_text.ok(message), address)
            call = self._by_id.get(message.call_id) if message else None
            if call and message:
                self._on_message(call, message)

    def _on_message(self, call: LoadCall, message: Incoming) -> None:
        if message.method == "BYE":
            early = not call.talker.said or call.talker.said[-1].label != str(len(call.talker.lines) - 1)
            self._finish(call, "the agent hung up early" if early else "")
        elif message.cseq_method == "INVITE" and message.status >= 200:
            self._answered(call, message)
        elif message.cseq_method == "INVITE" and message.status >= 100 and call.state == "inviting":
            call.sent_at = time.monotonic() + SETUP_TIMEOUT_S  # it is there: no need to send again
        elif message.cseq_method == "BYE" and message.status >= 200:
            self._finish(call, "")

    def _answered(self, call: LoadCall, message: Incoming) -> None:
        if message.status >= 300:
            self._send(call, sip_text.ack_of_refusal(call.dialog, message))
            call.status = message.status
            call.setup_ms = (time.monotonic() - call.began_at) * 1000
            self._finish(call, f"{message.status} {message.reason}")
            return
        if call.state == "inviting":
            call.answered_at = time.monotonic()
            call.setup_ms = (call.answered_at - call.began_at) * 1000
            call.dialog, call.media, call.state = call.dialog.answered(message), message.media, "up"
        self._send(call, sip_text.ack(call.dialog))

    def _finish(self, call: LoadCall, failure: str) -> None:
        call.state, call.failure = "over", failure
        call.rtp.close()
        del self._by_id[call.dialog.call_id]
        self.finished.append(call)

    def _send(self, call: LoadCall, message: bytes) -> None:
        self._sip.sendto(message, (call.dialog.host, call.dialog.port))


def _udp() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    made.setblocking(False)
    return made
