"""What the cell says during a call, read as it comes."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator

from voicegw.wire.link import Link
from voicegw.wire.messages import Frame, Frames, Message
from voicegw.worker.clock import MediaClock

MOST_AT_ONCE = 10
"""Messages of the cell, before other tasks get their turn: a worker that is behind must beat, too."""


class Incoming:
    """Belongs to the worker's event loop.

    :param on_message: is given each message.
    :param on_lost: called when the cell is gone.
    """

    def __init__(
        self, link: Link, clock: MediaClock, on_message: Callable[[Message], None], on_lost: Callable[[], None]
    ) -> None:
        self._link = link
        self._clock = clock
        self._on_message = on_message
        self._on_lost = on_lost

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Within this, messages are read."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._link, self._read)
        try:
            yield
        finally:
            with contextlib.suppress(ValueError, OSError):
                loop.remove_reader(self._link)

    def _read(self) -> None:
        try:
            for _ in range(MOST_AT_ONCE):
                message = self._link.receive()
                if message is None:
                    return
                self._on_message(message)
                if self._is_newest(message):
                    return
        except ConnectionError:
            self._on_lost()

    def _is_newest(self, message: Message) -> bool:
        """Behind a frame that is in time nothing waits."""
        match message:
            case Frame(at_ms=at_ms) | Frames(frames=(*_, Frame(at_ms=at_ms))):
                return self._clock.is_new(at_ms)
        return False
