"""The recorder: facts from the stream become rows, once, however often it dies and whatever is away.

An entry is acknowledged only when its rows are committed, and rows come out the same however often a fact is applied.
So at any moment the recorder may be killed, and the next one begins where the rows end.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from voicegw.errors import ServerAway, WireError
from voicegw.log import get_logger
from voicegw.outcomes.record import Fact, decode
from voicegw.outcomes.store import OutcomeStore
from voicegw.session.store import Lag, SessionStore, StreamEntry

BATCH = 500
BLOCK_MS = 500
GATHER_S = 0.2
FIRST_RETRY_S = 0.1
LAST_RETRY_S = 5.0
LOOK_ROUND_S = 5.0
"""Between two looks at the lag, and at what dead processes left in the spool."""
LAGS_S = 5.0
"""Behind by more than this is worth a line in the log."""

log = get_logger()
_R = TypeVar("_R")


@dataclass
class Tally:
    """What a recorder has done; written by its task only."""

    recorded: int = 0
    """Facts made into rows."""
    poisoned: int = 0
    """Entries that can be no row, set aside."""
    lag: Lag = field(default_factory=lambda: Lag(0, 0.0))
    """How far behind it was at its last look."""


async def run(store: SessionStore, outcomes: OutcomeStore, stop: asyncio.Event, tally: Tally | None = None) -> Tally:
    """Record until ``stop``, and what was told by then; should a server be away, it stays in the stream.

    :param tally: kept up to date meanwhile, for whoever watches.
    """
    recorder = _Recorder(store, outcomes, stop, tally or Tally())
    await recorder.run()
    return recorder.tally


class _Stopped(Exception):
    """``stop`` was set while a server was away."""


class _Recorder:
    def __init__(self, store: SessionStore, outcomes: OutcomeStore, stop: asyncio.Event, tally: Tally) -> None:
        self._store = store
        self._outcomes = outcomes
        self._stop = stop
        self._look_at = 0.0
        self.tally = tally

    async def run(self) -> None:
        with suppress(_Stopped):
            while not self._stop.is_set():
                await self._look_round()
                await self._gather()
                await self._record(await self._patiently(lambda: self._store.read(BATCH, BLOCK_MS)))
            await self._finish()

    async def _gather(self) -> None:
        """Let some facts come together: a transaction costs more than what is in it."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), GATHER_S)

    async def _finish(self) -> None:
        """What was told before ``stop`` becomes rows now, if both servers are there; else at the next start."""
        await self._store.flush()
        while entries := await self._patiently(lambda: self._store.read(BATCH, 0)):
            await self._record(entries)

    async def _record(self, entries: Sequence[StreamEntry]) -> None:
        facts: list[tuple[StreamEntry, Fact]] = []
        for entry in entries:
            try:
                facts.append((entry, decode(entry.fields)))
            except WireError as error:
                await self._set_aside(entry, str(error))
        try:
            await self._patiently(lambda: self._outcomes.apply([fact for _, fact in facts]))
        except _Stopped:
            raise
        except Exception as error:  # one of them is poison, and nobody knows which: each by itself, then
            log.warning("recorder.batch_refused", facts=len(facts), error=str(error))
            facts = [(entry, fact) for entry, fact in facts if await self._taken(entry, fact)]
        self.tally.recorded += len(facts)
        await self._patiently(lambda: self._store.ack([entry.id for entry, _ in facts]))

    async def _taken(self, entry: StreamEntry, fact: Fact) -> bool:
        try:
            await self._patiently(lambda: self._outcomes.apply([fact]))
        except _Stopped:
            raise
        except Exception as error:  # the edge: no single fact may stop the recorder
            await self._set_aside(entry, str(error))
            return False
        return True

    async def _set_aside(self, entry: StreamEntry, reason: str) -> None:
        log.error("recorder.poison", entry=entry.id, call_id=entry.fields.get("call_id"), reason=reason)
        self.tally.poisoned += 1
        await self._patiently(lambda: self._store.set_aside(entry, reason))

    async def _look_round(self) -> None:
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_ROUND_S
        with suppress(ServerAway):
            left = await self._store.drain_left_behind()
            if left:
                log.info("recorder.spool_drained", entries=left)
            self.tally.lag = await self._store.lag()
        if self.tally.lag.seconds > LAGS_S:
            log.warning("recorder.lags", entries=self.tally.lag.entries, seconds=round(self.tally.lag.seconds, 1))

    async def _patiently(self, act: Callable[[], Awaitable[_R]]) -> _R:
        """The result of ``act``, tried again for as long as its server is away."""
        retry_s = FIRST_RETRY_S
        while True:
            try:
                return await act()
            except ServerAway as error:
                log.warning("recorder.waits", reason=str(error), retry_s=retry_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), retry_s)
            if self._stop.is_set():
                raise _Stopped
            await self._look_round()
            retry_s = min(2 * retry_s, LAST_RETRY_S)
