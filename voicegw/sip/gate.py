"""Looks at requests before PJSIP's own user agent does, and turns away what that would take badly.

PJSIP answers a call too many with a bare 486, and breaks at too many attempts at once. A gate in front of it
says 503 with Retry-After to both, costs no call slot and opens no socket.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass

from voicegw.log import get_logger
from voicegw.sip import native
from voicegw.sip.native import ListNode, Module, OnReceived, String

_BEFORE_APPLICATION = 63
"""PJSIP_MOD_PRIORITY_APPLICATION is 64: after transactions and dialogs, before PJSUA. So retransmissions and
requests inside a dialog never come here."""
_HANDLED, _NOT_MINE = 1, 0
_log = get_logger()


@dataclass(frozen=True)
class Refusal:
    """A final response."""

    sip_status: int
    reason: str
    retry_after_s: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    """Names and values of more; a name may come twice."""

    def all_headers(self) -> tuple[tuple[str, str], ...]:
        """``headers``, and Retry-After."""
        retry = () if self.retry_after_s is None else (("Retry-After", str(self.retry_after_s)),)
        return (*retry, *self.headers)


@dataclass(frozen=True)
class Request:
    """What the gate knows of a request outside any dialog."""

    method: str
    bad_sdp: bool
    """It has a body that says it is SDP and is not."""
    text: str = ""
    """All of it, of an INVITE."""


class Gate:
    """A PJSIP module. Lives as long as the process: PJSIP keeps a pointer to it."""

    def __init__(self, library: ctypes.CDLL, decide: Callable[[Request], Refusal | None]) -> None:
        self._library = library
        self._decide = decide
        self._endpoint = library.pjsua_get_pjsip_endpt()
        self._name = String.of("mod-voicegw-gate")
        self._on_request = OnReceived(self._received)
        self._module = Module(name=self._name, id=-1, priority=_BEFORE_APPLICATION, on_rx_request=self._on_request)
        library.pjsip_endpt_register_module(self._endpoint, ctypes.byref(self._module))

    def _received(self, rdata: int) -> int:
        """PJSIP's main thread: a request outside any dialog. An exception must not get into C."""
        try:
            refusal = self._decide(self._request(rdata))
            if refusal is None:
                return _NOT_MINE
            self._respond(rdata, refusal)
        except Exception:
            _log.exception("sip.gate_failed")
            return _NOT_MINE
        return _HANDLED

    def _request(self, rdata: int) -> Request:
        # "Request msg INVITE/cseq=1 (rdata0x55d0c8)"
        info = (self._library.pjsip_rx_data_get_info(rdata) or b"").decode("latin-1")
        method = info.removeprefix("Request msg ").partition("/")[0]
        if method != "INVITE":
            return Request(method, bad_sdp=False)
        sdp = self._library.pjsip_rdata_get_sdp_info(rdata).contents
        return Request(method, bool(sdp.error), native.packet(rdata, method))

    def _respond(self, rdata: int, refusal: Refusal) -> None:
        library = self._library
        pool = library.pjsua_pool_create(b"gate", 1000, 1000)
        headers = ListNode()
        headers.prev = headers.next = ctypes.addressof(headers)
        strings = [(String.of(name), String.of(value)) for name, value in refusal.all_headers()]
        for name, value in strings:
            header = library.pjsip_generic_string_hdr_create(pool, ctypes.byref(name), ctypes.byref(value))
            library.pj_list_insert_before(ctypes.addressof(headers), header)
        reason = String.of(refusal.reason)
        library.pjsip_endpt_respond_stateless(
            self._endpoint, rdata, refusal.sip_status, ctypes.byref(reason), ctypes.byref(headers), None
        )
        library.pj_pool_release(pool)
