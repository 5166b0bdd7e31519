"""A cell: SIP, RTP and the playout queues of up to four calls, and no intelligence.

Started by exec with one inherited descriptor, its cell link. One Python thread alternates between the links and
PJSIP's events; PJSIP's media thread calls back for frames.

Example: python -m voicegw.gateway.cell --link-fd 3 --host 127.0.0.1 --port 5060
"""

import argparse
import contextlib
import json
import os
import selectors
import signal
import socket
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from voicegw import log
from voicegw.errors import SetupError, WireError
from voicegw.gateway.cell_call import CellCall
from voicegw.sip import events as sip
from voicegw.sip.endpoint import Registration, SipOptions, UserAgent
from voicegw.sip.headers import MACHINE_REFUSES, is_address
from voicegw.wire import messages as wire
from voicegw.wire.link import Link

_PULSE_EVERY_S = 1.0
_LOOK_EVERY_S = 0.1
_WAIT_S = 0.050
"""SIP messages and links wake us; keys heard on the media thread and PJSIP's timers wait for so long."""
_POLL_S = 0.020
"""Where SIP messages do not wake us."""
_GOODBYE_S = 1.0
"""Time for the BYEs of a stopping cell to be answered."""
_log = log.get_logger()


@dataclass(frozen=True)
class CellOptions:
    """Everything a cell is told at its start."""

    sip: SipOptions
    media_timeout_s: float = 15.0
    worker_hang_s: float = 2.0


