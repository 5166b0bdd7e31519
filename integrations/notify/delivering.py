"""The post: tries what is due, and again later what did not go."""

import asyncio
import random
import time

import structlog

from .channels import Channels, Refused, TryAgain
from .outbox import GIVEN_UP, REFUSED, SENT, Letter, Outbox
from .settings import NotifySettings

logger = structlog.get_logger()

LOOK_EVERY_S = 1.0
AT_ONCE = 8
"""Messages on their way at the same time."""


class Post:
    """Belongs to one event loop."""

    def __init__(self, outbox: Outbox, channels: Channels, settings: NotifySettings) -> None:
        self._outbox = outbox
        self._channels = channels
        self._settings = settings
        self._under_way: set[asyncio.Task[None]] = set()

    async def accept(self, letter: Letter) -> Letter:
        """Keep it for sending; from now on it is sent, whatever happens to this process."""
        return await self._outbox.accept(letter)

    async def try_now(self, key: str, wait_s: float) -> Letter | None:
        """Try a message at once, unless somebody else does; what has become of it after at most so long."""
        letter = await self._outbox.claim(time.time(), key)
        if letter:
            await asyncio.wait({self._start(letter)}, timeout=wait_s)
        return await self._outbox.find(key)

    async def work(self) -> None:
        """Send what is due, until cancelled."""
        while True:
            while len(self._under_way) < AT_ONCE and (letter := await self._outbox.claim(time.time())):
                self._start(letter)
            if not self._under_way:
                await self._outbox.forget_old(time.time())
            await asyncio.sleep(min(LOOK_EVERY_S, self._settings.first_retry_s))

    async def close(self) -> None:
        """Wait for what is on its way."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self._settings.time_limit_s)

    def _start(self, letter: Letter) -> asyncio.Task[None]:
        task = asyncio.create_task(self._try(letter))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _try(self, letter: Letter) -> None:
        try:
            await self._channels.deliver(letter)
        except Refused as refused:
            await self._outbox.end(letter.key, REFUSED, time.time(), str(refused))
            logger.warning("notify.refused", event_id=letter.event_id, reason=str(refused))
        except TryAgain as failure:
            await self._later(letter, failure)
        else:
            await self._outbox.end(letter.key, SENT, time.time())
            logger.info("notify.sent", event_id=letter.event_id, tries=letter.tries)

    async def _later(self, letter: Letter, failure: TryAgain) -> None:
        now = time.time()
        if now - letter.created_at > self._settings.give_up_after_h * 3600:
            await self._outbox.end(letter.key, GIVEN_UP, now, str(failure))
            logger.error("notify.given_up", event_id=letter.event_id, tries=letter.tries, error=str(failure))
            return
        pause_s = max(self._pause_s(letter.tries), min(failure.after_s, self._settings.longest_retry_s))
        await self._outbox.later(letter.key, now + pause_s, str(failure))
        logger.warning(
            "notify.later", event_id=letter.event_id, tries=letter.tries, pause_s=pause_s, error=str(failure)
        )

    def _pause_s(self, tries: int) -> float:
        """After so many tries. Some longer, some shorter: what failed together does not come together again."""
        pause_s = min(self._settings.first_retry_s * 3.0 ** min(tries - 1, 20), self._settings.longest_retry_s)
        return pause_s * random.uniform(0.8, 1.2)
