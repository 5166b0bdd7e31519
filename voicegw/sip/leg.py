"""One SIP dialog with its audio: PJSIP's callbacks become events, a few methods become requests."""

import time
import weakref
from collections.abc import Callable, Mapping

import pjsua2 as pj

from voicegw.log import get_logger
from voicegw.sip.events import Answered, Ended, Held, KeyPressed, MediaFlows, RemoteRang, SipEvent, TransferNotified
from voicegw.sip.gate import Refusal
from voicegw.sip.headers import host, is_address, is_number, with_user_to_user
from voicegw.sip.indialog import InDialog
from voicegw.sip.media import CallClock, Line, LinePort
from voicegw.sip.stats import RtpFacts

_log = get_logger()


def _operation(status: int = 0, reason: str = "", headers: Mapping[str, str] | None = None) -> pj.CallOpParam:
    parameters = pj.CallOpParam(True)
    parameters.statusCode = status
    parameters.reason = reason
    for name, value in (headers or {}).items():
        header = pj.SipHeader()
        header.hName, header.hValue = name, value
        parameters.txOption.headers.append(header)
    return parameters


def _asked_by_remote(event: pj.SipEvent) -> bool:
    """Was it the other side that ended the call: by BYE, CANCEL or its answer to our INVITE? Otherwise PJSIP did,
    when an ACK, an answer or a refresh did not come."""
    if event.type != pj.PJSIP_EVENT_TSX_STATE:
        return False
    moved = event.body.tsxState
    if moved.type not in (pj.PJSIP_EVENT_RX_MSG, pj.PJSIP_EVENT_TX_MSG):
        return False
    return bool(moved.tsx.role == pj.PJSIP_ROLE_UAS or moved.tsx.method == "INVITE")


