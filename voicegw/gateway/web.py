"""Starts the web process, where the settings ask for one, and lets the first admin in."""

import asyncio
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit
from zlib import compress

from voicegw import log
from voicegw.accounts.welcome import first_secret
from voicegw.config import Settings
from voicegw.errors import SetupError, WireError
from voicegw.gateway import children
from voicegw.gateway.children import Backoff, Child
from voicegw.observe.machine import MachineState
from voicegw.wire import link as wire_link
from voicegw.wire.link import Link
from voicegw.wire.messages import ReportTold, ReportWanted, WebReady

logger = log.get_logger()

READY_TIMEOUT_S = 20.0
Look = Callable[[], tuple[MachineState, str]]
"""How the service is, and its metrics as text."""

BROWSER_CELL = -1
"""The number of the cell that calls from browsers come through."""


@dataclass
class BrowserCell:
    """The cell in the web process, as the supervisor sees it: it lives and dies with that process."""

    link: Link

    async def stop(self) -> int:
        """Let it go."""
        self.link.close()
        return 0


AddCell = Callable[[int, BrowserCell], Awaitable[object]]


@dataclass(frozen=True)
class Web:
    """A web process that listens."""

    child: Child
    url: str
    cell: BrowserCell

    def answer(self, look: Look, on_lost: Callable[[], None] = lambda: None) -> None:
        """From now on it is told how the service is, whenever it asks.

        :param on_lost: called when it has died.
        """
        asyncio.get_running_loop().add_reader(self.child.link, self._read, look, on_lost)

    async def stop(self) -> None:
        """End it."""
        asyncio.get_running_loop().remove_reader(self.child.link)
        await self.child.stop()

    def _read(self, look: Look, on_lost: Callable[[], None]) -> None:
        try:
            while (message := self.child.link.receive()) is not None:
                if isinstance(message, ReportWanted):
                    self.child.link.send(told(message.number, *look()))
        except (ConnectionError, WireError) as error:
            logger.error("web.lost", reason=str(error))
            asyncio.get_running_loop().remove_reader(self.child.link)
            on_lost()


class LastingWeb:
    """The web process of a service, started again at the same port when it dies: calls from browsers are lost by
    that, no others are. Belongs to the service's event loop."""

    def __init__(self, settings: Settings, web: Web) -> None:
        self.url = web.url
        port = urlsplit(web.url).port
        self._settings = settings.model_copy(update={"web": settings.web.model_copy(update={"port": port})})
        self._web = web
        self._lost = asyncio.Event()

    async def join(self, look: Look, add_cell: AddCell) -> None:
        """From now on it is told how the service is, and calls from browsers come through it.

        :param look: the state of the service, and its metrics as text.
        :param add_cell: gives a cell to the supervisor.
        """
        self._lost.clear()
        self._web.answer(look, self._lost.set)
        await add_cell(BROWSER_CELL, self._web.cell)

    async def keep_alive(self, look: Look, add_cell: AddCell) -> None:
        """For ever: start it again, and let it join, when it has died."""
        backoff = Backoff("web")
        while True:
            await backoff.wait(self._lost)
            await self._web.stop()
            try:
                self._web = await start_web(self._settings)
                await self.join(look, add_cell)
            except (SetupError, ConnectionError, TimeoutError) as error:
                logger.error("web.not_started", error=str(error))

    async def stop(self) -> None:
        """End it."""
        await self._web.stop()


def told(number: int, state: MachineState, metrics: str) -> ReportTold:
    """The answer to ``ReportWanted``."""
    values: dict[str, object] = {**asdict(state), "free_slots": state.free_slots, "not_ready_for": state.not_ready_for}
    return ReportTold(number, b64encode(compress(metrics.encode())).decode(), values)


def is_wanted(settings: Settings) -> bool:
    """Without console and token nobody could read anything."""
    return settings.web.console or bool(settings.web.token)


async def start_web(settings: Settings) -> Web:
    """The process, when it listens.

    :raises SetupError: it did not start; its own line says why.
    """
    ours, theirs = wire_link.pair()
    values = settings.model_dump_json().encode()
    child = await children.start("web", "voicegw.web.main", stdin=values, besides={"--cell-fd": theirs})
    theirs.close()
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(child.link, readable.set)
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            await readable.wait()
        ready = child.link.receive()
    except (ConnectionError, TimeoutError, WireError) as error:
        await child.stop()
        raise SetupError(f"the console did not start ({error}): see its line above") from None
    finally:
        loop.remove_reader(child.link)
    assert isinstance(ready, WebReady)
    url = f"http://{settings.web.host}:{ready.port}"
    logger.info("web.ready", url=url, pid=child.pid)
    return Web(child, url, BrowserCell(ours))


async def first_link(settings: Settings, console_url: str) -> str:
    """By which the first admin chooses a password; empty once somebody can sign in."""
    secret = await first_secret(settings.resolved_database_url, time.time())
    return f"{console_url}/welcome/{secret}" if secret else ""
