"""A cell: the process that holds the SIP side of a few calls, and nothing else.

``python -m voicegw.gateway.cell`` is started by the supervisor (or by ``voicegw call``), with one end of the cell
link. One thread runs everything here: it reads the links, lets PJSIP work, and maps the events of one to the
messages of the other. Audio does not pass through it (see ``voicegw.sip.media``).
"""

import contextlib
import os
import selectors
import time
import uuid
from dataclasses import dataclass

import click

from voicegw import log
from voicegw.audio.playout import Playout
from voicegw.errors import VoicegwError, WireError
from voicegw.gateway.cell_call import CellCall, Stage
from voicegw.sip import events as sip
from voicegw.sip.endpoint import SipOptions, UserAgent
from voicegw.sip.gate import Refusal
from voicegw.wire.link import Link
from voicegw.wire.messages import (
    AnswerCall,
    CallAnswered,
    CallEnded,
    CallHeld,
    CallProgressed,
    CallTurnedAway,
    CallUnheld,
    CellPulse,
    CellReady,
    ClearPlayout,
    DigitPressed,
    Drain,
    HangUp,
    Heartbeat,
    Message,
    PausePlayout,
    PlaceCall,
    ResumePlayout,
    SendDigits,
    Speech,
    SpeechEnded,
    Stop,
    TransferCall,
    TransferProgressed,
    WorkerAssigned,
    WorkerLost,
    WorkerReady,
    WorkerWanted,
)

logger = log.get_logger()

BUSY_WAIT_S = 0.005
IDLE_WAIT_S = 0.010
"""How long SIP messages may wait to be read: PJSIP's sockets are polled, links wake us."""
SUPERVISOR_TIMEOUT_S = 3.0
MOST_WORKERS_LOST = 3
PULSE_S = 1.0
FAREWELL_S = 1.0
"""For BYEs to be answered before the process ends."""
NO_ANSWER = Refusal(503, "No worker in time", retry_after_s=5)


@dataclass(frozen=True)
class CellRules:
    """Time limits of a cell."""

    worker_hang_s: float = 2.0
    media_timeout_s: float = 15.0


