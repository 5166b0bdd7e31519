"""Redis: live calls' snapshots and heartbeats, and the stream of facts on its way to the recorder.

Keys, all of the Redis 7.0 command set: stream ``voicegw:events`` with consumer group ``recorder``; string
``call:{ID}`` for a snapshot (in braces, Redis Cluster's hash tag, so that all keys of a call share a slot); sorted
set ``voicegw:live`` of call ids by the time of their last heartbeat; strings ``handoff:KEY`` and
``secret:HASH`` (``handoff.py``, ``vault.py``).
"""

import asyncio
import socket
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.exceptions import ResponseError

from voicegw.errors import ServerAway
from voicegw.log import get_logger
from voicegw.outcomes.record import Fact, encode
from voicegw.session.client import TIMEOUT_S, answering, connect, without_password
from voicegw.session.outbox import Outbox
from voicegw.session.record import Snapshot
from voicegw.session.record import decode as decode_snapshot
from voicegw.session.record import encode as encode_snapshot
from voicegw.session.spool import Entry, left_behind

EVENTS = "voicegw:events"
POISON = "voicegw:events:poison"
LIVE = "voicegw:live"
GROUP = "recorder"
SNAPSHOT_EXPIRY_S = 600
"""A snapshot that no heartbeat has touched for so long is of no use to anybody."""
STALE_MS = 30_000
"""What another recorder was given and has not acknowledged for so long is taken over."""
KEEP_S = 60
"""Entries stay in the stream for so long after they were acknowledged, for those who look on."""
KEEP_POISON = 1_000
HOUSEKEEPING_S = 5.0
"""Between two looks at what is stale and what may be dropped."""
MOST_BLOCK_MS = 5_000

log = get_logger()


@dataclass(frozen=True)
class StreamEntry:
    """One entry, as the recorder gets it."""

    id: str
    """``milliseconds-number``: Redis's clock when it was added."""
    fields: Entry


@dataclass(frozen=True)
class Lag:
    """How far the recorder is behind."""

    entries: int
    """Not yet acknowledged."""
    seconds: float
    """Age of the oldest of them."""


