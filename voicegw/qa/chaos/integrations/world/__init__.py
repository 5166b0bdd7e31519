"""The backend of ``voicegw qa chaos``, over HTTP: numbers that are booked and paid, messages that are sent."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

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
    idempotency_key,
)

LIMIT_S = 1.5
RETRIES = {ToolFailed: Retry(tries=200, pause_s=0.1, longest_pause_s=1.0)}


class Item(BaseModel):
    """A number."""

    item: str


class Message(BaseModel):
    """A message."""

    to: str
    subject: str
    body: str


class Done(ToolResult):
    """What came of it."""

    status: Literal["done", "refused"] = "done"


class State(ToolResult):
    """What is known of a number."""

    status: Literal["found"] = "found"
    state: str = ""


def integration(settings: dict[str, Any]) -> Integration:
    """Of the world at ``url``."""
    client = httpx.AsyncClient(base_url=settings["url"], timeout=60)

    async def post(what: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = await client.post(f"/{what}", json=body, headers={"Idempotency-Key": idempotency_key()})
        except httpx.TransportError as error:
            raise ToolUnreachable(repr(error)) from error
        if answer.status_code >= 500:
            raise ToolBusy(answer.text)
        given: dict[str, Any] = answer.json()
        return given

    def stage(what: str) -> Callable[[Item], Awaitable[Done]]:
        async def do(item: Item) -> Done:
            return Done.model_validate(await post(what, {"item": item.item}))

        return do

    async def unbook(item: Item) -> None:
        await post("unbook", {"item": item.item})

    async def status(item: Item) -> State:
        return State.model_validate(await post("status", {"item": item.item}))

    async def send(message: Message) -> Done:
        return Done.model_validate(await post("send", message.model_dump()))

    stages = (Stage("book", stage("book"), unbook), Stage("pay", stage("pay")))
    return Integration(
        "world",
        (
            Tool("world.book", Effect.WRITES, Item, Done, None, LIMIT_S, "Books and pays.", stages, RETRIES, _number),
            Tool("world.status", Effect.READS, Item, State, status, LIMIT_S, "What is known of a number."),
            Tool("world.send", Effect.WRITES, Message, Done, send, LIMIT_S, "Sends a message.", retries=RETRIES),
        ),
        close=client.aclose,
    )


def _number(item: Item) -> str:
    return item.item
