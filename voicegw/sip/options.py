"""OPTIONS as a sign of life (RFC 3261 §11): whoever answers it, with whatever, is there. Pure."""

import re
from dataclasses import dataclass

from voicegw import __version__

_STATUS = re.compile(rb"SIP/2\.0 (\d{3}) ")
_CALL_ID = re.compile(rb"^(?:Call-ID|i)\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
COOKIE = "z9hG4bK"
"""Every branch begins so (RFC 3261 §8.1.1.7)."""


@dataclass(frozen=True)
class Ping:
    """One question, which may be sent again as it is while nobody has answered it."""

    host: str
    port: int
    our_host: str
    our_port: int
    call_id: str

    def to_bytes(self) -> bytes:
        """The request. ``rport`` has the answer come back to where it was sent from (RFC 3581)."""
        us = f"{self.our_host}:{self.our_port}"
        lines = (
            f"OPTIONS sip:{self.host}:{self.port} SIP/2.0",
            f"Via: SIP/2.0/UDP {us};rport;branch={COOKIE}{self.call_id}",
            "Max-Forwards: 70",
            f"From: <sip:voicegw@{us}>;tag={self.call_id[:8]}",
            f"To: <sip:{self.host}:{self.port}>",
            f"Call-ID: {self.call_id}",
            "CSeq: 1 OPTIONS",
            f"Contact: <sip:voicegw@{us}>",
            f"User-Agent: voicegw/{__version__}",
            "Accept: application/sdp",
            "Content-Length: 0",
        )
        return "\r\n".join((*lines, "", "")).encode()


def answered(data: bytes) -> str:
    """Call-ID of the ping that this is an answer to; empty: it is no final answer to any."""
    status, call_id = _STATUS.match(data), _CALL_ID.search(data)
    return call_id[1].decode("ascii", "replace") if status and call_id and int(status[1]) >= 200 else ""
