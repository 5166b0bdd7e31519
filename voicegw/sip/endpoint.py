"""The user agent: one UDP transport, one account, up to as many legs as this build of PJSIP holds."""

import socket
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pjsua2 as pj

from voicegw import __version__
from voicegw.errors import PortBusy, SettingsError
from voicegw.log import get_logger
from voicegw.sip import headers, native, ports
from voicegw.sip.digest import Authenticator
from voicegw.sip.events import Ended, InviteReceived, SipEvent
from voicegw.sip.gate import Gate, Refusal, Request
from voicegw.sip.indialog import InDialog
from voicegw.sip.leg import Leg
from voicegw.sip.media import LinePort
from voicegw.sip.pjlog import LogWriter
from voicegw.sip.rate import RateGuard
from voicegw.wire.messages import FRAME_MS, RATE_HZ

_log = get_logger()
_BUSY = Refusal(503, "All lines are busy", retry_after_s=5)
_DRAINING = Refusal(503, "Going out of service", retry_after_s=30)
_TOO_FAST = Refusal(503, "Too many calls at once", retry_after_s=1)
_NOT_SDP = Refusal(488, "Not Acceptable Here")
PJ_CODECS = {"PCMU": "PCMU/8000", "PCMA": "PCMA/8000", "G722": "G722/16000"}
REGISTERED_S = 300
"""For how long a registrar is to remember us; PJSIP tells it again before."""
REGISTER_SOON_S, REGISTER_AGAIN_S = 2, 15
"""After a registrar did not answer, or refused: at first, since the edge may be starting, and from then on."""
_SRTP = {
    "off": pj.PJMEDIA_SRTP_DISABLED,
    "optional": pj.PJMEDIA_SRTP_OPTIONAL,
    "required": pj.PJMEDIA_SRTP_MANDATORY,
}
_MOST_EVENTS = 32
"""Network events handled before links get their turn."""


@dataclass(frozen=True)
class Registration:
    """A trunk that sends calls to where we say we are (RFC 3261 §10)."""

    registrar: str
    """``sip:HOST``."""
    user: str
    password: str = field(repr=False)
    contact: str = ""
    """Where calls shall come to; empty: to us."""
    proxy: str = ""
    """By which way it is told; empty: straight."""

    @property
    def domain(self) -> str:
        """Of the address that is registered."""
        return headers.host(self.registrar)


@dataclass(frozen=True)
class SipOptions:
    """How the user agent listens."""

    host: str = "127.0.0.1"
    port: int = 0
    rtp_port: int = 0
    media_host: str = ""
    """Address for audio, where SIP comes by a proxy on this machine; empty: the same as ``host``."""
    public_host: str = ""
    codecs: tuple[str, ...] = ("PCMU", "PCMA", "G722")
    pjsip_log_level: int = 1
    """0 to 5."""
    srtp: str = "off"
    """``off``, ``optional``, ``required``: encrypted audio, its keys in SDP (RFC 4568)."""
    users: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Passwords of those who may call, by user name; empty: anybody may."""
    registrations: tuple[Registration, ...] = ()
    loss_percent: int = 0
    """RTP packets sent that are lost on purpose: a test caller's bad line."""

    def check(self) -> None:
        """Find out here what PJSIP would only say in its own words, or half started.

        :raises SettingsError: an unknown codec, or a public host that has no address.
        """
        unknown = [name for name in self.codecs if name not in PJ_CODECS]
        if unknown or not self.codecs:
            raise SettingsError(f"unknown codec {', '.join(unknown) or '(none)'}: choose from {', '.join(PJ_CODECS)}")
        if self.public_host:
            ports.address_of(self.public_host)