class Cell:
    """Everything here belongs to the thread that calls ``run``."""

    def __init__(self, agent: UserAgent, supervisor: Link, rules: CellRules) -> None:
        self._agent = agent
        self._supervisor = supervisor
        self._rules = rules
        self._calls: dict[int, CellCall] = {}
        """By the number of the leg."""
        self._selector = selectors.DefaultSelector()
        self._selector.register(supervisor, selectors.EVENT_READ, None)
        self._stopping = False
        self._pulse_at = 0.0

    def run(self) -> None:
        """Until stopped, or until the supervisor is gone."""
        self._tell_supervisor(CellReady(os.getpid(), self._agent.port, self._agent.most_calls))
        while not self._stopping:
            self._step()
        self._say_farewell()

    def _step(self) -> None:
        for key, _ in self._selector.select(BUSY_WAIT_S if self._calls else IDLE_WAIT_S):
            if key.data is None:
                self._read_supervisor()
            elif isinstance(key.data, CellCall):
                self._read_worker(key.data)
        self._agent.handle_events()
        for event in self._agent.take_events():
            self._on_sip(event)
        now = time.monotonic()
        if now - self._pulse_at >= PULSE_S:
            self._pulse_at = now
            self._tell_supervisor(CellPulse(len(self._calls)))
            self._check_media(now)
        self._check_workers(now)

    def _say_farewell(self) -> None:
        for call in self._calls.values():
            call.ended_by_us = call.ended_by_us or "the service stopped"
            call.leg.hang_up()
        deadline = time.monotonic() + FAREWELL_S
        while self._calls and time.monotonic() < deadline:
            self._agent.handle_events()
            for event in self._agent.take_events():
                self._on_sip(event)
            time.sleep(IDLE_WAIT_S)

    # --- the supervisor -------------------------------------------------------------------------------------

    def _tell_supervisor(self, message: Message) -> None:
        try:
            self._supervisor.send(message)
        except OSError:
            self._stopping = True

    def _read_supervisor(self) -> None:
        try:
            while (received := self._supervisor.receive_with_sockets()) is not None:
                message, sockets = received
                links = [Link(sock) for sock in sockets]
                if not self._on_supervisor(message, links):
                    for link in links:
                        link.close()
        except (OSError, WireError) as error:
            logger.warning("cell.supervisor_gone", error=str(error))
            self._stopping = True

    def _on_supervisor(self, message: Message, links: list[Link]) -> bool:
        """True if a link that came beside the message was taken over."""
        match message:
            case WorkerAssigned() if links:
                return self._assign(message, links[0])
            case PlaceCall() if links:
                return self._place(message, links[0])
            case CallTurnedAway(call_id=call_id):
                call = self._find(call_id)
                if call:
                    refusal = Refusal(message.sip_status, message.reason, message.retry_after_s)
                    self._turn_away(call, refusal)
            case Drain():
                self._agent.draining = True
            case Stop():
                self._stopping = True
            case _:
                logger.warning("cell.unexpected_message", kind=type(message).__name__)
        return False

    def _find(self, call_id: str) -> CellCall | None:
        return next((call for call in self._calls.values() if call.call_id == call_id), None)

    def _assign(self, assigned: WorkerAssigned, link: Link) -> bool:
        call = self._find(assigned.call_id)
        if call is None or call.link is not None or call.stage is Stage.OVER:
            return False
        resumed = call.stage is Stage.UP
        call.start_worker(link, assigned.worker, assigned.dialplan, assigned.version, resumed=resumed)
        self._selector.register(link, selectors.EVENT_READ, call)
        if resumed:
            call.tell(CallAnswered(call.now_ms, call.codec))
        else:
            call.stage = Stage.RINGING
        return True

    def _place(self, wanted: PlaceCall, link: Link) -> bool:
        leg = self._agent.place(wanted.uri, wanted.headers, wanted.codec)
        if leg is None:
            facts: dict[str, object] = {"by": "network", "sip_status": 400, "reason": "cannot dial this URI"}
            self._progress(wanted.call_id, "ended", facts)
            return False
        call = CellCall(wanted.call_id, leg, wanted.caller, wanted.uri, stage=Stage.RINGING, link=link)
        call.beat_at = float("inf")  # whoever places calls watches over itself
        leg.line.connect(link)
        self._calls[leg.number] = call
        self._selector.register(link, selectors.EVENT_READ, call)
        return True

    def _turn_away(self, call: CellCall, refusal: Refusal) -> None:
        call.ended_by_us = refusal.reason
        if call.stage is Stage.UP:
            call.leg.hang_up()
        else:
            call.leg.refuse(refusal)
        call.stage = Stage.OVER

    def _progress(self, call_id: str, state: str, facts: dict[str, object]) -> None:
        self._tell_supervisor(CallProgressed(call_id, state, round(time.time() * 1000), facts))

    # --- a worker -------------------------------------------------------------------------------------------

    def _read_worker(self, call: CellCall) -> None:
        try:
            while call.link is not None and (message := call.link.receive()) is not None:
                self._on_worker(call, message)
        except (OSError, WireError) as error:
            logger.warning("cell.worker_gone", call_id=call.call_id, worker=call.worker, error=str(error))
            self._lose_worker(call, hung=False)

    def _on_worker(self, call: CellCall, message: Message) -> None:
        line = call.leg.line
        match message:
            case Speech():
                call.queue(message)
            case SpeechEnded(utterance=number):
                line.command(lambda playout: playout.end(number))
            case Heartbeat():
                call.beat_at, call.beaten = time.monotonic(), True
            case PausePlayout():
                line.command(Playout.pause)
            case ResumePlayout():
                line.command(Playout.resume)
            case ClearPlayout():
                call.clear()
            case AnswerCall():
                call.leg.answer()
            case SendDigits(digits=digits):
                call.leg.send_digits(digits)
            case TransferCall(target=target, headers=headers):
                call.leg.transfer(target, headers)
            case HangUp(sip_status=status, reason=reason):
                self._hang_up(call, status, reason)
            case WorkerReady():
                pass
            case _:
                logger.warning("cell.unexpected_message", call_id=call.call_id, kind=type(message).__name__)

    def _hang_up(self, call: CellCall, sip_status: int, reason: str) -> None:
        call.ended_by_us = reason or "the agent hung up"
        if call.stage is Stage.UP or call.leg.outbound:
            call.leg.hang_up()
        else:
            call.leg.refuse(Refusal(sip_status if sip_status >= 300 else 603, reason))

    def _check_workers(self, now: float) -> None:
        for call in list(self._calls.values()):
            if call.stage is Stage.WANTING and now - call.asked_at > SUPERVISOR_TIMEOUT_S:
                self._turn_away(call, NO_ANSWER)
            elif call.link and now - call.beat_at > self._rules.worker_hang_s:
                logger.error("cell.worker_hangs", call_id=call.call_id, worker=call.worker)
                self._lose_worker(call, hung=True)
            elif call.stage is Stage.UP and not call.link and now - call.asked_at > SUPERVISOR_TIMEOUT_S:
                self._turn_away(call, NO_ANSWER)

    def _lose_worker(self, call: CellCall, *, hung: bool) -> None:
        self._forget_link(call)
        call.drop_worker()
        if call.leg.outbound:  # whoever placed it is gone
            call.leg.hang_up()
            return
        call.workers_lost += 1
        self._tell_supervisor(WorkerLost(call.call_id, call.worker, hung))
        if call.stage is Stage.OVER or call.ended_by_us:
            return
        if call.workers_lost >= MOST_WORKERS_LOST:
            self._turn_away(call, Refusal(500, "workers kept failing"))
            return
        if call.stage is Stage.RINGING:
            call.stage = Stage.WANTING
        self._want_worker(call, resumed=call.stage is Stage.UP)

    def _want_worker(self, call: CellCall, *, resumed: bool) -> None:
        call.asked_at = time.monotonic()
        wanted = WorkerWanted(call.call_id, call.caller, call.callee, resumed, dict(call.headers))
        self._tell_supervisor(wanted)

    def _forget_link(self, call: CellCall) -> None:
        if call.link:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(call.link)

    # --- SIP ------------------------------------------------------------------------------------------------

    def _on_sip(self, event: sip.SipEvent) -> None:
        if isinstance(event, sip.InviteReceived):
            self._on_invite(event)
            return
        call = self._calls.get(event.leg)
        if call is None:
            return
        match event:
            case sip.RemoteRang(sip_status=status):
                self._progress(call.call_id, "ringing", {"sip_status": status})
            case sip.Answered():
                call.stage = Stage.UP if call.stage is not Stage.OVER else call.stage
                self._announce_answer(call)
            case sip.MediaFlows(codec=codec):
                self._on_media(call, codec)
            case sip.Held():
                call.leg.line.stop()
                call.flowing_since = None
                call.tell(CallHeld(call.now_ms))
            case sip.KeyPressed(digit=digit, method=method):
                call.tell(DigitPressed(digit, call.now_ms, method))
            case sip.TransferNotified(sip_status=status, final=final):
                self._on_transfer(call, status, final)
            case sip.Ended():
                self._on_ended(call, event)

    def _on_invite(self, invite: sip.InviteReceived) -> None:
        leg = self._agent.legs[invite.leg]
        call = CellCall(uuid.uuid4().hex, leg, invite.caller, invite.callee, invite.headers)
        self._calls[leg.number] = call
        leg.ring()
        self._want_worker(call, resumed=False)
        logger.info("call.invited", call_id=call.call_id, pii_caller=call.caller, callee=call.callee)

    def _on_media(self, call: CellCall, codec: str) -> None:
        was_held = call.flowing_since is None and bool(call.codec)
        call.codec = codec
        call.flowing_since = time.monotonic()
        call.leg.line.flow()
        if was_held:
            call.tell(CallUnheld(call.now_ms))
        else:
            self._announce_answer(call)

    def _announce_answer(self, call: CellCall) -> None:
        """Once the call is answered and its media flows, whichever comes last."""
        if call.stage is not Stage.UP or call.flowing_since is None:
            return
        call.tell(CallAnswered(call.now_ms, call.codec))
        facts: dict[str, object] = {"setup_ms": call.leg.setup_ms, "codec": call.codec}
        self._progress(call.call_id, "answered", facts)

    def _on_transfer(self, call: CellCall, sip_status: int, final: bool) -> None:
        call.tell(TransferProgressed(sip_status, final))
        if final and 200 <= sip_status < 300:
            call.transferred = True
            call.ended_by_us = "transferred"
            call.leg.hang_up()

    def _on_ended(self, call: CellCall, ended: sip.Ended) -> None:
        call.stage = Stage.OVER
        self._calls.pop(call.leg.number, None)
        by = "network" if ended.by_network or call.ended_by_us in _NETWORK_REASONS else "caller"
        by = "agent" if ended.by_us and by != "network" else by
        reason = call.ended_by_us or ended.reason
        call.tell(CallEnded(by, ended.sip_status, reason))
        self._forget_link(call)
        if call.link:
            call.link.close()
        self._progress(call.call_id, "ended", self._facts(call, ended, by, reason))
        logger.info("call.ended", call_id=call.call_id, by=by, sip_status=ended.sip_status, reason=reason)

    def _facts(self, call: CellCall, ended: sip.Ended, by: str, reason: str) -> dict[str, object]:
        line = call.leg.line
        gaps, gap_ms, longest_gap_ms = line.gaps()
        return {
            "by": by,
            "sip_status": ended.sip_status,
            "reason": reason,
            "rtp_sent": ended.rtp.sent,
            "rtp_received": ended.rtp.received,
            "rtp_lost": ended.rtp.lost,
            "jitter_ms": ended.rtp.jitter_ms,
            "late_frames": line.clock.late_frames,
            "dropped_frames": line.dropped_frames,
            "gaps": gaps,
            "gap_ms": gap_ms,
            "longest_gap_ms": longest_gap_ms,
        }

    def _check_media(self, now: float) -> None:
        """A call whose audio never comes, or has stopped, is over; on hold none is expected."""
        for call in list(self._calls.values()):
            if call.flowing_since is None or call.ended_by_us:
                continue
            received = call.leg.rtp().received
            if received != call.received_before:
                call.received_before = received
                call.flowing_since = now
            elif now - call.flowing_since > self._rules.media_timeout_s:
                call.ended_by_us = NO_MEDIA
                call.leg.hang_up()


