"""The few functions of PJSIP's C library that its Python wrapper leaves out.

The extension exports the library's symbols, so ctypes finds them. Of the library's structures only those parts
are relied on that have not changed since PJSIP 1.0: the module record, list nodes, strings, and what
``pjsip_rdata_get_sdp_info`` returns.
"""

import ctypes
import sys
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_size_t, c_ssize_t, c_uint, c_void_p

import pjsua2 as pj

from voicegw.errors import SetupError


class String(Structure):
    """``pj_str_t``."""

    _fields_ = (("ptr", c_char_p), ("slen", c_ssize_t))

    @classmethod
    def of(cls, text: str) -> "String":
        """The caller keeps the returned value alive for as long as PJSIP uses it."""
        data = text.encode()
        return cls(data, len(data))


class ListNode(Structure):
    """``PJ_DECL_LIST_MEMBER``, with room for the rest of a ``pjsip_hdr`` behind it."""

    _fields_ = (("prev", c_void_p), ("next", c_void_p), ("rest", ctypes.c_ubyte * 128))


class SdpInfo(Structure):
    """``pjsip_rdata_sdp_info``."""

    _fields_ = (("body", String), ("error", c_int), ("session", c_void_p))


OnReceived = CFUNCTYPE(c_int, c_void_p)


class Module(Structure):
    """``pjsip_module``."""

    _fields_ = (
        ("prev", c_void_p),
        ("next", c_void_p),
        ("name", String),
        ("id", c_int),
        ("priority", c_int),
        ("load", c_void_p),
        ("start", c_void_p),
        ("stop", c_void_p),
        ("unload", c_void_p),
        ("on_rx_request", OnReceived),
        ("on_rx_response", c_void_p),
        ("on_tx_request", c_void_p),
        ("on_tx_response", c_void_p),
        ("on_tsx_state", c_void_p),
    )


_SIGNATURES = {
    "pj_list_insert_before": (None, (c_void_p, c_void_p)),
    "pj_log_set_level": (None, (c_int,)),
    "pj_pool_release": (None, (c_void_p,)),
    "pjsip_dlg_respond": (c_int, (c_void_p, c_void_p, c_int, c_void_p, c_void_p, c_void_p)),
    "pjsip_endpt_register_module": (c_int, (c_void_p, POINTER(Module))),
    "pjsip_endpt_respond_stateless": (
        c_int,
        (c_void_p, c_void_p, c_int, POINTER(String), POINTER(ListNode), c_void_p),
    ),
    "pjsip_generic_string_hdr_create": (c_void_p, (c_void_p, POINTER(String), POINTER(String))),
    "pjsip_rdata_get_dlg": (c_void_p, (c_void_p,)),
    "pjsip_rdata_get_sdp_info": (POINTER(SdpInfo), (c_void_p,)),
    "pjsip_rx_data_get_info": (c_char_p, (c_void_p,)),
    "pjsua_call_get_count": (c_uint, ()),
    "pjsua_call_get_max_count": (c_uint, ()),
    "pjsua_get_pjsip_endpt": (c_void_p, ()),
    "pjsua_pool_create": (c_void_p, (c_char_p, c_size_t, c_size_t)),
}


def load() -> ctypes.CDLL:
    """The C library inside the Python extension, with the signatures that we use.

    :raises SetupError: this build of pjsua2 hides its C functions.
    """
    extension = sys.modules[pj.Call.__module__]._pjsua2
    library = ctypes.CDLL(extension.__file__)
    for name, (result, arguments) in _SIGNATURES.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise SetupError(f"this pjsua2 does not export {name}: install pjsua2-python from PyPI") from None
        function.restype = result
        function.argtypes = arguments
    return library


_BEFORE_PACKET = 1024
"""A received packet lies in PJSIP's record of it (``pjsip_rx_data``), behind less than this of other things."""
_MOST_PACKET = 4000
"""PJSIP_MAX_PKT_LEN; the record is larger than both together."""


def packet(rdata: int, method: str) -> str:
    """The text of a request that PJSIP's module callback was given; empty if it is not where it was always found.

    Where it lies is looked for and not assumed: it is the only place in the record that begins like this request.
    """
    begin = ctypes.string_at(rdata, _BEFORE_PACKET).find(f"{method} sip".encode())
    if begin < 0:
        return ""
    raw = ctypes.string_at(rdata + begin, _MOST_PACKET)
    return raw.partition(b"\0")[0].decode("utf-8", "replace")
