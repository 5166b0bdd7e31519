"""A cell without SIP: to the supervisor and to workers it is a cell like any other, and calls come to it by other
ways: from a browser, or from a scenario's caller over a patch cable.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Sequence

from voicegw.errors import CallRefused, WireError
from voicegw.log import get_logger
from voicegw.wire.link import Link
from voicegw.wire.messages import (
    CallProgressed,
    CallTurnedAway,
    Message,
    WorkerAssigned,
    WorkerReturned,
    WorkerWanted,
)

WORKER_WAIT_S = 5.0
"""A supervisor that has not found a worker by then will not."""

log = get_logger()


class TurnedAway(CallRefused):
    """The supervisor does not want the call."""

    def __init__(self, message: CallTurnedAway) -> None:
        super().__init__(message.reason)
        self.sip_status = message.sip_status
        self.retry_after_s = message.retry_after_s


class SoftCell:
    """One end of a cell link. Belongs to an event loop.

    :param link: to the supervisor.
    :param on_message: gets what is not about a worker that was asked for.
    :param on_lost: called when the supervisor is gone.
    """

    def __init__(
        self,
        link: Link,
        on_message: Callable[[Message], None] = lambda message: None,
        on_lost: Callable[[], None] = lambda: None,
    ) -> None:
        self._link = link
        self._on_message = on_message
        self._on_lost = on_lost
        self._waiting: dict[str, asyncio.Future[tuple[WorkerAssigned, Link]]] = {}
        asyncio.get_running_loop().add_reader(link, self._read)

    def close(self) -> None:
        """Listen no more."""
        asyncio.get_running_loop().remove_reader(self._link)
        self._link.close()

    def tell(self, message: Message, sockets: Sequence[socket.socket] = ()) -> None:
        """Send to the supervisor. One that is gone is told of by ``on_lost``."""
        try:
            self._link.send(message, sockets)
        except ConnectionError:
            log.debug("soft_cell.supervisor_gone", kind=type(message).__name__)

    def progress(self, call_id: str, state: str, facts: dict[str, object]) -> None:
        """Tell that a call changed state."""
        self.tell(CallProgressed(call_id, state, time.time_ns() // 1_000_000, facts))

    async def worker_for(self, wanted: WorkerWanted) -> tuple[WorkerAssigned, Link]:
        """The worker that gets the call, and the link to it.

        :raises CallRefused: there is none for it.
        """
        found: asyncio.Future[tuple[WorkerAssigned, Link]] = asyncio.get_running_loop().create_future()
        self._waiting[wanted.call_id] = found
        try:
            self.tell(wanted)
            async with asyncio.timeout(WORKER_WAIT_S):
                return await found
        except TimeoutError:
            raise TurnedAway(CallTurnedAway(wanted.call_id, 503, "no worker in time", 5)) from None
        finally:
            del self._waiting[wanted.call_id]

    def _read(self) -> None:
        try:
            while (received := self._link.receive_with_sockets()) is not None:
                message, sockets = received
                self._on(message, Link(sockets[0]) if sockets else None)
        except (ConnectionError, WireError):
            asyncio.get_running_loop().remove_reader(self._link)
            self._on_lost()

    def _on(self, message: Message, link: Link | None) -> None:
        match message:
            case WorkerAssigned(call_id=call_id) if link:
                waiting = self._waiting.get(call_id)
                if waiting and not waiting.done():
                    waiting.set_result((message, link))
                else:
                    self.tell(WorkerReturned(message.worker), [link.sock])
                    link.close()
            case CallTurnedAway(call_id=call_id):
                waiting = self._waiting.get(call_id)
                if waiting and not waiting.done():
                    waiting.set_exception(TurnedAway(message))
            case _:
                self._on_message(message)
