"""A Redis client: how we connect, how long we wait, and what to say when it is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from voicegw.errors import ServerAway, SettingsError

TIMEOUT_S = 0.5
"""To connect, and for each answer: a Redis slower than this is away."""


def connect(url: str, timeout_s: float = TIMEOUT_S) -> redis.Redis:
    """A client; nothing is connected yet.

    :raises SettingsError: ``url`` is no Redis URL.
    """
    try:
        client: redis.Redis = redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=TIMEOUT_S,
            socket_timeout=timeout_s,
            # One more try at once, on a new connection: the old one may have died while it was idle.
            retry=Retry(NoBackoff(), 1),
            protocol=2,  # Redis 7.0 and Valkey answer alike in it
        )
    except ValueError as error:
        raise SettingsError(f"redis_url: {error}") from None
    return client


@asynccontextmanager
async def answering(shown_url: str) -> AsyncIterator[None]:
    """What is asked of Redis in here is answered.

    :raises ServerAway: or it is not.
    """
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        cause = str(error) or type(error).__name__
        raise ServerAway(f"Redis {shown_url} does not answer: {cause} (setting redis_url)") from error


def without_password(url: str) -> str:
    """The URL for people and logs."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    # Without the query too: unix://…?password=… is how a Unix socket's URL carries it.
    return f"{parts.scheme}://{name}{'@' if name else ''}{host}{parts.path}"
