"""Codes, proofs and facts as they are kept: hashed with what they belong to, compared in constant time."""

import hashlib
import hmac
import secrets

CODE_DIGITS = 6


def new_code() -> str:
    """A one-time code."""
    return "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))


def new_proof() -> str:
    """What shows that a caller was identified."""
    return secrets.token_urlsafe(24)


def kept(account: str, secret: str) -> bytes:
    """How a secret is kept: the account is the salt, so that equal secrets look different."""
    return hmac.digest(account.encode(), secret.encode(), hashlib.sha256)


def same(one: bytes, other: bytes) -> bool:
    """Whether two kept secrets are one; takes as long if they are not."""
    return hmac.compare_digest(one, other)
