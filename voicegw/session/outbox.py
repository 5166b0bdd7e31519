"""Facts on their way out of a process: never in the way of a call, never lost, in order.

``put`` only queues. A task sends; when the other side is away it writes what waits to the spool, and until the
spool has been sent everything goes through it, so that order is kept.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

from voicegw.errors import ServerAway
from voicegw.log import get_logger
from voicegw.session.spool import Entry, Spool

MOST_WAITING = 10_000
"""Entries in memory; only a disk that fails while Redis is away lets so many gather, and then the oldest go."""
BATCH = 500
FIRST_RETRY_S = 0.25
LAST_RETRY_S = 5.0

log = get_logger()
Send = Callable[[Sequence[Entry]], Awaitable[None]]
"""Sends entries in order, or raises ``ServerAway``."""


class Outbox:
    """Queue, task and spool of one process."""

    def __init__(self, send: Send, folder: Path) -> None:
        self._send = send
        self._folder = folder
        self._spool: Spool | None = None
        self._waiting: deque[Entry] = deque()
        self._in_hand: list[Entry] = []
        self._wake = asyncio.Event()
        self._all_safe = asyncio.Event()
        self._all_safe.set()
        self._retry_s = FIRST_RETRY_S
        self._retry_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self.dropped = 0
        """Entries lost, because neither Redis nor the disk took them."""

    def put(self, entry: Entry) -> None:
        """Queue ``entry``; returns at once, whatever Redis does. Call it inside the running loop."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(entry)
        self._all_safe.clear()
        self._wake.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="outbox")

    @property
    def spooled(self) -> bool:
        """Something waits on disk."""
        return self._spool is not None and not self._spool.empty

    async def flush(self, within_s: float) -> bool:
        """Wait until nothing is in memory only: it is sent, or on disk. False: not within this time."""
        try:
            await asyncio.wait_for(self._all_safe.wait(), within_s)
        except TimeoutError:
            return False
        return True

    async def close(self, within_s: float = 1.0) -> None:
        """Send what waits or, if that takes longer than ``within_s``, leave it on disk."""
        await self.flush(within_s)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        rest = [*self._in_hand, *self._waiting]
        if rest:
            self._own_spool().put(rest)
        if self._spool is not None:
            self._spool.close()

    async def _run(self) -> None:
        while True:
            await self._woken()
            while self._waiting or self._in_hand:
                await self._pass_on()
            if self.spooled and asyncio.get_running_loop().time() >= self._retry_at:
                await self._drain_some()
            if not self._waiting:
                self._all_safe.set()

    async def _woken(self) -> None:
        if self.spooled:
            wait_s = max(0.0, self._retry_at - asyncio.get_running_loop().time())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait_s)
        else:
            await self._wake.wait()
        self._wake.clear()

    async def _pass_on(self) -> None:
        """Send the first entries, or spool them."""
        while self._waiting and len(self._in_hand) < BATCH:
            self._in_hand.append(self._waiting.popleft())
        if self.spooled or not await self._sent(self._in_hand):
            try:
                await asyncio.to_thread(self._own_spool().put, self._in_hand)
            except OSError as error:
                log.error("outbox.disk_fails", error=str(error), waiting=len(self._waiting))
                await asyncio.sleep(self._retry_s)
                return  # still in hand: Redis or the disk may take them at the next try
        self._in_hand = []

    async def _drain_some(self) -> None:
        assert self._spool is not None
        entries, size = await asyncio.to_thread(self._spool.peek)
        if await self._sent(entries):
            self._spool.advance(size)
            if self._spool.empty:
                log.info("outbox.spool_drained")

    async def _sent(self, entries: Sequence[Entry]) -> bool:
        try:
            await self._send(entries)
        except ServerAway as error:
            if not self.spooled:
                log.warning("outbox.spooling", reason=str(error))
            self._retry_at = asyncio.get_running_loop().time() + self._retry_s
            self._retry_s = min(2 * self._retry_s, LAST_RETRY_S)
            return False
        self._retry_s = FIRST_RETRY_S
        return True

    def _own_spool(self) -> Spool:
        if self._spool is None:
            self._spool = Spool.new(self._folder)
        return self._spool
