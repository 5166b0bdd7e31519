"""One call in a cell: what happens on the line becomes messages, messages become what happens on the line.

The SIP dialog and the playout queue are the cell's, so the caller stays on the line while a worker that died is
replaced.
"""

import contextlib
import time
from typing import Protocol

from voicegw.errors import WireError
from voicegw.gateway.cell_consult import Consultation
from voicegw.gateway.cell_facts import of_the_end, quality
from voicegw.gateway.cell_watch import MediaWatch, TransferWatch, WorkerWatch
from voicegw.log import get_logger
from voicegw.sip import events as sip
from voicegw.sip.gate import Refusal
from voicegw.sip.leg import Leg
from voicegw.wire import messages as wire
from voicegw.wire.link import Link

WORKER_WAIT_S = 3.0
"""A supervisor that has not found a worker by then will not."""
NO_LINE = 503
"""Told ``by`` the network to a worker that wants to consult a person when all lines of the cell are taken."""


class Surroundings(Protocol):
    """What a call needs of its cell."""

    @property
    def refusal_headers(self) -> tuple[tuple[str, str], ...]:
        """Of a call that the supervisor turns away."""

    def tell(self, message: wire.Message) -> None:
        """Send to the supervisor."""

    def listen(self, link: Link, call: "CellCall") -> None:
        """Have ``call.read_link`` called when something has come on ``link``."""

    def ignore(self, link: Link) -> None:
        """The link is about to be closed."""

    def consult(self, order: wire.ConsultPerson, link: Link, caller: "CellCall", target: str) -> "CellCall | None":
        """Call a person on behalf of ``caller``; None when that cannot be: no line free, or no address."""


