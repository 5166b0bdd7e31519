"""The listener, which hears for all calls of a machine, as a child of the service.

Its socket is the service's own, so workers that come while one listener has died and the next is loading wait for
that one; should it take too long, they hear by themselves.
"""

import asyncio
import json
import shutil
import socket
import tempfile
from collections.abc import Iterable
from pathlib import Path

from voicegw import log
from voicegw.config import Settings
from voicegw.errors import SetupError, WireError
from voicegw.gateway import children
from voicegw.gateway.children import Backoff, Child
from voicegw.wire.messages import ListenerReady

logger = log.get_logger()

READY_S = 60.0
"""To import and load on a busy machine."""
MOST_WAITING = 512
"""Workers that have come and were not let in yet: as many as there may be."""


class LastingListener:
    """A listener that is started again when it dies. Belongs to the service's event loop.

    :param languages: that it hears from the start.
    """

    def __init__(self, settings: Settings, languages: Iterable[str]) -> None:
        told = {"settings": settings.model_dump(mode="json"), "languages": sorted(languages)}
        self._told = json.dumps(told).encode()
        self._folder = Path(tempfile.mkdtemp(prefix="voicegw-hearing-"))  # nobody else may enter it
        self.door = self._folder / "socket"
        """Where workers come."""
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listening.bind(str(self.door))
        self._listening.listen(MOST_WAITING)
        self._child: Child | None = None
        self._ready = asyncio.Event()
        self._lost = asyncio.Event()

    @property
    def pid(self) -> int:
        """Of the one that was started last; 0: none was."""
        return self._child.pid if self._child else 0

    async def start(self) -> None:
        """Start it; it loads in its own time."""
        self._ready.clear()
        self._lost.clear()
        self._child = await children.start(
            "listener", "voicegw.gateway.listener", stdin=self._told, besides={"--door-fd": self._listening}
        )
        asyncio.get_running_loop().add_reader(self._child.link, self._read, self._child)

    async def until_ready(self) -> None:
        """:raises SetupError: it has ended instead, or does not come up; its own line says why."""
        events = [asyncio.create_task(event.wait()) for event in (self._ready, self._lost)]
        await asyncio.wait(events, timeout=READY_S, return_when=asyncio.FIRST_COMPLETED)
        for each in events:
            each.cancel()
        if not self._ready.is_set():
            raise SetupError("the listener did not start: see its line above")

    async def keep_alive(self) -> None:
        """For ever: when it has died, start another."""
        backoff = Backoff("listener")
        while True:
            await backoff.wait(self._lost)
            if self._child:
                await self._child.stop()
            await self.start()

    async def stop(self) -> None:
        """End it, and let nobody in any more."""
        if self._child:
            asyncio.get_running_loop().remove_reader(self._child.link)
            await self._child.stop()
        self._listening.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self, child: Child) -> None:
        try:
            while (message := child.link.receive()) is not None:
                if isinstance(message, ListenerReady):
                    logger.info("listener.ready", pid=message.pid)
                    self._ready.set()
        except (ConnectionError, WireError) as error:
            asyncio.get_running_loop().remove_reader(child.link)
            logger.error("listener.lost", pid=child.pid, reason=str(error))
            self._lost.set()
