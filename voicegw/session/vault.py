"""Secrets that callers gave, for the short time until a tool has used them: a token outside, ciphertext in Redis."""

import asyncio
import base64
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from voicegw.actions.secrets import PREFIX
from voicegw.errors import ServerAway, SettingsError
from voicegw.log import get_logger
from voicegw.session.handoff import Keeps

EXPIRY_S = 600
"""A caller who needs longer gives it again."""
KEY_BYTES, NONCE_BYTES = 32, 12

log = get_logger()


def new_key() -> str:
    """A key as settings hold it."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def key_bytes(text: str) -> bytes:
    """The key that ``text`` writes.

    :raises SettingsError: not 32 bytes in base64.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError("privacy.key: not 32 bytes in base64: make one with `openssl rand -base64 32`")
    return key


class Vault:
    """Belongs to one event loop.

    :param key: 32 bytes, the same in all processes of the service.
    """

    def __init__(self, key: bytes, store: Keeps) -> None:
        self._cipher = AESGCM(key)
        self._store = store
        self._here: dict[str, bytes] = {}
        """Sealed in memory too: a core dump or a log of this object shows nothing."""
        self._keeping: set[asyncio.Task[None]] = set()

    def put(self, digits: str) -> str:
        """A token for a secret. It is here at once, and in Redis soon, for a worker or runner that takes over."""
        token = PREFIX + secrets.token_urlsafe(12)
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, digits.encode(), token.encode())
        self._here[token] = sealed
        task = asyncio.create_task(self._keep(token, sealed))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)
        return token

    async def reveal(self, token: str) -> str | None:
        """The secret; None: never there, or not any more.

        :raises ServerAway: it is not here, and Redis does not answer.
        """
        sealed = self._here.get(token)
        if sealed is None:
            text = await self._store.load(redis_key(token))
            if text is None:
                return None
            sealed = base64.b64decode(text)
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], token.encode()).decode()
        except InvalidTag:
            log.error("vault.other_key")
            return None

    async def settle(self) -> None:
        """Everything that was put is in Redis, or never will be."""
        await asyncio.gather(*self._keeping)

    async def _keep(self, token: str, sealed: bytes) -> None:
        try:
            await self._store.keep(redis_key(token), base64.b64encode(sealed).decode(), EXPIRY_S)
        except ServerAway as error:
            log.warning("vault.not_kept", error=str(error))


def redis_key(token: str) -> str:
    """Where a secret lies in Redis: who reads the key there cannot ask for it by its token."""
    return f"{PREFIX}{hashlib.sha256(token.encode()).hexdigest()}"
