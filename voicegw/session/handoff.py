"""What a person should know of a caller who is handed over: as text and back, and the headers that point to it."""

import json
import secrets
from collections.abc import Awaitable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Protocol

from pydantic import TypeAdapter

from voicegw.errors import WireError

KEY_BYTES = 12
"""96 random bits: cannot be guessed, and short enough for a header."""
USER_TO_USER, CONTEXT = "User-to-User", "X-Voicegw-Context"


@dataclass(frozen=True)
class HandoffContext:
    """A caller, as the agent knew them at the moment of the handoff."""

    call_id: str
    at: float
    """Unix time."""
    caller: str
    """Number; personal data."""
    callee: str
    dialplan: str
    reason: str
    """Why a person is wanted."""
    task: str = ""
    """What the caller came for."""
    slots: Mapping[str, str] = field(default_factory=dict)
    """What is known; personal values masked as the dialplan says, secret ones always."""
    tried: tuple[str, ...] = ()
    """Tasks done, and tools used with what came of them."""
    lines: tuple[tuple[str, str], ...] = ()
    """Who, what; in order."""
    sentiment: str = "neutral"
    """``upset``, ``neutral`` or ``pleased``, by the caller's last words."""


_CHECK = TypeAdapter(HandoffContext)


def encode(context: HandoffContext) -> str:
    """JSON."""
    return json.dumps(asdict(context), ensure_ascii=False)


def decode(text: str | bytes) -> HandoffContext:
    """The context that ``encode`` wrote.

    :raises WireError: not a context, or another version's.
    """
    try:
        return _CHECK.validate_python(json.loads(text))
    except ValueError as error:
        raise WireError(f"not a handoff context: {error}") from None


def new_key() -> str:
    """A key that nobody can guess."""
    return secrets.token_urlsafe(KEY_BYTES)


def headers(key: str) -> dict[str, str]:
    """For SIP: the key alone, so nothing personal, and each under 128 bytes (RFC 7433 §4)."""
    return {USER_TO_USER: f"{key.encode().hex()};encoding=hex", CONTEXT: key}


def key_of(user_to_user: str) -> str:
    """The key in a ``User-to-User`` value.

    :raises WireError: not one of ours.
    """
    try:
        return bytes.fromhex(user_to_user.partition(";")[0].strip()).decode()
    except ValueError as error:
        raise WireError(f"not a User-to-User value of ours: {error}") from None


class Keeps(Protocol):
    """Where texts lie for a time: Redis."""

    def keep(self, key: str, text: str, expiry_s: int) -> Awaitable[None]:
        """Keep it for so long."""

    def load(self, key: str) -> Awaitable[str | None]:
        """None: not there, or not any more."""


async def keep(store: Keeps, expiry_s: int, key: str, context: HandoffContext) -> None:
    """
    :raises ServerAway: it is not kept.
    """
    await store.keep(f"handoff:{key}", encode(context), expiry_s)


async def load(store: Keeps, key: str) -> HandoffContext | None:
    """What was kept under ``key``; None: nothing, or not any more.

    :raises ServerAway: Redis does not answer.
    """
    text = await store.load(f"handoff:{key}")
    return None if text is None else decode(text)
