"""The nursery as a child of the service: started with what it must know, and started again when it dies."""

import asyncio
import json
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path

from voicegw.config import Settings
from voicegw.errors import WireError
from voicegw.gateway import children
from voicegw.gateway.children import Backoff, Child
from voicegw.log import get_logger
from voicegw.wire.link import Link
from voicegw.wire.messages import LoadDialplan, Message

log = get_logger()


class NurseryChild:
    """Belongs to the service's event loop.

    :param door: of the machine's listener, if it has one.
    :param on_started: is given its link, each time it is started.
    :param on_message: is given what it says.
    :param on_lost: called when it has died, before it is started again.
    """

    def __init__(
        self,
        settings: Settings,
        door: Path | None,
        stack: AsyncExitStack,
        *,
        on_started: Callable[[Link], None],
        on_message: Callable[[Message], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._told = {"settings": settings.model_dump(mode="json"), "door": str(door or "")}
        self._on_started = on_started
        self._on_message = on_message
        self._on_lost = on_lost
        self._lost = asyncio.Event()
        self._child: Child | None = None
        stack.push_async_callback(self._stop)

    @property
    def child(self) -> Child:
        """The process that forks now."""
        assert self._child, "start() comes first"
        return self._child

    def send(self, message: Message) -> None:
        """Tell it. One that has just died is told by ``start`` what it must know."""
        try:
            self.child.link.send(message)
        except ConnectionError:
            log.warning("nursery.not_told", kind=type(message).__name__)

    async def start(self, orders: Iterable[LoadDialplan]) -> None:
        """Start it with these dialplans; it says ``NurseryReady`` when it can fork."""
        told = {**self._told, "dialplans": [asdict(order) for order in orders]}
        self._child = await children.start("nursery", "voicegw.worker.main", stdin=json.dumps(told).encode())
        self._lost.clear()
        self._on_started(self._child.link)
        asyncio.get_running_loop().add_reader(self._child.link, self._read)

    async def keep_alive(self, orders: Callable[[], Iterable[LoadDialplan]]) -> None:
        """For ever: when it has died, start another, with the dialplans of that moment."""
        backoff = Backoff("nursery")
        while True:
            await backoff.wait(self._lost)
            await self.child.stop()
            await self.start(orders())

    def _read(self) -> None:
        link = self.child.link
        try:
            while (message := link.receive()) is not None:
                self._on_message(message)
        except (ConnectionError, WireError) as error:
            asyncio.get_running_loop().remove_reader(link)
            log.error("nursery.lost", error=str(error))
            self._on_lost()
            self._lost.set()

    async def _stop(self) -> None:
        if self._child:
            asyncio.get_running_loop().remove_reader(self._child.link)
            await self._child.stop()
