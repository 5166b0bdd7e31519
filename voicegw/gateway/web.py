"""Starts the web process, where the settings ask for one, and lets the first admin in."""

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import asdict, dataclass
from zlib import compress

from voicegw import log
from voicegw.accounts.welcome import first_secret
from voicegw.config import Settings
from voicegw.errors import SetupError, WireError
from voicegw.gateway import children
from voicegw.gateway.children import Child
from voicegw.observe.machine import MachineState
from voicegw.wire import link as wire_link
from voicegw.wire.link import Link
from voicegw.wire.messages import ReportTold, ReportWanted, WebReady

logger = log.get_logger()

READY_TIMEOUT_S = 20.0


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


@dataclass(frozen=True)
class Web:
    """A web process that listens."""

    child: Child
    url: str
    cell: BrowserCell

    def answer(self, look: Callable[[], tuple[MachineState, str]]) -> None:
        """From now on it is told how the service is, whenever it asks.

        :param look: the state, and the metrics as text.
        """
        asyncio.get_running_loop().add_reader(self.child.link, self._read, look)

    async def stop(self) -> None:
        """End it."""
        asyncio.get_running_loop().remove_reader(self.child.link)
        await self.child.stop()

    def _read(self, look: Callable[[], tuple[MachineState, str]]) -> None:
        try:
            while (message := self.child.link.receive()) is not None:
                if isinstance(message, ReportWanted):
                    self.child.link.send(told(message.number, *look()))
        except (ConnectionError, WireError) as error:
            logger.error("web.lost", reason=str(error))
            asyncio.get_running_loop().remove_reader(self.child.link)


def told(number: int, state: MachineState, metrics: str) -> ReportTold:
    """The answer to ``ReportWanted``."""
    values: dict[str, object] = {**asdict(state), "free_slots": state.free_slots, "not_ready_for": state.not_ready_for}
    return ReportTold(number, b64encode(compress(metrics.encode())).decode(), values)


async def start_web(settings: Settings) -> Web | None:
    """The process, when it listens; None without console and token: nobody could read anything.

    :raises SetupError: it did not start; its own line says why.
    """
    if not settings.web.console and not settings.web.token:
        return None
    ours, theirs = wire_link.pair()
    child = await children.start("web", "voicegw.web.main", stdin=settings.model_dump_json().encode(), cell=theirs)
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


async def first_link(settings: Settings, web: Web) -> str:
    """By which the first admin chooses a password; empty once somebody can sign in."""
    secret = await first_secret(settings.resolved_database_url, time.time())
    return f"{web.url}/welcome/{secret}" if secret else ""
