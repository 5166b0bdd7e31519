"""Secrets: made, digested, and passwords hashed by Argon2id (RFC 9106)."""

import asyncio
import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

TOKEN_PREFIX = "vgw_"
"""So that leak scanners and people know one when they see it."""
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_urlsafe(8))
"""Compared with when there is no such user, so that the answer takes as long."""


def new_secret(prefix: str = "") -> str:
    """256 random bits, as text."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What the database holds of a secret of ours; one that is random needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def hash_password(password: str) -> str:
    """Argon2id, off the event loop: some 50 ms."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def is_password(password_hash: str | None, password: str) -> bool:
    """Whether ``password`` is the one; takes as long where there is none."""
    return await asyncio.to_thread(_verified, password_hash or _NOBODY, password) and password_hash is not None


def _verified(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
