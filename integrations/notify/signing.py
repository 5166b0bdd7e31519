"""Signatures of webhooks, as standardwebhooks.com has them: made and checked, as a pair.

``webhook-id`` and ``webhook-timestamp`` are signed with the body, so that a recorded request cannot be sent again later
or under another id; receivers have libraries for it.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

PREFIX = "whsec_"
TOLERANCE_S = 300.0
"""Older and newer requests are not to be believed."""


class NotGenuine(ValueError):
    """The request is not from who it says, or it is old."""


def key_of(secret: str) -> bytes:
    """The bytes of a secret.

    :raises ValueError: it is not one.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not 24 <= len(key) <= 64:
        raise ValueError(f"not a secret: write {PREFIX} and 24 to 64 random bytes as Base64 (openssl rand -base64 32)")
    return key


def sign(secret: str, event_id: str, at: int, body: bytes) -> dict[str, str]:
    """Headers for a request.

    :param at: seconds since 1970, of this try.
    """
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{_signature(secret, event_id, str(at), body)}",
    }


def check(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> str:
    """The event's id.

    :raises NotGenuine: the signature does not fit, or the request is too old or too new.
    """
    event_id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not at.isdigit() or abs(now - int(at)) > TOLERANCE_S:
        raise NotGenuine("webhook-timestamp is missing, or too long ago")
    wanted = f"v1,{_signature(secret, event_id, at, body)}"
    given = headers.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(wanted, each) for each in given):
        raise NotGenuine("webhook-signature does not fit")
    return event_id


def _signature(secret: str, event_id: str, at: str, body: bytes) -> str:
    content = b".".join((event_id.encode(), at.encode(), body))
    return base64.b64encode(hmac.digest(key_of(secret), content, hashlib.sha256)).decode()
