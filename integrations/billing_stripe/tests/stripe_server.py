"""localstripe, a server that speaks Stripe's API, on a free port; before it a front that does what Stripe does besides:
it answers a repeated ``Idempotency-Key`` as it did before, and at times it is busy, slow, or gone in the middle."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import ClientSession, web
from localstripe.resources import store
from localstripe.server import app as localstripe

KEY = "sk_test_voicegw"


@dataclass
class World:
    """How to reach the server, and how it shall fail."""

    url: str = ""
    faults: list[str] = field(default_factory=list)
    """Of the next requests that write: ``busy``, ``broken``, ``slow``, ``cut`` (done, but the answer is lost)."""
    replayed: int = 0
    """Answers that were given again to the same key."""
    forgets_keys: bool = False
    """As Stripe does after a day."""


class _Front:
    def __init__(self, world: World, behind: str) -> None:
        self._world = world
        self._behind = behind
        self._remembered: dict[str, tuple[int, bytes]] = {}
        self._under_way: set[str] = set()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
        fault = self._world.faults.pop(0) if self._world.faults and request.method == "POST" else ""
        if fault == "busy":
            return web.json_response({"error": {"type": "rate_limit_error", "message": "slow down"}}, status=429)
        if fault == "broken":
            return web.json_response({"error": {"type": "api_error", "message": "oh"}}, status=500)
        if fault == "slow":
            await asyncio.sleep(2.0)
        if key in self._remembered and not self._world.forgets_keys:
            self._world.replayed += 1
            status, content = self._remembered[key]
        elif key in self._under_way:
            return web.json_response({"error": {"type": "api_error", "message": "key in use"}}, status=409)
        else:
            self._under_way |= {key} if key else set()
            status, content = await self._ask(request, body)
            self._under_way.discard(key)
            self._remembered |= {key: (status, content)} if key else {}
        if fault == "cut":
            assert request.transport
            request.transport.close()
        return web.Response(status=status, body=content, content_type="application/json")

    async def _ask(self, request: web.Request, body: bytes) -> tuple[int, bytes]:
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        async with ClientSession() as client, client.request(
            request.method, self._behind + request.path_qs, data=body, headers=headers
        ) as answer:  # fmt: skip
            return answer.status, await answer.read()


@contextmanager
def serving() -> Iterator[World]:
    """Both servers, in a thread of their own; localstripe keeps nothing on disk."""
    store.dump_to_disk = lambda: None
    world = World()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> list[web.AppRunner]:
        behind, behind_port = await _listen(localstripe)
        front = web.Application()
        front.router.add_route("*", "/{path:.*}", _Front(world, f"http://127.0.0.1:{behind_port}").answer)
        runner, port = await _listen(front)
        world.url = f"http://127.0.0.1:{port}"
        return [runner, behind]

    runners = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    yield world
    for runner in runners:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _listen(app: web.Application) -> tuple[web.AppRunner, int]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, runner.addresses[0][1]
