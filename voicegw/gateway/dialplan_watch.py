"""Takes new versions of dialplans into the running service: calls that begin get them, calls in progress do not.

The nursery learns a version before anybody is routed to it, and so do the workers that wait already: they are told
over the link that the cell will use, so they have read it before any call reaches them.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from voicegw import log
from voicegw.dialplan import files
from voicegw.dialplan.model import Dialplan
from voicegw.errors import ServerAway, SetupError
from voicegw.gateway.dialplan_sources import Source, from_database
from voicegw.gateway.pool import WorkerPool
from voicegw.publishing.record import FROM_FILE, InForce
from voicegw.publishing.routes import Routes, Served
from voicegw.publishing.store import VersionStore
from voicegw.wire.messages import (
    DialplanLoaded,
    ForgetDialplan,
    LoadDialplan,
    Message,
    TakeDialplan,
    TryDialplan,
)

logger = log.get_logger()

LOOK_EVERY_S = 0.3
"""Between two looks at whether anything was published."""
MOST_DRAFTS = 8
"""That workers know beside what takes calls."""
LOAD_TIMEOUT_S = 60.0
"""Sentences whose vectors did not come with the version take the longest."""


@dataclass
class Known:
    """Which dialplans take calls, and all versions that are at hand. Belongs to the service's event loop."""

    store: VersionStore
    folder: Path
    """The service's own copies of what is published."""
    files: dict[str, Source]
    """Unpublished, by name."""
    check: Callable[[Dialplan], None] = lambda plan: None
    """Raises ``SetupError`` for one that this machine has not the models for."""
    change: int = 0
    """The last change that was taken in."""

    def __post_init__(self) -> None:
        self.sources = {source.key: source for source in self.files.values()}

    async def served(self, in_force: list[InForce]) -> list[Served]:
        """What is to take calls: the published first, then files.

        :raises ServerAway: the database is away.
        """
        published = [one for one in in_force if one.version != FROM_FILE]
        taken = [served for one in published if (served := await self._served(one))]
        names = {one.name for one in published}
        files = [source for name, source in self.files.items() if name not in names]
        return taken + [Served(InForce(source.plan.name), source.plan) for source in files]

    async def _served(self, one: InForce) -> Served | None:
        """None: it cannot be had as published; the log says why."""
        try:
            base = await self._source(one.name, one.version)
            trial = await self._source(one.name, one.trial) if one.trial is not None else None
        except ServerAway:
            raise
        except SetupError as error:
            logger.error("dialplan.not_taken", dialplan=one.name, version=one.version, error=str(error))
            return None
        return Served(one, base.plan, trial.plan if trial else None)

    async def _source(self, name: str, version: int) -> Source:
        if (name, version) not in self.sources:
            source = await from_database(self.store, name, version, self.folder)
            self.check(source.plan)
            self.sources[name, version] = source
        return self.sources[name, version]

    def forget(self, key: tuple[str, int]) -> None:
        """Nobody needs this version now; it can be had from the database again."""
        if key[1] != FROM_FILE:
            self.sources.pop(key, None)


def keys(served: Iterable[Served]) -> set[tuple[str, int]]:
    """Name and version of all that take calls."""
    return {(one.in_force.name, version) for one in served for version in one.in_force.versions}


