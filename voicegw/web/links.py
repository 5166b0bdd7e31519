"""Links that are good for a while without a token: the time they end, signed (HMAC-SHA256, RFC 2104)."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

_PURPOSE = b"voicegw handoff link\0"


def signature(token: str, key: str, until: int) -> str:
    """Of the link to the context under ``key``, good until that Unix time.

    :param token: the API's; whoever has it can sign.
    """
    signed = hmac.new(token.encode(), _PURPOSE + f"{key}\0{until}".encode(), hashlib.sha256)
    return urlsafe_b64encode(signed.digest()[:18]).decode()


def link(base_url: str, token: str, key: str, until: int) -> str:
    """A URL that shows the context under ``key``."""
    return f"{base_url.rstrip('/')}/handoffs/{key}?until={until}&sig={signature(token, key, until)}"


def is_good(token: str, key: str, until: int, given: str, now: float) -> bool:
    """Whether such a link still opens."""
    return now < until and hmac.compare_digest(signature(token, key, until), given)