NO_MEDIA = "no audio came from the caller"
_NETWORK_REASONS = {NO_MEDIA, "workers kept failing", NO_ANSWER.reason}


@click.command()
@click.option("--link-fd", type=int, required=True)
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, default=0)
@click.option("--rtp-port", type=int, default=0)
@click.option("--public-host", default="")
@click.option("--codecs", default="PCMU,PCMA,G722")
@click.option("--media-timeout", type=float, default=15.0)
@click.option("--worker-hang", type=float, default=2.0)
@click.option("--log-level", default="info")
@click.option("--log-format", default="auto")
def main(
    link_fd: int,
    host: str,
    port: int,
    rtp_port: int,
    public_host: str,
    codecs: str,
    media_timeout: float,
    worker_hang: float,
    log_level: str,
    log_format: str,
) -> None:
    """Serve calls until told to stop."""
    log.configure(level=log_level, json={"json": True, "pretty": False}.get(log_format))
    options = SipOptions(host, port, rtp_port, public_host, tuple(codecs.split(",")))
    agent = UserAgent(options)
    try:
        Cell(agent, Link.from_fd(link_fd), CellRules(worker_hang, media_timeout)).run()
    finally:
        agent.close()


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except VoicegwError as error:
        click.echo(f"voicegw cell: {error}", err=True)
        os._exit(error.exit_code)
    os._exit(0)  # PJSIP's threads have nothing left to say