class DialplanWatch:
    """Looks for changes and takes them in. Belongs to the service's event loop.

    :param served: what takes calls now; the nursery was started with it.
    :param tell_nursery: sends it a message.
    :param on_taken: called with each new state of affairs.
    """

    def __init__(
        self,
        known: Known,
        served: Sequence[Served],
        pool: WorkerPool,
        tell_nursery: Callable[[Message], object],
        on_taken: Callable[[Routes], None],
    ) -> None:
        self.routes = Routes(served)
        self._known = known
        self._pool = pool
        self._tell_nursery = tell_nursery
        self._on_taken = on_taken
        self._loaded = keys(served)
        self._loading: dict[tuple[str, int], asyncio.Future[str]] = {}
        self._tried: dict[tuple[str, int], None] = {}
        """Drafts, the one that was tried last at the end."""
        self.live_dialplans: Callable[[], set[tuple[str, int]]] = set
        """Name and version of those that have calls in progress: they are not forgotten."""

    def find(self, number: str, caller: str, call_id: str) -> tuple[str, int] | None:
        """Name and version of the dialplan that answers, as of now."""
        return self.routes.find(number, caller, call_id)

    def has(self, name: str, version: int) -> bool:
        """Workers know it."""
        return (name, version) in self._loaded

    async def try_out(self, order: TryDialplan) -> str:
        """Let workers know a draft; returns what is wrong with it, or nothing.

        Drafts that nobody has tried for long are forgotten, once their calls are over.
        """
        key = order.dialplan, order.version
        if not self.has(*key):
            plan, problems = await asyncio.to_thread(files.read, Path(order.file))
            wrong = [str(problem) for problem in problems if problem.severity == "error"]
            if plan is None or wrong:
                return "; ".join(wrong)
            try:
                self._known.check(plan)
            except SetupError as error:
                return str(error)
            self._known.sources[key] = Source(order.version, plan, Path(order.file))
            if problem := await self._load(self._known.sources[key]):
                return problem
        self._tried.pop(key, None)
        self._tried[key] = None
        while len(self._tried) > MOST_DRAFTS:
            self._tried.pop(next(iter(self._tried)))
        return ""

    def orders(self) -> list[LoadDialplan]:
        """What a nursery that is started now must know."""
        return [self._known.sources[key].order(self._known.folder) for key in sorted(self._loaded)]

    def on_loaded(self, message: DialplanLoaded) -> None:
        """The nursery's answer."""
        waiting = self._loading.pop((message.dialplan, message.version), None)
        if waiting and not waiting.done():
            waiting.set_result(message.problem)

    async def run(self) -> None:
        """For ever: within two seconds of a change, calls that begin are answered by it."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self._look()
            except ServerAway as error:
                logger.warning("dialplan.cannot_look", error=str(error))
                await asyncio.sleep(5 * LOOK_EVERY_S)
            except Exception:  # the edge: what was published must never stop the service from looking again
                logger.exception("dialplan.look_failed")
                await asyncio.sleep(5 * LOOK_EVERY_S)

    async def _look(self) -> None:
        change = await self._known.store.last_change()
        if change != self._known.change:
            await self._take_in()
            self._known.change = change
        self._forget_what_nobody_needs()

    async def _take_in(self) -> None:
        began = time.monotonic()
        in_force = await self._known.store.in_force()
        wanted = await self._known.served(in_force)
        for key in sorted(keys(wanted) - self._loaded):
            await self._load(self._known.sources[key])
        ready = [one for one in wanted if keys([one]) <= self._loaded]
        names = {one.in_force.name for one in ready}
        # What cannot be taken in leaves the version before it where it is.
        kept = [one for one in self.routes.served if one.in_force.name not in names]
        self.routes = Routes([*ready, *kept])
        self._on_taken(self.routes)
        tell(self.routes, took_ms=round((time.monotonic() - began) * 1000))

    async def _load(self, source: Source) -> str:
        """Returns why it was not loaded, or nothing."""
        order = source.order(self._known.folder)
        loaded = self._loading[source.key] = asyncio.get_running_loop().create_future()
        self._tell_nursery(order)
        try:
            problem = await asyncio.wait_for(loaded, LOAD_TIMEOUT_S)
        except TimeoutError:
            problem = f"the nursery has not learned it within {LOAD_TIMEOUT_S:.0f} s"
        if problem:
            logger.error("dialplan.not_taken", dialplan=order.dialplan, version=order.version, error=problem)
            return problem
        self._pool.tell_waiting(TakeDialplan(order.dialplan, order.version, order.brain))
        self._loaded.add(source.key)
        return ""

    def _forget_what_nobody_needs(self) -> None:
        for key in self._loaded - keys(self.routes.served) - self.live_dialplans() - self._tried.keys():
            self._loaded.discard(key)
            self._known.forget(key)
            self._tell_nursery(ForgetDialplan(*key))


def tell(routes: Routes, **values: object) -> None:
    """Say in the log what is in force."""
    for one in routes.served:
        known = one.in_force
        trial = {"trial": known.trial, "percent": known.percent} if known.trial is not None else {}
        source = "published" if known.version != FROM_FILE else "file"
        logger.info("dialplan.in_force", dialplan=known.name, version=known.version, source=source, **trial, **values)