class _PjCall(pj.Call):
    """PJSUA2's call. Its destructor hangs up whatever call has its number by then, so the only reference to it
    is the one in its leg, and that is dropped the moment the call is over. It knows its leg weakly."""

    def __init__(self, account: pj.Account, leg: "Leg", call_id: int) -> None:
        super().__init__(account, call_id)
        self._leg = weakref.ref(leg)

    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802 (PJSUA2's name, as all below)
        leg = self._leg()
        if leg:
            leg.state_changed(self.getInfo(), prm.e)

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        leg = self._leg()
        if leg:
            leg.media_changed(self.getInfo())

    def onStreamDestroyed(self, prm: pj.OnStreamDestroyedParam) -> None:  # noqa: N802
        leg = self._leg()
        if leg:
            leg.count_stream()

    def onDtmfDigit(self, prm: pj.OnDtmfDigitParam) -> None:  # noqa: N802
        leg = self._leg()
        if leg:
            leg.digit_heard(prm.digit, prm.method)

    def onCallTsxState(self, prm: pj.OnCallTsxStateParam) -> None:  # noqa: N802
        leg = self._leg()
        if leg:
            leg.transaction_changed(prm.e)

    def onCallTransferRequest(self, prm: pj.OnCallTransferRequestParam) -> None:  # noqa: N802
        prm.statusCode = pj.PJSIP_SC_DECLINE  # a caller must not make us dial

    def onCallReplaceRequest(self, prm: pj.OnCallReplaceRequestParam) -> None:  # noqa: N802
        prm.statusCode = pj.PJSIP_SC_DECLINE  # nor take over another's call

    def onCallTransferStatus(self, prm: pj.OnCallTransferStatusParam) -> None:  # noqa: N802
        leg = self._leg()
        if leg:
            leg.transfer_notified(prm.statusCode, prm.finalNotify)


class Leg:
    """One call of this cell. All methods belong to the main thread; only its ``line`` has two."""

    def __init__(
        self,
        number: int,
        port: LinePort,
        in_dialog: InDialog,
        emit: Callable[[SipEvent], None],
        *,
        outbound: bool,
    ) -> None:
        self.number = number
        self.outbound = outbound
        self.began = time.monotonic()
        self.line = Line(CallClock(self.began))
        self.setup_ms: float | None = None
        """INVITE to 200 OK."""
        self.held = False
        self._emit = emit
        self._port = port
        self._in_dialog = in_dialog
        self._call: _PjCall | None = None
        self._codec = ""
        self._rtp = RtpFacts()
        """Of the streams that are gone."""
        self._stream_counted = True
        """There is no stream, or its figures are in ``_rtp`` already."""
        self._hung_up = False
        self.cancelled = False
        """The other side gave up before it was answered (RFC 3261 §9)."""
        self._joined: Leg | None = None
        """The leg whose other side is heard here, in place of ours."""
        port.line = self.line

    # --- requests -------------------------------------------------------------------------------------------

    def attach(self, account: pj.Account, call_id: int) -> None:
        """Take over the incoming call with PJSIP's number ``call_id``."""
        self._call = _PjCall(account, self, call_id)

    def dial(self, account: pj.Account, uri: str, caller: str, headers: Mapping[str, str]) -> None:
        """Send INVITE, from the address ``caller``.

        :raises pj.Error: not a URI, or no way there.
        """
        parameters = _operation(headers=headers)
        parameters.txOption.localUri = caller
        self._call = _PjCall(account, self, -1)
        try:
            self._call.makeCall(uri, parameters)
        except pj.Error:
            self._call = None
            raise

    def ring(self) -> None:
        """180 Ringing."""
        self._try(lambda call: call.answer(_operation(180)))

    @property
    def over(self) -> bool:
        """PJSIP has forgotten the call; ``Ended`` may still have to be read."""
        return self._call is None

    def answer(self) -> None:
        """200 OK."""
        self._try(lambda call: call.answer(_operation(200)))

    def refuse(self, refusal: Refusal) -> None:
        """A final response before answer."""
        self._hung_up = True
        headers = dict(refusal.all_headers())
        self._try(lambda call: call.answer(_operation(refusal.sip_status, refusal.reason, headers)))

    def hang_up(self) -> None:
        """BYE; before answer CANCEL or 603."""
        self._hung_up = True
        self.line.stop()
        self._try(lambda call: call.hangup(_operation()))

    def send_digits(self, digits: str) -> None:
        """RFC 4733, or INFO where the other side did not offer telephone events."""
        try:
            self._try(lambda call: call.dialDtmf(digits), raising=True)
        except pj.Error as error:
            _log.debug("sip.dtmf_by_info", reason=error.reason)
            parameters = pj.CallSendDtmfParam()
            parameters.method = pj.PJSUA_DTMF_METHOD_SIP_INFO
            parameters.digits = digits
            self._try(lambda call: call.sendDtmf(parameters))

    def transfer(self, target: str, headers: Mapping[str, str]) -> None:
        """REFER, to an address, or to a number at the other side's own host; followed by ``TransferNotified``."""
        target = with_user_to_user(self.address_of(target), headers)
        if not is_address(target):
            _log.warning("sip.refer_to_no_address", pii_target=target)
            self._emit(TransferNotified(self.number, 400, True))
            return
        try:
            self._try(lambda call: call.xfer(target, _operation(headers=headers)), raising=True)
        except pj.Error as error:
            _log.warning("sip.refer_failed", reason=error.reason)
            self._emit(TransferNotified(self.number, 500, True))

    def join(self, other: "Leg") -> None:
        """Let the other sides of both legs hear each other, and us no more."""
        self._joined, other._joined = other, self
        for leg in (self, other):
            leg.line.stop()
            audio = leg.audio()
            if audio:
                audio.stopTransmit(leg._port)
                leg._port.stopTransmit(audio)
                leg._connect(audio)

    def audio(self) -> pj.AudioMedia | None:
        """The call's end at the conference bridge; None without a stream."""
        if self._call is None or self._stream_counted:
            return None
        try:
            return self._call.getAudioMedia(-1)
        except pj.Error:
            return None

    def _connect(self, audio: pj.AudioMedia) -> None:
        """At first, and again after each re-INVITE."""
        if self._joined is None:
            audio.startTransmit(self._port)
            self._port.startTransmit(audio)
            return
        other = self._joined.audio()
        if other:
            audio.startTransmit(other)
            other.startTransmit(audio)

    def address_of(self, target: str) -> str:
        """``target`` itself; of a bare number, its address at the other side: a trunk knows its own numbers."""
        call = self._call
        if call is None or not is_number(target):
            return target
        return f"sip:{target}@{host(call.getInfo().remoteContact)}"

    def release_port(self) -> None:
        """The leg will not be used: its port is free again."""
        self._port.line = None

    def rtp(self) -> RtpFacts:
        """So far."""
        return self._rtp + self._current_stream()

    # --- callbacks ------------------------------------------------------------------------------------------

    def state_changed(self, info: pj.CallInfo, event: pj.SipEvent) -> None:
        """The INVITE session moved on."""
        state = info.state
        if state == pj.PJSIP_INV_STATE_EARLY and self.outbound:
            self._emit(RemoteRang(self.number, info.lastStatusCode))
        elif state in (pj.PJSIP_INV_STATE_CONNECTING, pj.PJSIP_INV_STATE_CONFIRMED) and self.setup_ms is None:
            self.setup_ms = round((time.monotonic() - self.began) * 1000, 1)
            self._emit(Answered(self.number))
        elif state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._finish(info, event)

    def media_changed(self, info: pj.CallInfo) -> None:
        """An offer was answered: connect, or rest on hold."""
        call = self._call
        active = [media for media in info.media if media.type == pj.PJMEDIA_TYPE_AUDIO]
        if call is None or not active:
            return
        status = active[0].status
        if status == pj.PJSUA_CALL_MEDIA_ACTIVE:
            self._stream_counted = False
            self._connect(call.getAudioMedia(active[0].index))
            stream = call.getStreamInfo(active[0].index)
            self.held = False
            self._codec = stream.codecName
            self._emit(MediaFlows(self.number, self._codec))
        elif status in (pj.PJSUA_CALL_MEDIA_REMOTE_HOLD, pj.PJSUA_CALL_MEDIA_LOCAL_HOLD):
            self.held = True
            self._emit(Held(self.number))

    def count_stream(self) -> None:
        """The stream is about to go (re-INVITE, or the end): keep its figures."""
        self._rtp = self._rtp + self._current_stream()
        self._stream_counted = True

    def digit_heard(self, digit: str, method: int) -> None:
        """A key, by RFC 4733 or INFO."""
        name = "info" if method == pj.PJSUA_DTMF_METHOD_SIP_INFO else "rfc4733"
        self._emit(KeyPressed(self.number, digit, name))

    def transaction_changed(self, event: pj.SipEvent) -> None:
        """Some request or response of this dialog."""
        key = self._in_dialog.take(event)
        if key:
            self._emit(KeyPressed(self.number, key, "info"))

    def transfer_notified(self, sip_status: int, final: bool) -> None:
        """NOTIFY of our REFER, or its refusal."""
        self._emit(TransferNotified(self.number, sip_status, bool(final)))

    # --- inside ---------------------------------------------------------------------------------------------

    def _finish(self, info: pj.CallInfo, event: pj.SipEvent) -> None:
        self.line.stop()
        rtp = self.rtp()
        self._port.line = None
        # Not one instruction later: PJSIP is about to give this number to another call.
        self._call = None
        by_network = not self._hung_up and not _asked_by_remote(event)
        self.cancelled = info.lastStatusCode == pj.PJSIP_SC_REQUEST_TERMINATED and not self._hung_up and not by_network
        self._emit(Ended(self.number, self._hung_up, by_network, info.lastStatusCode, info.lastReason, rtp))

    def _current_stream(self) -> RtpFacts:
        call = self._call
        if call is None or self._stream_counted:
            return RtpFacts()
        try:
            rtcp = call.getStreamStat(0).rtcp
        except pj.Error:
            return RtpFacts()
        received = rtcp.rxStat
        return RtpFacts(rtcp.txStat.pkt, received.pkt, received.loss, received.jitterUsec.mean / 1000)

    def _try(self, request: Callable[[_PjCall], None], *, raising: bool = False) -> None:
        """Requests race with the other side's: one that comes too late is no error of ours."""
        call = self._call
        if call is None:
            return
        try:
            request(call)
        except pj.Error as error:
            if raising:
                raise
            _log.debug("sip.request_too_late", reason=error.reason)
