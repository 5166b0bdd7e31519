"""Keeps a board for all who look on, from the streams, for as long as somebody does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from voicegw import log
from voicegw.errors import ServerAway, WireError
from voicegw.outcomes.history import from_row
from voicegw.outcomes.record import decode as decode_fact
from voicegw.outcomes.store import OutcomeStore
from voicegw.session import moments
from voicegw.session.live import BEGINNING, MOMENTS, LiveLink, Positions
from voicegw.session.store import EVENTS, StreamEntry
from voicegw.web.live.board import Board

logger = log.get_logger()

RETRY_S = 1.0
GATHER_S = 0.05
"""Changes that come closer together go to a browser as one."""
STILL_THERE_S = 15.0
"""A browser to which nothing is said for so long is told that we are there."""


class Feed:
    """Of one web process. Belongs to its event loop.

    :param url: Redis's; nothing is connected before somebody looks on.
    """

    def __init__(self, url: str, outcomes: OutcomeStore) -> None:
        self._url = url
        self._outcomes = outcomes
        self._link: LiveLink | None = None
        self._reading: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._lookers: set[_Looker] = set()
        self._over = False
        self.board = Board()

    @property
    def link(self) -> LiveLink:
        """To Redis; for orders, too.

        :raises SettingsError: there is no Redis.
        """
        if self._link is None:
            self._link = LiveLink(self._url)
        return self._link

    async def changes(self) -> AsyncIterator[set[str]]:
        """Ids of calls that changed, began or ended, again and again; first those of all calls, now and then none.
        Ends with the process."""
        looker = _Looker()
        self._lookers.add(looker)
        self._reading = self._reading or asyncio.create_task(self._read(), name="live")
        try:
            await self._ready.wait()
            yield set(self.board.ids)
            while not self._over:
                yield await looker.next()
                await asyncio.sleep(GATHER_S)
        finally:
            self._lookers.discard(looker)

    def end(self) -> None:
        """The process stops: nobody looks on any more."""
        self._over = True
        self._ready.set()
        self._tell(set())

    async def close(self) -> None:
        """Stop reading; disconnect."""
        self.end()
        if self._reading:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        if self._link:
            await self._link.close()

    async def _read(self) -> None:
        positions: Positions | None = None
        while True:
            try:
                positions = positions or await self._begin()
                entries = await self.link.read(positions, 10 if not self._ready.is_set() else 1_000)
                self._tell({call_id for stream, entry in entries for call_id in self._take(stream, entry)})
                if not entries:
                    self._ready.set()
            except ServerAway as error:
                logger.debug("live.server_away", reason=str(error))
                await asyncio.sleep(RETRY_S)

    async def _begin(self) -> Positions:
        """The calls that the database knows to be up; all else is still in the streams."""
        for story in await self._outcomes.open_calls():
            self.board.begin(from_row(story.call, story.turns, story.events))
        return {EVENTS: BEGINNING, MOMENTS: BEGINNING}

    def _take(self, stream: str, entry: StreamEntry) -> set[str]:
        try:
            if stream == EVENTS:
                return self.board.take(decode_fact(entry.fields))
            return self.board.see(moments.decode(entry.fields))
        except WireError as error:
            logger.debug("live.not_read", reason=str(error))
            return set()

    def _tell(self, changed: set[str]) -> None:
        for looker in self._lookers:
            looker.tell(changed, wake=bool(changed) or self._over)


class _Looker:
    """What one browser has not been told yet."""

    def __init__(self) -> None:
        self._changed: set[str] = set()
        self._wake = asyncio.Event()

    def tell(self, changed: set[str], *, wake: bool) -> None:
        """These calls changed."""
        self._changed |= changed
        if wake:
            self._wake.set()

    async def next(self) -> set[str]:
        """All that changed since it was asked last, waited for; none, if that takes long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), STILL_THERE_S)
        self._wake.clear()
        changed, self._changed = self._changed, set()
        return changed
