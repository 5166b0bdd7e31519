"""Looking on at calls in progress, and telling them what to do, through Redis: for every machine that shares it.

Keys: stream ``voicegw:events`` is read as the recorder's, without a group; streams ``voicegw:moments`` and
``voicegw:orders`` are short and forget; lists ``voicegw:answer:ID`` hold the answer to one order for seconds,
strings ``voicegw:machine:NAME`` how each machine is.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from voicegw.errors import ServerAway
from voicegw.log import get_logger
from voicegw.session import moments, orders
from voicegw.session.client import TIMEOUT_S, answering, connect, without_password
from voicegw.session.moments import Moment
from voicegw.session.orders import CallOrder
from voicegw.session.spool import Entry
from voicegw.session.store import StreamEntry

MOMENTS, ORDERS = "voicegw:moments", "voicegw:orders"
KEEP_MOMENTS, KEEP_ORDERS = 4_000, 200
MOST_WAITING = 500
"""Moments in memory; what Redis does not take in time is of no use any more."""
BATCH = 1_000
BLOCK_MS = 1_000
ANSWER_EXPIRY_S = 10
STATE_EXPIRY_S = 15
MACHINE = "voicegw:machine:"
BEGINNING = "0-0"

log = get_logger()
Positions = dict[str, str]
"""Stream to the id of the last entry that was read."""


class LiveLink:
    """One process's way to look on. Make it after forking, not before. Belongs to one event loop."""

    def __init__(self, url: str) -> None:
        """:raises SettingsError: ``url`` is no Redis URL. Nothing is connected yet."""
        self._shown_url = without_password(url)
        self._redis = connect(url)
        self._reading_redis = connect(url, TIMEOUT_S + BLOCK_MS / 1000)
        self._waiting: deque[Entry] = deque(maxlen=MOST_WAITING)
        self._sending: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Let what is on its way go; disconnect."""
        if self._sending is not None:
            await asyncio.wait([self._sending], timeout=TIMEOUT_S)
        await self._redis.aclose()
        await self._reading_redis.aclose()

    # --- looking on ---------------------------------------------------------------------------------------------

    async def positions(self, *streams: str) -> Positions:
        """Where these streams end now: from here on nothing is missed.

        :raises ServerAway: Redis does not answer.
        """
        found: Positions = {}
        async with self._answering():
            for stream in streams:
                newest: Any = await self._redis.xrevrange(stream, count=1)
                found[stream] = newest[0][0] if newest else BEGINNING
        return found

    async def read(self, positions: Positions, block_ms: int = BLOCK_MS) -> list[tuple[str, StreamEntry]]:
        """New entries with their streams, and ``positions`` moved behind them; waits for the first up to so long.

        :raises ServerAway: Redis does not answer.
        """
        async with self._answering():
            asked: Mapping[Any, Any] = positions
            found: Any = await self._reading_redis.xread(dict(asked), count=BATCH, block=min(block_ms, BLOCK_MS))
        entries = []
        for stream, added in found or ():
            positions[stream] = added[-1][0]
            entries += [(stream, StreamEntry(entry_id, fields or {})) for entry_id, fields in added]
        return entries

    # --- showing ------------------------------------------------------------------------------------------------

    def show_soon(self, moment: Moment) -> None:
        """Let it be seen, off the path of whatever happens; dropped where Redis does not take it."""
        self._waiting.append(moments.encode(moment))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send(), name="moments")

    async def _send(self) -> None:
        try:
            while self._waiting:
                async with self._answering():
                    pipeline = self._redis.pipeline(transaction=False)
                    while self._waiting:
                        fields: dict[Any, Any] = {**self._waiting.popleft()}
                        pipeline.xadd(MOMENTS, fields, maxlen=KEEP_MOMENTS, approximate=True)
                    await pipeline.execute()
        except ServerAway as error:
            log.debug("moments.not_shown", reason=str(error))

    # --- machines -----------------------------------------------------------------------------------------------

    async def tell_state(self, machine: str, state: Mapping[str, object]) -> None:
        """How a machine is; holds until it is told anew, or for a few seconds.

        :raises ServerAway: Redis does not answer.
        """
        async with self._answering():
            await self._redis.set(f"{MACHINE}{machine}", json.dumps(state), ex=STATE_EXPIRY_S)

    async def states(self) -> list[dict[str, Any]]:
        """Of all machines that told lately, by name.

        :raises ServerAway: Redis does not answer.
        """
        async with self._answering():
            keys = sorted([key async for key in self._redis.scan_iter(f"{MACHINE}*", count=1000)])
            texts = [await self._redis.get(key) for key in keys]
        return [json.loads(text) for text in texts if text]

    # --- orders -------------------------------------------------------------------------------------------------

    async def order(self, order: CallOrder, within_s: float = 2.0) -> str | None:
        """Have it done by whoever has the call: an empty answer is a yes, another says why not; None: nobody has it.

        :raises ServerAway: Redis does not answer.
        """
        async with self._answering():
            fields: dict[Any, Any] = {**orders.encode(order)}
            await self._redis.xadd(ORDERS, fields, maxlen=KEEP_ORDERS, approximate=True)
        give_up_at = time.monotonic() + within_s
        answer: Any = None
        while answer is None and time.monotonic() < give_up_at:
            async with self._answering():
                answer = await self._reading_redis.blpop([_answer_key(order)], timeout=BLOCK_MS / 1000)
        return None if answer is None else str(answer[1])

    async def answer(self, order: CallOrder, text: str) -> None:
        """Say what came of it; empty: it is being done.

        :raises ServerAway: Redis does not answer.
        """
        async with self._answering():
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.rpush(_answer_key(order), text)
            pipeline.expire(_answer_key(order), ANSWER_EXPIRY_S)
            await pipeline.execute()

    def _answering(self) -> AbstractAsyncContextManager[None]:
        return answering(self._shown_url)


def _answer_key(order: CallOrder) -> str:
    return f"voicegw:answer:{order.id}"
