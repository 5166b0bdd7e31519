"""Keeps the calls of this machine known to be alive, and closes those of machines and cells that died.

Every call's heartbeat lies in Redis, so any service that shares database and Redis finds out.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from voicegw import log
from voicegw.errors import ServerAway
from voicegw.outcomes.store import OutcomeStore
from voicegw.session.store import SessionStore

logger = log.get_logger()

BEAT_EVERY_S = 2.0
SILENT_S = 15.0
"""A call without a heartbeat for so long is nobody's any more."""
STEADY_S = 20.0
"""After Redis was away, every machine gets so long to beat again before its calls are taken for lost."""
YOUNGEST_S = 30.0
"""Calls that began later are left alone: their first heartbeat may be on its way."""
REASON = "no heartbeat: the machine or process that had the call is gone"


@dataclass
class Heartbeat:
    """Of one service. Belongs to its event loop.

    :param live_calls: ids of the calls that this service has.
    """

    store: SessionStore
    outcomes: OutcomeStore
    live_calls: Callable[[], Iterable[str]]
    beat_every_s: float = BEAT_EVERY_S
    silent_s: float = SILENT_S
    steady_s: float = STEADY_S
    youngest_s: float = YOUNGEST_S

    def __post_init__(self) -> None:
        self._known: set[str] = set()
        self._steady_since: float | None = None

    async def run(self) -> None:
        """For ever; while a server is away, calls go on and nobody is taken for lost."""
        while True:
            try:
                await self.beat()
                await self.close_lost()
            except ServerAway as error:
                self._steady_since = None
                logger.warning("heartbeat.server_away", reason=str(error))
            except Exception:  # the edge: nothing may end the heartbeat of calls that live
                logger.exception("heartbeat.failed")
            await asyncio.sleep(self.beat_every_s)

    async def beat(self) -> None:
        """Tell that our calls live, and forget what those that ended had in Redis.

        :raises ServerAway: Redis does not answer.
        """
        live = set(self.live_calls())
        await self.store.beat(live)
        for call_id in self._known - live:
            await self.store.drop_snapshot(call_id)
        self._known = live
        self._steady_since = self._steady_since or time.monotonic()

    async def close_lost(self) -> None:
        """Close the calls, of whatever machine, whose heartbeat has stopped, as failed.

        :raises ServerAway: Redis or the database does not answer.
        """
        if self._steady_since is None or time.monotonic() - self._steady_since < self.steady_s:
            return
        alive = await self.store.live_calls(self.silent_s)
        began_before = time.time() - self.youngest_s
        for call_id in await self.outcomes.close_orphans(alive, began_before=began_before, reason=REASON):
            logger.error("call.lost", call_id=call_id, reason=REASON)
