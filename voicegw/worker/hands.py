"""The hands of a call: tools are run, and reads may be run ahead."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import ActionRequest, Effect, SendWhenDone
from voicegw.call.events import ActionResult

Run = Callable[[ActionRequest], Awaitable[ActionResult]]


def by_effect(tools: Toolbox, write: Run) -> Run:
    """Reads run here, writes by ``write``."""

    async def run(request: ActionRequest) -> ActionResult:
        tool = tools.tool(request.tool)
        is_write = tool is not None and tool.effect is Effect.WRITES and request.effect is Effect.WRITES
        return await (write(request) if is_write else tools.run(request))

    return run


class Hands:
    """Runs the tools of one call. Belongs to the worker's event loop.

    :param run: runs one tool within its time limit and never raises.
    :param promise: has a message sent when a write that was run ends.
    """

    def __init__(self, run: Run, promise: Callable[[SendWhenDone], None]) -> None:
        self._run = run
        self.promise = promise
        self._ahead: dict[tuple[str, str], asyncio.Task[ActionResult]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        """A tool that the dialog waits for is running."""
        return bool(self._tasks)

    def start(self, request: ActionRequest, done: Callable[[ActionResult], None]) -> bool:
        """Run it, or take what was fetched ahead; ``done`` is called on the loop.

        :returns: whether it had been begun ahead.
        """
        was_ahead = request.effect is Effect.READS and _key(request) in self._ahead
        task = asyncio.create_task(self._finish(request, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return was_ahead

    async def fetch(self, request: ActionRequest) -> ActionResult:
        """Run a read ahead of its time; the same read asked for later finds it.

        :raises ValueError: it is not a read.
        """
        if request.effect is not Effect.READS:
            raise ValueError(f"{request.tool} writes: it never runs ahead")
        key = _key(request)
        if key not in self._ahead:
            self._ahead[key] = asyncio.ensure_future(self._run(request))
        result = await asyncio.shield(self._ahead[key])
        return replace(result, id=request.id)

    def forget_ahead(self) -> None:
        """A turn is over: what was read ahead grows old."""
        self._ahead = {}

    async def _finish(self, request: ActionRequest, done: Callable[[ActionResult], None]) -> None:
        if request.effect is Effect.READS:
            result = await self.fetch(request)
        else:
            result = await self._run(request)
        done(result)


def _key(request: ActionRequest) -> tuple[str, str]:
    return request.tool, repr(sorted(request.arguments.items()))
