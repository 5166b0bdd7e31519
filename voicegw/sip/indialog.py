"""Requests inside a dialog that PJSUA would answer with 500.

Some phones send keys as a plain ``application/dtmf`` INFO (PJSUA knows ``application/dtmf-relay`` only), some
trunks send OPTIONS in the dialog to see if the call is still there, and hang up on an error.
"""

import ctypes

import pjsua2 as pj

from voicegw.sip import headers


class InDialog:
    """Answers such requests, at the moment their transaction begins and before PJSUA would."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library

    def take(self, event: pj.SipEvent) -> str:
        """Answer the request of this transaction event if it is one of ours; returns the key it holds, if any."""
        if event.type != pj.PJSIP_EVENT_TSX_STATE:
            return ""
        moved = event.body.tsxState
        transaction = moved.tsx
        began = transaction.state == pj.PJSIP_TSX_STATE_TRYING and transaction.role == pj.PJSIP_ROLE_UAS
        if not began or moved.type != pj.PJSIP_EVENT_RX_MSG or transaction.method not in ("INFO", "OPTIONS"):
            return ""
        received = moved.src.rdata
        key = headers.plain_dtmf(received.wholeMsg) if transaction.method == "INFO" else ""
        if key or transaction.method == "OPTIONS":
            self._respond_ok(int(received.pjRxData))
        return key

    def _respond_ok(self, rdata: int) -> None:
        dialog = self._library.pjsip_rdata_get_dlg(rdata)
        self._library.pjsip_dlg_respond(dialog, rdata, 200, None, None, None)
