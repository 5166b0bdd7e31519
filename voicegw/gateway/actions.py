"""The action runner as a child of the service: started, and started again when it dies."""

import asyncio
import contextlib
from collections.abc import Iterator

from voicegw import log
from voicegw.config import Settings
from voicegw.errors import SetupError
from voicegw.gateway import children
from voicegw.gateway.children import Child
from voicegw.wire.messages import Heartbeat

logger = log.get_logger()

READY_S = 60.0
"""To import, migrate and connect on a busy machine."""
LONGEST_PAUSE_S = 10.0
LIVED_S = 60.0
"""One that lived for so long had not died of its start."""


class ActionRunnerProcess:
    """A runner that is always there; while it is not, what callers said yes to waits on disk."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._child: Child | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Of the process that runs now; 0: none does."""
        return self._child.pid if self._child else 0

    async def start(self) -> None:
        """Start it and wait until it works.

        :raises SetupError: it did not come up; its line in the log says why.
        """
        await self._launch()
        self._watching = asyncio.create_task(self._keep_alive())

    async def stop(self) -> None:
        """End it; what is at work goes on at the next start."""
        if self._watching:
            self._watching.cancel()
        if self._child:
            await self._child.stop()

    async def _launch(self) -> None:
        values = self._settings.model_dump_json().encode()
        self._child = child = await children.start("actions", "voicegw.gateway.action_runner", stdin=values)
        try:
            await asyncio.wait_for(_ready(child), READY_S)
        except (ConnectionError, TimeoutError) as error:
            await child.stop()
            raise SetupError(f"the action runner did not start ({error}): see its line above") from None

    async def _keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        pauses = _pauses_s()
        while True:
            assert self._child
            began = loop.time()
            status = await self._child.process.wait()
            self._child.link.close()
            if loop.time() - began > LIVED_S:
                pauses = _pauses_s()
            pause_s = next(pauses)
            logger.error("actions.died", pid=self.pid, status=status, again_in_s=pause_s)
            await asyncio.sleep(pause_s)
            with contextlib.suppress(SetupError):
                await self._launch()


def _pauses_s() -> Iterator[float]:
    pause_s = 0.0
    while True:
        yield pause_s
        pause_s = min(2 * pause_s + 0.5, LONGEST_PAUSE_S)


async def _ready(child: Child) -> None:
    """:raises ConnectionError: it ended instead."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(child.link, readable.set)
    try:
        while True:
            await readable.wait()
            readable.clear()
            if isinstance(child.link.receive(), Heartbeat):
                return
    finally:
        loop.remove_reader(child.link)