class SessionStore:
    """Redis at ``url``, with a spool in ``spool_dir`` for when it is away. Make it after forking, not before."""

    def __init__(self, url: str, spool_dir: Path) -> None:
        """:raises SettingsError: ``url`` is no Redis URL. Nothing is connected yet."""
        self.shown_url = without_password(url)
        self._spool_dir = spool_dir
        self._redis = connect(url)
        self._reading_redis = connect(url, TIMEOUT_S + MOST_BLOCK_MS / 1000)
        self._outbox = Outbox(self._add, spool_dir)
        self._to_save: dict[str, Snapshot] = {}
        self._saving: asyncio.Task[None] | None = None
        self._consumer = socket.gethostname()
        self._pending_from: str | None = "0"
        self._claim_at = 0.0
        self._trim_at = 0.0

    async def check(self) -> None:
        """Nothing, if Redis answers.

        :raises ServerAway: it does not, or does not let us in.
        """
        async with self._answering():
            await self._redis.ping()

    async def close(self) -> None:
        """Send what waits, or leave it on disk; disconnect."""
        await self.saved()
        await self._outbox.close()
        await self._redis.aclose()
        await self._reading_redis.aclose()

    # --- facts on their way out ---------------------------------------------------------------------------------

    async def append(self, fact: Fact) -> None:
        """Tell ``fact``. Never waits for Redis and never fails: what Redis does not take goes to the spool."""
        self.append_soon(fact)

    def append_soon(self, fact: Fact) -> None:
        """``append`` for where nothing can be awaited, inside the running loop."""
        self._outbox.put(encode(fact))

    async def flush(self, within_s: float = 1.0) -> bool:
        """Wait until every appended fact is in Redis or on disk. False: not within this time."""
        return await self._outbox.flush(within_s)

    async def drain_left_behind(self) -> int:
        """Send what processes that died have left in the spool; how many entries that were.

        :raises ServerAway: Redis went away meanwhile; the rest waits.
        """
        drained = 0
        for spool in left_behind(self._spool_dir):
            try:
                while not spool.empty:
                    entries, size = spool.peek()
                    await self._add(entries)
                    spool.advance(size)
                    drained += len(entries)
            finally:
                spool.close()
        return drained

    async def _add(self, entries: Sequence[Entry]) -> None:
        async with self._answering():
            pipeline = self._redis.pipeline(transaction=False)
            for entry in entries:
                fields: dict[Any, Any] = {**entry}
                pipeline.xadd(EVENTS, fields)
            await pipeline.execute()

    # --- snapshots and heartbeats -------------------------------------------------------------------------------

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep ``snapshot`` in place of the call's last one, and count it as a heartbeat.

        :raises ServerAway: it is not kept.
        """
        async with self._answering():
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.set(_key(snapshot.call_id), encode_snapshot(snapshot), ex=SNAPSHOT_EXPIRY_S)
            pipeline.zadd(LIVE, {snapshot.call_id: time.time()})
            await pipeline.execute()

    def save_soon(self, snapshot: Snapshot) -> None:
        """``save_snapshot`` off the path of the reply; where a newer one comes before it is kept, only that is.

        What Redis does not take is logged: the call goes on, only without the means to survive its worker.
        """
        self._to_save[snapshot.call_id] = snapshot
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save_all(), name="snapshots")

    async def _save_all(self) -> None:
        while self._to_save:
            call_id, snapshot = self._to_save.popitem()
            try:
                await self.save_snapshot(snapshot)
            except ServerAway as error:
                log.warning("snapshot.not_kept", call_id=call_id, reason=str(error))

    async def saved(self) -> None:
        """Wait until what ``save_soon`` was given is kept, or Redis has not taken it."""
        if self._saving is not None:
            await self._saving

    async def load_snapshot(self, call_id: str) -> Snapshot | None:
        """The call's last snapshot; None: there is none.

        :raises ServerAway: Redis does not answer.
        :raises WireError: another version's.
        """
        async with self._answering():
            text = await self._redis.get(_key(call_id))
        return None if text is None else decode_snapshot(text)

    async def drop_snapshot(self, call_id: str) -> None:
        """The call is over.

        :raises ServerAway: Redis does not answer; the snapshot will expire by itself.
        """
        self._to_save.pop(call_id, None)
        await self.saved()
        async with self._answering():
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.delete(_key(call_id))
            pipeline.zrem(LIVE, call_id)
            await pipeline.execute()

    async def keep(self, key: str, text: str, expiry_s: int) -> None:
        """Keep a text under ``key`` for so long.

        :raises ServerAway: it is not kept.
        """
        async with self._answering():
            await self._redis.set(key, text, ex=expiry_s)

    async def load(self, key: str) -> str | None:
        """What was kept under ``key``; None: nothing, or not any more.

        :raises ServerAway: Redis does not answer.
        """
        async with self._answering():
            text = await self._redis.get(key)
        return None if text is None else str(text)

    async def beat(self, call_ids: Iterable[str]) -> None:
        """These calls are up: the heartbeat of whoever holds their dialogs, every second or two.

        :raises ServerAway: Redis does not answer.
        """
        now = time.time()
        beats = dict.fromkeys(call_ids, now)
        if not beats:
            return
        async with self._answering():
            pipeline = self._redis.pipeline(transaction=False)
            pipeline.zadd(LIVE, beats)
            for call_id in beats:
                pipeline.expire(_key(call_id), SNAPSHOT_EXPIRY_S)
            await pipeline.execute()

    async def live_calls(self, within_s: float = 15.0) -> set[str]:
        """Calls, on all machines, that had a heartbeat within this time; older ones are forgotten.

        :raises ServerAway: Redis does not answer.
        """
        oldest = time.time() - within_s
        async with self._answering():
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.zremrangebyscore(LIVE, "-inf", f"({oldest}")
            pipeline.zrange(LIVE, 0, -1)
            _, alive = await pipeline.execute()
        return set(alive)

    # --- facts on their way to rows -----------------------------------------------------------------------------

    async def read(self, batch: int, block_ms: int) -> list[StreamEntry]:
        """Up to ``batch`` entries that were not acknowledged: first those that this recorder was given before it
        died, now and then those that another one left, then new ones; waits up to ``block_ms`` for these, and with
        0 not at all.

        :raises ServerAway: Redis does not answer.
        """
        async with self._answering():
            try:
                return await self._read(batch, min(block_ms, MOST_BLOCK_MS))
            except ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
                # First run, or Redis came back without its data: whatever is there is new to us.
                await self._redis.xgroup_create(EVENTS, GROUP, id="0", mkstream=True)
                return await self._read(batch, min(block_ms, MOST_BLOCK_MS))

    async def _read(self, batch: int, block_ms: int) -> list[StreamEntry]:
        if self._pending_from is not None:
            pending = await self._read_group(self._pending_from, batch, None)
            self._pending_from = pending[-1].id if pending else None
            if pending:
                return pending
        if time.monotonic() >= self._claim_at:
            self._claim_at = time.monotonic() + HOUSEKEEPING_S
            claimed = await self._redis.xautoclaim(EVENTS, GROUP, self._consumer, STALE_MS, count=batch)
            if claimed[1]:
                return _entries(claimed[1])
        return await self._read_group(">", batch, block_ms)

    async def _read_group(self, start: str, batch: int, block_ms: int | None) -> list[StreamEntry]:
        found: Any = await self._reading_redis.xreadgroup(
            GROUP, self._consumer, {EVENTS: start}, count=batch, block=block_ms or None
        )
        return _entries(found[0][1]) if found else []

    async def ack(self, ids: Sequence[str]) -> None:
        """These are rows now; drop from the stream what nobody needs any more.

        :raises ServerAway: Redis does not answer; they will come again.
        """
        if not ids:
            return
        async with self._answering():
            await self._redis.xack(EVENTS, GROUP, *ids)
            if time.monotonic() >= self._trim_at:
                self._trim_at = time.monotonic() + HOUSEKEEPING_S
                await self._trim()

    async def _trim(self) -> None:
        server_s, _ = await self._redis.time()
        oldest_kept_ms = (server_s - KEEP_S) * 1000
        unread = await self._first_unread()
        # An id begins with the time it was added; never drop what has not been acknowledged.
        if unread is not None and _added_ms(unread) <= oldest_kept_ms:
            await self._redis.xtrim(EVENTS, minid=unread, approximate=True)
        else:
            await self._redis.xtrim(EVENTS, minid=f"{oldest_kept_ms}-0", approximate=True)

    async def set_aside(self, entry: StreamEntry, reason: str) -> None:
        """Keep an entry that can be no row, with the reason, where it blocks nobody; acknowledge it.

        :raises ServerAway: Redis does not answer; it will come again.
        """
        async with self._answering():
            pipeline = self._redis.pipeline(transaction=True)
            fields: dict[Any, Any] = {**entry.fields, "reason": reason}
            pipeline.xadd(POISON, fields, maxlen=KEEP_POISON, approximate=True)
            pipeline.xack(EVENTS, GROUP, entry.id)
            await pipeline.execute()

    async def lag(self) -> Lag:
        """How far the recorder is behind.

        :raises ServerAway: Redis does not answer.
        """
        async with self._answering():
            unread = await self._first_unread()
            if unread is None:
                return Lag(0, 0.0)
            groups = await self._redis.xinfo_groups(EVENTS)
            length = await self._redis.xlen(EVENTS)
            server_s, server_us = await self._redis.time()
        group = next((group for group in groups if group["name"] == GROUP), {})
        # "lag" is unknown to Redis after deletions from the middle: then at most all that is there.
        entries = length if group.get("lag") is None else group["lag"] + group["pending"]
        return Lag(entries, max(0.0, server_s + server_us / 1e6 - _added_ms(unread) / 1e3))

    async def _first_unread(self) -> str | None:
        """Id of the first entry that is not acknowledged; None: there is none."""
        if not await self._redis.exists(EVENTS):
            return None
        groups = await self._redis.xinfo_groups(EVENTS)
        group = next((group for group in groups if group["name"] == GROUP), None)
        if group is not None and group["pending"]:
            oldest = (await self._redis.xpending(EVENTS, GROUP))["min"]
            if oldest is not None:  # else they were acknowledged between the two questions
                return str(oldest)
        start = f"({group['last-delivered-id']}" if group is not None else "-"
        found = await self._redis.xrange(EVENTS, min=start, count=1)
        return str(found[0][0]) if found else None

    def _answering(self) -> AbstractAsyncContextManager[None]:
        return answering(self.shown_url)


def _key(call_id: str) -> str:
    return f"call:{{{call_id}}}"


def _added_ms(entry_id: str) -> int:
    return int(entry_id.partition("-")[0])


def _entries(found: Iterable[tuple[str, Entry | None]]) -> list[StreamEntry]:
    """An entry that was deleted while it was pending comes without fields; it is then nothing to anybody."""
    return [StreamEntry(entry_id, fields or {}) for entry_id, fields in found]
