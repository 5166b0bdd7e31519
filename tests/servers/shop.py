"""A shop behind a real HTTP server, with an integration that books and pays there; both misbehave as told.

The server does each request once by its ``Idempotency-Key``, as payment providers do, and counts what it really did.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from voicegw.call.commands import ActionRequest, Consent, Effect
from voicegw.worker.writes import Writes

INTEGRATION = '''
"""A shop over HTTP."""

import os
from typing import Any

import httpx
from pydantic import BaseModel

from voicegw.actions.requests import (
    Effect,
    Integration,
    Retry,
    Stage,
    Tool,
    ToolBusy,
    ToolFailed,
    ToolResult,
    ToolUnreachable,
    earlier_results,
    idempotency_key,
)

KILL = 299  # the shop's wish that this process dies here
RETRIES = {ToolFailed: Retry(tries=40, pause_s=0.05, longest_pause_s=0.2)}


class Item(BaseModel):
    """What is bought."""

    item: str
    amount: int = 10


class Bought(ToolResult):
    """What came of it."""

    status: str = "done"
    number: int = 0


class Message(BaseModel):
    """A message."""

    to: str
    subject: str
    body: str


def integration(settings: dict[str, Any]) -> Integration:
    """Of the shop at ``url``."""
    client = httpx.AsyncClient(base_url=settings["url"])

    async def post(what: str, body: dict[str, Any]) -> Bought:
        try:
            answer = await client.post(f"/{what}", json=body, headers={"Idempotency-Key": idempotency_key()})
        except httpx.TransportError as error:
            raise ToolUnreachable(repr(error)) from error
        if answer.status_code == KILL:
            os.kill(os.getpid(), 9)
        if answer.status_code >= 500:
            raise ToolBusy(answer.text)
        if answer.status_code >= 400:
            raise ToolFailed(answer.text)
        return Bought(**answer.json())

    def doing(what: str) -> Any:
        async def do(item: Item) -> Bought:
            return await post(what, {"item": item.item, "booked": earlier_results("book").get("number")})

        return do

    async def send(message: Message) -> Bought:
        return await post("send", message.model_dump())

    stages = (
        Stage("book", doing("book"), doing("unbook")),
        Stage("pay", doing("pay"), doing("unpay")),
    )
    limit = float(settings.get("time_limit_s", 1.0))
    return Integration(
        "shop",
        (
            Tool("shop.buy", Effect.WRITES, Item, Bought, None, limit, stages=stages, retries=RETRIES,
                 subject=lambda item: item.item),
            Tool("shop.ship", Effect.WRITES, Item, Bought, doing("ship"), limit, retries=RETRIES),
            Tool("shop.send", Effect.WRITES, Message, Bought, send, limit, retries=RETRIES),
        ),
        close=client.aclose,
    )
'''


def write_integration(folder: Path) -> Path:
    """The folder for ``settings.integrations``."""
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "__init__.py").write_text(INTEGRATION, encoding="utf-8")
    return folder


@dataclass
class Shop:
    """What it has really done, and how it is to answer."""

    url: str = ""
    done: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    """What, its key, its body; each key once."""
    asked_for: Counter[str] = field(default_factory=Counter)
    """Requests, also for what was done before."""
    fails: dict[str, int] = field(default_factory=dict)
    """How often each still answers 503, doing nothing."""
    kills_before: dict[str, int] = field(default_factory=dict)
    """How often who asks dies before it is done."""
    kills_after: dict[str, int] = field(default_factory=dict)
    """How often who asks dies when it is done, before it knows."""
    refuses: set[str] = field(default_factory=set)
    """These answer 400."""
    answers_late: dict[str, int] = field(default_factory=dict)
    """How often each still does it, and answers after the time limit."""
    holds: asyncio.Event = field(default_factory=asyncio.Event)
    """Unset: everybody waits."""

    def count(self, what: str) -> int:
        """How often it was really done."""
        return sum(each == what for each, _, _ in self.done)

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
        self.asked_for[what] += 1
        await self.holds.wait()
        status, answer = self._do(what, headers["idempotency-key"], body)
        if _uses_up(self.answers_late, what):
            await asyncio.sleep(1.5)
        data = json.dumps(answer).encode()
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        await writer.drain()

    def _do(self, what: str, key: str, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        if _uses_up(self.fails, what):
            return 503, {}
        if _uses_up(self.kills_before, what):
            return 299, {}
        if what in self.refuses:
            return 400, {}
        if (what, key) not in [(each, its) for each, its, _ in self.done]:
            self.done.append((what, key, body))
        if _uses_up(self.kills_after, what):
            return 299, {}
        return 200, {"number": len(self.done)}


def _uses_up(times: dict[str, int], what: str) -> bool:
    left = times.get(what, 0)
    times[what] = max(left - 1, 0)
    return left > 0


@asynccontextmanager
async def open_shop() -> AsyncIterator[Shop]:
    """On a free port of this machine."""
    shop = Shop()
    shop.holds.set()
    server = await asyncio.start_server(shop.answer, "127.0.0.1", 0)
    shop.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield shop
    finally:
        server.close()


# --- calls that buy there -----------------------------------------------------------------------------------


async def no_snapshot() -> None:
    """There is no state to keep before a yes is stored."""


def call_of(data_dir: Path, call_id: str = "c1", caller: str = "+15550111") -> Writes:
    """A call's writes."""
    return Writes(data_dir, call_id, caller, no_snapshot, time.time)


def buy(item: str, number: int = 1, **options: Any) -> ActionRequest:
    """What a dialog asks for when its caller has said yes for the ``number``-th time."""
    consent = Consent(f"Shall I buy {item}?", "yes", options.pop("values", {}), options.pop("policy", {}))
    request = ActionRequest(f"buy-{number}", options.pop("tool", "shop.buy"), {"item": item}, Effect.WRITES, consent)
    return replace(request, **options)