class CellCall:
    """Belongs to the cell's main thread."""

    def __init__(
        self, call_id: str, leg: Leg, cell: Surroundings, *, worker_hang_s: float, media_timeout_s: float
    ) -> None:
        self.call_id = call_id
        self.over = False
        self.leg = leg
        self._cell = cell
        self._log = get_logger(call_id=call_id)
        self.invite = sip.InviteReceived(leg.number, "", "")
        self.worker_watch = WorkerWatch(worker_hang_s)
        self._media_watch = MediaWatch(media_timeout_s)
        self._packets = 0
        """Of the other side, when its line was looked at last."""
        self._transfer = TransferWatch()
        self._assigned: wire.WorkerAssigned | None = None
        self._link: Link | None = None
        self._worker_due: float | None = None
        """When a worker must have been found."""
        self.answered = False
        self._codec = ""
        self._media_known = False
        """The answer to the offer is decided: media flows, or is held from the start."""
        self.up = False
        """Both of the above: the worker was told ``CallAnswered``."""
        self._held_told = False
        self._ending: tuple[str, str] | None = None
        """By whom and why, when it was this side that ended the call."""
        self._order: wire.CallOrdered | None = None
        """Of a person at the console, for the worker that is being found."""
        self._consultation: Consultation | None = None
        """With the other call: this one is a caller's for whom a person is called, or that person's."""

    @property
    def wants_worker(self) -> bool:
        """It has asked for one, and still needs it."""
        return self._link is None and not self.over and not self._ending

    @property
    def _is_person(self) -> bool:
        return self._consultation is not None and self._consultation.person is self

    @property
    def _is_joined(self) -> bool:
        return self._consultation is not None and self._consultation.joined

    # --- beginnings -----------------------------------------------------------------------------------------

    def place(self, order: wire.PlaceCall, link: Link) -> None:
        """An outbound call: its link is there from the start, and nobody needs to beat."""
        self.invite = sip.InviteReceived(self.leg.number, order.caller, order.uri, order.headers)
        self._take_link(link)
        self._log.info("call.placed", pii_uri=order.uri)

    def consult(self, order: wire.ConsultPerson, link: Link, caller: "CellCall") -> None:
        """This call is to a person, on behalf of ``caller``."""
        together = Consultation(caller, self, order.ring_timeout_s, time.monotonic())
        self._consultation = caller._consultation = together
        self._take_link(link)
        self._log.info("call.consulting", caller_call_id=caller.call_id, pii_target=order.target)

    def worker_assigned(self, order: wire.WorkerAssigned, link: Link) -> None:
        """The supervisor found a worker, at first or after one was lost."""
        self._assigned = order
        self._worker_due = None
        self.worker_watch.assigned(time.monotonic())
        self._take_link(link)
        self._log.info("call.worker_assigned", worker=order.worker, dialplan=order.dialplan)
        invite = self.invite
        self._send(
            wire.CallStarted(
                self.call_id,
                invite.caller,
                invite.callee,
                order.dialplan,
                order.version,
                dict(invite.headers),
                resumed=self.up,
                transferring=self._transfer.pending,
                easing=order.easing,
                by_keys=order.by_keys,
            )
        )
        if self.up:
            self._introduce_media()
        if self._order:
            self._send(self._order)
            self._order = None

    def turned_away(self, order: wire.CallTurnedAway) -> None:
        """The supervisor does not want it, or has no worker left."""
        self._worker_due = None
        self._turn_away(order.sip_status, order.reason, order.retry_after_s)

    def _take_link(self, link: Link) -> None:
        self._link = link
        self.leg.line.connect(link)
        self._cell.listen(link, self)

    # --- what happens on the line ---------------------------------------------------------------------------

    def line_said(self, event: sip.SipEvent) -> None:
        """An event of this call's leg."""
        match event:
            case sip.InviteReceived():
                self._invited(event)
            case sip.RemoteRang():
                self._progress("ringing", sip_status=event.sip_status)
            case sip.Answered():
                self.answered = True
                self._come_up()
            case sip.MediaFlows():
                self._media_flows(event.codec)
            case sip.Held():
                self._media_known = True
                self._hold()
                self._come_up()
            case sip.KeyPressed():
                self._log.info("call.key_pressed", method=event.method)  # not which: it may be of a PIN
                self._send(wire.DigitPressed(event.digit, self._now_ms(), event.method))
            case sip.TransferNotified():
                self._transfer_notified(event)
            case sip.Ended() if not self.over:
                self._ended(event)

    def _invited(self, event: sip.InviteReceived) -> None:
        self.invite = event
        if self.leg.over and not self.leg.cancelled:  # refused by PJSIP, as with 422: nobody needs to hear of it
            self.over = True
            return
        self.leg.ring()
        self._want_worker()
        self._log.info("call.invited", pii_caller=event.caller, callee=event.callee)

    def _media_flows(self, codec: str) -> None:
        if codec != self._codec:
            self._log.info("call.codec", codec=codec)
        self._codec = codec
        self._media_known = True
        if self.up and not self._is_joined:
            self.leg.line.flow()
        if self._held_told:
            self._held_told = False
            self._log.info("call.unheld")
            self._send(wire.CallUnheld(self._now_ms()))
        self._come_up()

    def _hold(self) -> None:
        self.leg.line.stop()
        self._media_watch.rest()
        if self.up and not self._held_told:
            self._held_told = True
            self._log.info("call.held")
            self._send(wire.CallHeld(self._now_ms()))

    def _come_up(self) -> None:
        if self.up or not (self.answered and self._media_known):
            return
        self.up = True
        self._log.info("call.answered", setup_ms=self.leg.setup_ms, codec=self._codec)
        self._progress("answered", setup_ms=self.leg.setup_ms, codec=self._codec)
        self._introduce_media()

    def _introduce_media(self) -> None:
        """Tell a worker, the first or a new one, how the media stand."""
        self._send(wire.CallAnswered(self._now_ms(), self._codec))
        if self.leg.held:
            self._held_told = True
            self._send(wire.CallHeld(self._now_ms()))
        else:
            self.leg.line.flow()

    def _transfer_notified(self, event: sip.TransferNotified) -> None:
        self._log.info("call.transfer_progressed", sip_status=event.sip_status, final=event.final)
        if self._transfer.notified(event.sip_status, final=event.final):
            self._send(wire.TransferProgressed(event.sip_status, event.final))
        if self._transfer.outcome == "confirmed":
            self.end("agent", "transferred")

    def _ended(self, event: sip.Ended) -> None:
        self.over = True
        by, reason = self._ending or (("network", event.reason) if event.by_network else ("caller", event.reason))
        facts = of_the_end(by, reason, event, self.leg.line) | {
            "workers_lost": self.worker_watch.lost,
            "transfer": "confirmed" if self._is_joined else self._transfer.outcome,
        }
        self._log.info("call.ended", **facts)
        self._send(wire.CallEnded(by, event.sip_status, reason, self._transfer.outcome))
        self._drop_link()
        if self._consultation:
            self._consultation.left(self)
        self._progress("ended", **facts)

    # --- what the worker wants ------------------------------------------------------------------------------

    def read_link(self) -> None:
        """The link has something, or is gone."""
        link = self._link
        try:
            while link is not None and link is self._link:
                received = link.receive_with_sockets()
                if received is None:
                    return
                message, sockets = received
                if isinstance(message, wire.ConsultPerson) and sockets:
                    self._consult(message, Link(sockets[0]))
                else:
                    self._worker_said(message)
        except (OSError, WireError) as error:
            self._log.warning("call.link_broken", reason=str(error))
            self._lose_worker(hung=False)

    def _worker_said(self, message: wire.Message) -> None:
        match message:
            case wire.Heartbeat(late_ms=late_ms):
                self.worker_watch.beat(time.monotonic(), late_ms)
            case wire.AnswerCall():
                self.leg.answer()
            case wire.GatherFrames():
                self.leg.line.gather(message)
            case wire.SendDigits(digits=digits):
                self.leg.send_digits(digits)
            case wire.TransferCall(target=target, headers=headers, ring_timeout_s=ring_timeout_s):
                self._log.info("call.transferring", pii_target=target)
                self._transfer.asked(ring_timeout_s, time.monotonic())
                self.leg.transfer(target, headers)
            case wire.JoinPerson() if self._consultation:
                if self._consultation.join():
                    self._log.info("call.joined", person_call_id=self._consultation.person.call_id)
            case wire.HangUp(sip_status=status, reason=reason):
                self._hang_up(status, reason)
            case _:  # WorkerReady may still lie in the link: it changes nothing
                self.leg.line.command(lambda playout: playout.obey(message))

    def _consult(self, order: wire.ConsultPerson, link: Link) -> None:
        target = self.leg.address_of(order.target)
        if self._cell.consult(order, link, self, target) is None:
            self._log.warning("call.cannot_consult", pii_target=target)
            with contextlib.suppress(OSError):
                link.send(wire.CallEnded("network", NO_LINE, "no line is free, or the address cannot be dialled"))
            link.finish()

    def _hang_up(self, sip_status: int, reason: str) -> None:
        if self.answered or self.leg.outbound:
            self.end("agent", reason)
            return
        self._refuse(Refusal(sip_status if sip_status >= 300 else 603, reason))

    # --- time -----------------------------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """Called a few times a second."""
        if self.over:
            return
        if self._worker_due is not None and now > self._worker_due:
            self._worker_due = None
            self._log.error("call.no_worker_in_time")
            self._turn_away(503, "no worker in time", retry_after_s=5)
        elif self._link and self.worker_watch.hangs(now):
            self._lose_worker(hung=True)
        elif self._is_person and self._consultation and self._consultation.rings_too_long(now):
            self.end("agent", "nobody answered")
        elif self._transfer.overdue(now):
            self._log.info("call.transfer_rang_too_long")
            self._send(wire.TransferProgressed(408, True))
        elif self.up and not self.leg.held and self._media_watch.silent_too_long(self._packets, now):
            self.end("network", "no audio from the other side")

    def quality(self) -> list[float]:
        """As in ``CellPulse``. PJSIP takes its time to tell: once a second."""
        rtp = self.leg.rtp()
        self._packets = rtp.received
        return quality(rtp, self.leg.line)

    def pass_on(self, message: wire.Message) -> None:
        """What the service wants of the worker: that it wraps up or eases, or what a person at the console ordered."""
        if self._assigned and self._link:
            self._send(message)
        elif isinstance(message, wire.CallOrdered) and message.deed == "hand_over":
            self._order = message

    def stop(self, reason: str) -> None:
        """The cell goes away."""
        self._give_up(reason)

    def _want_worker(self) -> None:
        self._worker_due = time.monotonic() + WORKER_WAIT_S
        invite = self.invite
        self._cell.tell(
            wire.WorkerWanted(self.call_id, invite.caller, invite.callee, resumed=self.up, headers=dict(invite.headers))
        )

    def _lose_worker(self, *, hung: bool) -> None:
        self._drop_link()
        if self.over:
            return
        if self._assigned is None:
            self.end("agent", "the program that placed the call is gone")
            return
        self.worker_watch.gone()
        self._log.error("call.worker_lost", worker=self._assigned.worker, hung=hung)
        self._cell.tell(wire.WorkerLost(self.call_id, self._assigned.worker, hung))
        if self._ending:
            return
        if self.worker_watch.hopeless:
            self._give_up("workers kept failing")
        else:
            if self.up:
                self.leg.line.comfort()
            self._want_worker()

    # --- ends -----------------------------------------------------------------------------------------------

    def _give_up(self, reason: str) -> None:
        if self.answered or self.leg.outbound:
            self.end("network", reason)
        else:
            self._refuse(Refusal(503, reason, retry_after_s=5))

    def _turn_away(self, sip_status: int, reason: str, retry_after_s: int | None) -> None:
        """There is no worker for it."""
        if self.answered:
            self.end("network", "no worker for a call that lost its own")
        else:
            self._refuse(Refusal(sip_status, reason, retry_after_s, self._cell.refusal_headers))

    def _refuse(self, refusal: Refusal) -> None:
        self._log.info("call.refused", sip_status=refusal.sip_status, reason=refusal.reason)
        self._ending = self._ending or ("agent", refusal.reason)
        self.leg.refuse(refusal)

    def leave_worker(self, reason: str) -> None:
        """The call goes on without one."""
        self._send(wire.CallEnded("agent", 200, reason, "confirmed"))
        self._drop_link()

    def end(self, by: str, reason: str) -> None:
        """Hang up, as asked for by that side."""
        self._ending = self._ending or (by, reason)
        self.leg.hang_up()

    # --- links ----------------------------------------------------------------------------------------------

    def _send(self, message: wire.Message) -> None:
        """To the worker. One that is gone or does not read is found out by its link or its heartbeat."""
        if self._link is None:
            return
        try:
            if not self._link.send(message):
                self._log.warning("call.worker_does_not_read", message=type(message).__name__)
        except OSError:
            pass

    def _drop_link(self) -> None:
        if self._link is None:
            return
        self.leg.line.connect(None)
        self._cell.ignore(self._link)
        self._link.finish()
        self._link = None

    def _progress(self, state: str, **facts: object) -> None:
        if self._is_person:
            return  # nobody but its worker hears of it
        self._cell.tell(wire.CallProgressed(self.call_id, state, time.time_ns() // 1_000_000, facts))

    def _now_ms(self) -> int:
        return self.leg.line.clock.now_ms(time.monotonic())
