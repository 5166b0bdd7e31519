"""The world that chaos acts on: a real HTTP server that books, takes money and sends messages, each key once.

It misbehaves as told, and remembers what it really did.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

LATE_S = 2.5
"""An answer after the integration's time limit."""
REFUSED = "9"
"""A number that ends so is never paid: what was booked must be unbooked."""


@dataclass(frozen=True)
class Effect:
    """Something that was really done."""

    what: str
    """``book``, ``pay``, ``unbook`` or ``send``."""
    item: str
    key: str
    text: str = ""
    """Of a message."""


@dataclass
class World:
    """Belongs to one event loop."""

    url: str = ""
    effects: list[Effect] = field(default_factory=list)
    misbehaves: dict[str, int] = field(default_factory=dict)
    """How many requests are still answered so: ``slow``, ``fail``, ``late``, ``twice``."""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer(head.decode(), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = head.split("\r\n")
        what = lines[0].split()[1].strip("/")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        status, given = await self._misbehave(what, headers["idempotency-key"], body)
        data = json.dumps(given).encode()
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        await writer.drain()

    async def _misbehave(self, what: str, key: str, body: dict[str, str]) -> tuple[int, dict[str, str]]:
        if self._next("fail"):
            return 503, {}
        if self._next("slow"):
            await asyncio.sleep(1.0)
        given = self._do(what, key, body)
        if self._next("twice"):
            given = self._do(what, key, body)
        if self._next("late"):
            await asyncio.sleep(LATE_S)
        return 200, given

    def _next(self, how: str) -> bool:
        left = self.misbehaves.get(how, 0)
        self.misbehaves[how] = max(left - 1, 0)
        return left > 0

    def _do(self, what: str, key: str, body: dict[str, str]) -> dict[str, str]:
        item = body.get("item") or body["subject"]
        if what == "status":
            return {"state": "booked" if any(each.item == item for each in self.effects) else "free"}
        if what == "pay" and item.endswith(REFUSED):
            return {"status": "refused"}
        if what == "unbook" and not any(each.what == "book" and each.key == key for each in self.effects):
            return {}
        if not any(each.what == what and each.key == key for each in self.effects):
            self.effects.append(Effect(what, item, key, body.get("body", "")))
        return {"status": "done"}


@asynccontextmanager
async def open_world() -> AsyncIterator[World]:
    """On a free port of this machine."""
    world = World()
    server = await asyncio.start_server(world.answer, "127.0.0.1", 0)
    world.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield world
    finally:
        server.close()
