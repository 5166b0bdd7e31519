"""The web process's end of its link to the service: asks how it is, hears when to stop."""

import asyncio
import itertools
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from zlib import decompress

from voicegw.errors import WireError
from voicegw.wire.link import Link
from voicegw.wire.messages import ReportTold, ReportWanted

PATIENCE_S = 1.0
"""A service that says nothing for so long is not well."""


@dataclass(frozen=True)
class Report:
    """How the service is."""

    metrics: str
    """Prometheus's text format."""
    free_slots: int
    not_ready_for: tuple[str, ...]
    state: dict[str, Any]
    """``observe.machine.MachineState``."""


class ServiceSilent(Exception):
    """The service does not answer."""


class Desk:
    """Belongs to the web process's event loop.

    :param stop: called when the service says so, or is gone.
    """

    def __init__(self, link: Link, stop: Callable[[], None]) -> None:
        self._link = link
        self._stop = stop
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[ReportTold]] = {}

    def read(self) -> None:
        """The link has something."""
        try:
            while (message := self._link.receive()) is not None:
                if not isinstance(message, ReportTold):
                    self._stop()
                elif asked := self._asked.pop(message.number, None):
                    asked.set_result(message)
        except (ConnectionError, WireError):
            self._stop()

    async def report(self) -> Report:
        """How the service is now.

        :raises ServiceSilent: it does not say.
        """
        number = next(self._numbers)
        told: asyncio.Future[ReportTold] = asyncio.get_running_loop().create_future()
        self._asked[number] = told
        try:
            with suppress(ConnectionError):
                self._link.send(ReportWanted(number))
            answer = await asyncio.wait_for(told, PATIENCE_S)
        except TimeoutError:
            raise ServiceSilent from None
        finally:
            self._asked.pop(number, None)
        return opened(answer)


def opened(told: ReportTold) -> Report:
    """What the message carries."""
    state = dict(told.state)
    free_slots, reasons = state.pop("free_slots"), state.pop("not_ready_for")
    assert isinstance(free_slots, int)
    assert isinstance(reasons, list)
    return Report(decompress(b64decode(told.metrics)).decode(), free_slots, tuple(reasons), state)
