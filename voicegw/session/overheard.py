"""The sound of calls in progress, for whoever listens in, by Redis's publish and subscribe: kept by nobody.

Channels ``voicegw:sound:ID``; each message is G.711 µ-law at 8 kHz in base64, since the client reads text.
"""

import asyncio
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import AsyncGenerator

from voicegw.errors import ServerAway
from voicegw.log import get_logger
from voicegw.session.client import TIMEOUT_S, answering, connect, without_password

CHANNEL = "voicegw:sound:"
MOST_WAITING = 25
"""Pieces in memory; what Redis does not take in time is of no use any more."""

log = get_logger()


class SoundLink:
    """One process's way to let calls be heard, or to hear them. Make it after forking. Belongs to one event loop."""

    def __init__(self, url: str) -> None:
        """:raises SettingsError: ``url`` is no Redis URL. Nothing is connected yet."""
        self._shown_url = without_password(url)
        self._redis = connect(url)
        self._waiting: deque[tuple[str, bytes]] = deque(maxlen=MOST_WAITING)
        self._sending: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Let what is on its way go; disconnect."""
        if self._sending is not None:
            await asyncio.wait([self._sending], timeout=TIMEOUT_S)
        await self._redis.aclose()

    def let_hear(self, call_id: str, sound: bytes) -> None:
        """Send a piece, off the path of the call; dropped where Redis does not take it."""
        self._waiting.append((call_id, sound))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send(), name="sound")

    async def hear(self, call_id: str) -> AsyncGenerator[bytes, None]:
        """Pieces as they come, until the caller of this has enough.

        :raises ServerAway: Redis does not answer any more.
        """
        async with self._redis.pubsub(ignore_subscribe_messages=True) as channel, answering(self._shown_url):
            await channel.subscribe(CHANNEL + call_id)
            while True:
                message = await channel.get_message(timeout=TIMEOUT_S)
                if message is not None:
                    yield b64decode(message["data"])

    async def _send(self) -> None:
        try:
            while self._waiting:
                call_id, sound = self._waiting.popleft()
                async with answering(self._shown_url):
                    await self._redis.publish(CHANNEL + call_id, b64encode(sound))
        except ServerAway as error:
            log.debug("sound.not_sent", reason=str(error))