class Cell:
    """One process has one. All of it belongs to the main thread."""

    def __init__(self, link: Link, options: CellOptions) -> None:
        """Listen for calls.

        :raises PortBusy: the SIP port is taken.
        """
        self._link = link
        self._options = options
        self._agent = UserAgent(options.sip)
        self._calls: dict[str, CellCall] = {}
        self._by_leg: dict[int, CellCall] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(link, selectors.EVENT_READ, self._read_supervisor)
        if self._agent.descriptor is not None:
            self._selector.register(self._agent.descriptor, selectors.EVENT_READ, _just_wake)
        self._running = True
        self._next_pulse = self._next_look = 0.0

    # --- life -----------------------------------------------------------------------------------------------

    def run(self, ready_pid: int) -> None:
        """Until told to stop, or the supervisor is gone."""
        agent = self._agent
        self.tell(wire.CellReady(ready_pid, agent.port, agent.most_calls))
        _log.info("cell.ready", port=agent.port, most_calls=agent.most_calls)
        while self._running:
            self._turn()
        self._say_goodbye()

    def stop(self) -> None:
        """Leave ``run`` after this turn."""
        self._running = False

    def _turn(self) -> None:
        for key, _ in self._selector.select(_POLL_S if self._agent.descriptor is None else _WAIT_S):
            key.data()
        self._agent.handle_events()
        self._take_line_events()
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + _LOOK_EVERY_S
            for call in list(self._calls.values()):
                self._guarded(call, partial(call.look, now))
        if now >= self._next_pulse:
            self._next_pulse = now + _PULSE_EVERY_S
            lines = {call.call_id: call.quality() for call in self._calls.values() if call.up}
            late_ms = [call.worker_watch.take_late_ms() for call in self._calls.values()]
            self.tell(wire.CellPulse(len(late_ms), lines, median(late_ms) if late_ms else 0.0, self._agent.trunks))

    def _say_goodbye(self) -> None:
        _log.info("cell.stopping", calls=len(self._calls))
        self._agent.draining = True
        for call in list(self._calls.values()):
            call.stop("the gateway stops")
        until = time.monotonic() + _GOODBYE_S
        while self._calls and time.monotonic() < until:
            self._agent.handle_events()
            self._take_line_events()
            time.sleep(_POLL_S)

    # --- the supervisor -------------------------------------------------------------------------------------

    @property
    def refusal_headers(self) -> tuple[tuple[str, str], ...]:
        """An edge of our own need not ask the machine's other cells; nobody else is told."""
        return ((MACHINE_REFUSES, "1"),) if self._options.sip.media_host else ()

    def tell(self, message: wire.Message, sockets: Sequence[socket.socket] = ()) -> None:
        """Send to the supervisor; one that is gone ends the cell."""
        try:
            if not self._link.send(message, sockets):
                _log.error("cell.supervisor_does_not_read", message=type(message).__name__)
        except OSError:
            self.stop()

    def _read_supervisor(self) -> None:
        try:
            while self._running:
                received = self._link.receive_with_sockets()
                if received is None:
                    return
                message, sockets = received
                self._supervisor_said(message, [Link(sock) for sock in sockets])
        except (OSError, WireError) as error:
            _log.error("cell.supervisor_lost", reason=str(error))
            self.stop()

    def _supervisor_said(self, message: wire.Message, links: list[Link]) -> None:
        match message:
            case wire.WorkerAssigned() if links:
                self._worker_assigned(message, links[0])
            case wire.CallTurnedAway():
                call = self._calls.get(message.call_id)
                if call:
                    call.turned_away(message)
            case wire.CallOrdered():
                self._ordered(message)
            case wire.PlaceCall() if links:
                self._place(message, links[0])
            case wire.Drain():
                _log.info("cell.draining")
                self._agent.draining = True
            case wire.WrapUp() | wire.Ease():
                for each in self._calls.values():
                    each.pass_on(message)
            case wire.Stop():
                self.stop()
            case _:
                raise WireError(f"a cell has no use for {type(message).__name__}")

    def _worker_assigned(self, order: wire.WorkerAssigned, link: Link) -> None:
        call = self._calls.get(order.call_id)
        if call and call.wants_worker:
            call.worker_assigned(order, link)
            return
        self.tell(wire.WorkerReturned(order.worker), [link.sock])
        link.close()

    def _ordered(self, order: wire.CallOrdered) -> None:
        call = self._calls.get(order.call_id)
        if call and order.deed == "hang_up":
            call.end("agent", "hung up from the console")
        elif call:
            call.pass_on(order)

    def _place(self, order: wire.PlaceCall, link: Link) -> None:
        leg = self._agent.place(order.uri, order.caller, order.headers, order.codec)
        if leg is None:
            reason = f"cannot dial {order.uri}: is it a SIP URI, and is a line free?"
            facts: dict[str, object] = {"by": "network", "sip_status": 400, "reason": reason}
            with contextlib.suppress(OSError):
                link.send(wire.CallEnded("network", 400, reason))
            link.finish()
            self.tell(wire.CallProgressed(order.call_id, "ended", time.time_ns() // 1_000_000, facts))
            return
        self._add(order.call_id, leg.number).place(order, link)

    # --- the line -------------------------------------------------------------------------------------------

    def _take_line_events(self) -> None:
        for event in self._agent.take_events():
            call = self._by_leg.get(event.leg)
            if call is None and isinstance(event, sip.InviteReceived):
                call = self._add(uuid.uuid4().hex, event.leg)
            if call is None:
                continue
            self._guarded(call, partial(call.line_said, event))
            if isinstance(event, sip.Ended):
                self._by_leg.pop(event.leg, None)
                self._calls.pop(call.call_id, None)

    def _add(self, call_id: str, leg: int) -> CellCall:
        call = CellCall(
            call_id,
            self._agent.legs[leg],
            self,
            worker_hang_s=self._options.worker_hang_s,
            media_timeout_s=self._options.media_timeout_s,
        )
        self._calls[call_id] = self._by_leg[leg] = call
        return call

    def consult(self, order: wire.ConsultPerson, link: Link, caller: CellCall, target: str) -> CellCall | None:
        """Call a person on behalf of ``caller``."""
        leg = self._agent.place(target, caller.invite.callee, order.headers) if is_address(target) else None
        if leg is None:
            return None
        call = self._add(order.call_id, leg.number)
        call.consult(order, link, caller)
        return call

    def listen(self, link: Link, call: CellCall) -> None:
        """Hear ``call``'s worker."""
        self._selector.register(link, selectors.EVENT_READ, partial(self._guarded, call, call.read_link))

    def ignore(self, link: Link) -> None:
        """Hear it no more."""
        self._selector.unregister(link)

    def _guarded(self, call: CellCall, step: Callable[[], None]) -> None:
        """The edge of a call: what goes wrong in one must not touch the others."""
        try:
            step()
        except Exception:
            _log.exception("cell.call_failed", call_id=call.call_id)
            call.stop("internal error")


def _just_wake() -> None:
    """SIP messages are read in every turn."""


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m voicegw.gateway.cell", description=__doc__)
    parser.add_argument("--link-fd", type=int, required=True, help="inherited descriptor of the cell link")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="SIP port (UDP); 0 finds a free one")
    parser.add_argument("--rtp-port", type=int, default=0, help="first RTP port; 0 finds a free range")
    parser.add_argument("--media-host", default="", help="address for audio, if SIP comes by a proxy on this machine")
    parser.add_argument("--codecs", default="PCMU,PCMA,G722", help="best first")
    parser.add_argument("--public-host", default="", help="address to advertise")
    parser.add_argument("--media-timeout", type=float, default=15.0, metavar="S")
    parser.add_argument("--worker-hang", type=float, default=2.0, metavar="S")
    parser.add_argument("--srtp", default="off", choices=("off", "optional", "required"))
    parser.add_argument("--secrets", action="store_true", help="users and registrations come as JSON on standard input")
    parser.add_argument("--loss-percent", type=int, default=0, help="RTP packets to lose on purpose, for tests")
    parser.add_argument("--log-format", default="json", choices=("auto", "json", "pretty"))
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    return parser.parse_args(arguments)


def _options(parsed: argparse.Namespace) -> CellOptions:
    secrets = json.load(sys.stdin) if parsed.secrets else {}
    listening = SipOptions(
        host=parsed.host,
        port=parsed.port,
        rtp_port=parsed.rtp_port,
        media_host=parsed.media_host,
        public_host=parsed.public_host,
        codecs=tuple(parsed.codecs.split(",")),
        pjsip_log_level=4 if parsed.log_level == "debug" else 0,
        srtp=parsed.srtp,
        users=secrets.get("users", {}),
        registrations=tuple(Registration(**one) for one in secrets.get("registrations", ())),
        loss_percent=parsed.loss_percent,
    )
    return CellOptions(listening, parsed.media_timeout, parsed.worker_hang)


def main(arguments: Sequence[str] | None = None) -> int:
    """The process."""
    parsed = _parse(arguments)
    log.configure(level=parsed.log_level, json={"json": True, "pretty": False}.get(parsed.log_format))
    try:
        cell = Cell(Link.from_fd(parsed.link_fd), _options(parsed))
    except SetupError as error:
        print(f"voicegw: {error}", file=sys.stderr)
        return error.exit_code
    signal.signal(signal.SIGTERM, lambda *_: cell.stop())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the supervisor says Stop
    cell.run(os.getpid())
    return 0


if __name__ == "__main__":
    status = 1
    try:
        status = main()
    except Exception:
        _log.exception("cell.failed")
    finally:
        sys.stderr.flush()
        os._exit(status)  # PJSIP takes a second to be taken down, and crashes when Python goes first
