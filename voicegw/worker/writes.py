"""Writes of one call, as seen from its worker: each yes is stored on disk, then the action runner is asked for the
result. Neither the end of the call nor that of this process takes anything back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from time import monotonic

from voicegw import log
from voicegw.actions import inbox
from voicegw.actions.answering import ask_at
from voicegw.actions.inbox import FOLDER, INBOX, SOCKET
from voicegw.actions.instruction import Instruction, Notice, instruction, notice
from voicegw.call.commands import ActionRequest, SendWhenDone
from voicegw.call.events import ActionResult
from voicegw.errors import SetupError
from voicegw.wire.place import socket_place

logger = log.get_logger()

PATIENCE_S = 40.0
"""A caller who waits for longer is told that nobody knows yet, where the dialplan promises no message."""
CALL_AGAIN_S = 0.1
"""Between two calls to a runner that is being started again."""


class Writes:
    """Belongs to the worker's event loop.

    :param data_dir: the service's.
    :param keep_state: awaited before a yes is stored: should this process die, the next one asks for the same.
    :param wall_clock: Unix time in seconds.
    """

    def __init__(
        self,
        data_dir: Path,
        call_id: str,
        caller: str,
        keep_state: Callable[[], Awaitable[None]],
        wall_clock: Callable[[], float],
    ) -> None:
        self._folder = data_dir / FOLDER
        self._call_id = call_id
        self._caller = caller
        self._keep_state = keep_state
        self._wall_clock = wall_clock
        self._in_order = asyncio.Lock()
        self._storing: set[asyncio.Task[None]] = set()

    async def run(self, request: ActionRequest) -> ActionResult:
        """Have it done. Never raises; ``too_slow`` if the caller has waited long enough, and it goes on then."""
        began = monotonic()
        item = instruction(self._call_id, self._caller, request, self._wall_clock())
        status, values = "too_slow", dict[str, object]()
        try:
            async with asyncio.timeout(request.patience_s or PATIENCE_S):
                await asyncio.shield(self._soon(self._store(item)))
                status, values = await self._result(item.key)
        except TimeoutError:
            logger.warning("write.too_slow", tool=request.tool, key=item.key)
        except OSError as error:
            logger.error("write.not_stored", tool=request.tool, error=str(error), hint="see that the disk has room")
            status = "failed"
        return ActionResult(request.id, request.tool, status, values, (monotonic() - began) * 1000)

    def promise(self, wanted: SendWhenDone) -> None:
        """Have a message sent when it is done."""
        self._soon(self._store(notice(self._call_id, wanted, self._wall_clock())))

    async def stored(self) -> None:
        """Wait until all that was asked for is on disk."""
        if self._storing:
            await asyncio.wait(self._storing)

    def _soon(self, storing: Coroutine[object, object, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(storing)
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)
        return task

    async def _store(self, item: Instruction | Notice) -> None:
        async with self._in_order:
            await self._keep_state()
            await asyncio.to_thread(inbox.put, self._folder / INBOX, item)

    async def _result(self, key: str) -> tuple[str, dict[str, object]]:
        """Ask until the runner knows; it may be away for a while."""
        while True:
            with suppress(OSError, SetupError, ValueError):
                return await ask_at(socket_place(self._folder, SOCKET), key)
            await asyncio.sleep(CALL_AGAIN_S)