class _Account(pj.Account):
    """Receives what has no dialog yet."""

    def __init__(self, agent: "UserAgent", name: str = "") -> None:
        super().__init__()
        self._agent = agent
        self._name = name
        """Of the trunk."""

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802 (PJSUA2's name)
        self._agent.invited(prm.callId, prm.rdata.wholeMsg)

    def onRegState(self, prm: pj.OnRegStateParam) -> None:  # noqa: N802 (PJSUA2's name)
        told = {"trunk": self._name, "sip_status": prm.code, "reason": prm.reason, "expires_s": prm.expiration}
        self._agent.trunks[self._name] = is_there = 200 <= prm.code < 300
        if is_there:
            _log.info("sip.registered", **told)
        else:
            _log.error("sip.not_registered", **told, hint="sip.registrations: registrar, user and password")


class UserAgent:
    """PJSIP in this process; there can be one. Everything here belongs to the thread that made it.

    It lives as long as the process: to take PJSIP down costs a second, and more care than it deserves.
    """

    def __init__(self, options: SipOptions) -> None:
        """Listen.

        :raises PortBusy: somebody else listens there.
        :raises SettingsError: options that cannot work.
        """
        options.check()
        self.port = ports.sip_port(options.host, options.port)
        self.draining = False
        self.legs: dict[int, Leg] = {}
        self.trunks: dict[str, bool] = {}
        """Name of each registrar that has answered, or did not in time, to whether it has us."""
        self._events: deque[SipEvent] = deque()
        self._legs_made = 0
        self._options = options
        self._library = native.load()
        self._log_writer = LogWriter()
        self._endpoint = pj.Endpoint()
        self._start_library()
        self.most_calls = int(self._library.pjsua_call_get_max_count())
        self._in_dialog = InDialog(self._library)
        self._guard = RateGuard.for_calls(self.most_calls)
        self._authenticator = Authenticator(options.users) if options.users else None
        self._gate = Gate(self._library, self._decide)
        self._ports = [LinePort(number) for number in range(self.most_calls)]
        self.descriptor = ports.descriptor(self.port)
        """Readable when a SIP message has come; None where that cannot be known."""
        self._account = _Account(self)
        self._account.create(self._account_config())
        self._registered = [self._register(registration) for registration in options.registrations]

    # --- life -----------------------------------------------------------------------------------------------

    def handle_events(self) -> None:
        """Let PJSIP read its sockets and run its timers; never waits."""
        for _ in range(_MOST_EVENTS):
            if self._endpoint.libHandleEvents(0) <= 0:
                return

    def take_events(self) -> Iterator[SipEvent]:
        """What happened since the last time, oldest first. A leg is there until its end has been looked at."""
        while self._events:
            event = self._events.popleft()
            yield event
            if isinstance(event, Ended):
                self.legs.pop(event.leg, None)

    # --- calls ----------------------------------------------------------------------------------------------

    def invited(self, call_id: int, message: str) -> None:
        """PJSIP has a call for us. Nothing may be refused in here: that aborts PJSIP when there is no SDP."""
        leg = self._new_leg(outbound=False)
        if leg is None:  # the gate counts calls as PJSIP does, so a port is free for each
            return
        leg.attach(self._account, call_id)
        self._events.append(
            InviteReceived(leg.number, headers.caller(message), headers.callee(message), headers.context(message))
        )

    def place(self, uri: str, caller: str, extra_headers: Mapping[str, str], codec: str = "") -> Leg | None:
        """Dial ``uri`` as user ``caller``; None when that cannot be: no URI, no such codec, no line free."""
        if (codec and codec not in PJ_CODECS) or not self._guard.admits(time.monotonic()):
            return None
        leg = self._new_leg(outbound=True)
        if leg is None:
            return None
        self._offer_only(codec)
        try:
            leg.dial(self._account, uri, f"sip:{caller}@{self._public_host}:{self.port}", extra_headers)
        except pj.Error as error:
            _log.warning("sip.dial_failed", reason=error.reason)
            self._release(leg)
            return None
        finally:
            self._offer_only("")
        return leg

    def _new_leg(self, *, outbound: bool) -> Leg | None:
        port = next((port for port in self._ports if port.line is None), None)
        if port is None:
            return None
        self._legs_made += 1
        leg = Leg(self._legs_made, port, self._in_dialog, self._events.append, outbound=outbound)
        self.legs[leg.number] = leg
        return leg

    def _release(self, leg: Leg) -> None:
        self.legs.pop(leg.number, None)
        leg.release_port()

    def _decide(self, request: Request) -> Refusal | None:
        """May this request in? Asked for each that belongs to no dialog."""
        if request.method == "OPTIONS":
            return _DRAINING if self.draining else None
        if request.method != "INVITE":
            return None
        if self.draining:
            return _DRAINING
        if self._authenticator and (asked := self._authenticator.refusal(request.text, request.method, time.time())):
            return Refusal(401, "Unauthorized", headers=asked)
        if not self._guard.admits(time.monotonic()):
            return _TOO_FAST
        if request.bad_sdp:
            return _NOT_SDP
        if self._library.pjsua_call_get_count() >= self.most_calls:
            return _BUSY
        return None

    # --- configuration --------------------------------------------------------------------------------------

    def _start_library(self) -> None:
        self._library.pj_log_set_level(0)  # libCreate would write to the console before it is told where to
        self._endpoint.libCreate()
        self._endpoint.libInit(self._endpoint_config())
        transport = pj.TransportConfig()
        transport.port = self.port
        transport.boundAddress = self._bound_address
        # Behind a proxy on this machine, SIP has no public address: only audio goes to and from the outside.
        transport.publicAddress = "" if self._options.media_host else self._options.public_host
        try:
            self._transport = self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        except pj.Error as error:
            raise PortBusy(f"cannot listen on {self._options.host}:{self.port} (UDP): {error.reason}") from None
        self._endpoint.libStart()
        self._endpoint.audDevManager().setNullDev()
        self._offer_only("")

    @property
    def _bound_address(self) -> str:
        return _bindable(self._options.host)

    @property
    def _public_host(self) -> str:
        public = "" if self._options.media_host else self._options.public_host
        return public or self._bound_address or socket.gethostname()

    def _endpoint_config(self) -> pj.EpConfig:
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        # Else a key heard on the media thread may hold the last reference to a call that is over: see _PjCall.
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.maxCalls = 64
        config.uaConfig.userAgent = f"voicegw/{__version__}"
        config.logConfig.level = config.logConfig.consoleLevel = self._options.pjsip_log_level
        config.logConfig.writer = self._log_writer
        config.logConfig.msgLogging = 1 if self._options.pjsip_log_level >= 5 else 0
        media = config.medConfig
        media.clockRate = media.sndClockRate = RATE_HZ
        media.audioFramePtime = FRAME_MS
        media.noVad = True
        media.txDropPct = self._options.loss_percent
        media.ecTailLen = 0
        media.sndAutoCloseTime = -1  # else the media clock stops between calls
        return config

    def _account_config(self) -> pj.AccountConfig:
        config = pj.AccountConfig()
        config.idUri = f"sip:voicegw@{self._public_host}:{self.port}"
        config.callConfig.prackUse = pj.PJSUA_100REL_OPTIONAL
        config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_OPTIONAL
        config.mediaConfig.srtpUse = _SRTP[self._options.srtp]
        config.mediaConfig.srtpSecureSignaling = 0  # TLS ends at the edge, or at a proxy of the trunk's
        rtp = config.mediaConfig.transportConfig
        media_address = _bindable(self._options.media_host or self._options.host)
        rtp.port = ports.rtp_port(media_address, self._options.rtp_port)
        rtp.portRange = ports.RTP_PORTS
        rtp.qosType = pj.PJ_QOS_TYPE_VOICE  # DSCP EF
        rtp.boundAddress = media_address
        rtp.publicAddress = self._options.public_host
        return config

    def _register(self, registration: Registration) -> _Account:
        """Tell a registrar where we are, and go on telling it."""
        config = self._account_config()
        config.idUri = f"sip:{registration.user}@{registration.domain}"
        config.regConfig.registrarUri = registration.registrar
        config.regConfig.timeoutSec = REGISTERED_S
        config.regConfig.firstRetryIntervalSec = REGISTER_SOON_S
        config.regConfig.retryIntervalSec = REGISTER_AGAIN_S
        config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", registration.user, 0, registration.password))
        config.sipConfig.contactForced = registration.contact
        if registration.proxy:
            config.sipConfig.proxies.append(registration.proxy)
        account = _Account(self, f"{registration.user}@{registration.domain}")
        account.create(config)
        return account

    def _offer_only(self, codec: str) -> None:
        """Enable one codec, or all that the options name, best first; every other stays off."""
        wanted = [codec] if codec else list(self._options.codecs)
        ids = [PJ_CODECS[name] for name in wanted]
        for info in self._endpoint.codecEnum2():
            rank = next((n for n, name in enumerate(ids) if info.codecId.startswith(name)), None)
            self._endpoint.codecSetPriority(info.codecId, 0 if rank is None else 255 - rank)


def _bindable(host: str) -> str:
    """As PJSIP wants it: empty for all addresses."""
    return "" if host == "0.0.0.0" else host
