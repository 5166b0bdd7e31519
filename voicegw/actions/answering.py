"""Asking the action runner what came of a write, over its Unix socket: a line of JSON each way. Both ends."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

LONGEST_ANSWER = 2**20
Find = Callable[[str], Awaitable[tuple[str, Mapping[str, Any]]]]
"""Waits for the action of a key to end; its status and values."""


async def answer_at(place: Path, find: Find) -> asyncio.Server:
    """Answer from now on, until the server is closed."""
    place.unlink(missing_ok=True)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError, KeyError):
            question: Mapping[str, str] = json.loads(await reader.readline())
            status, values = await find(question["result_of"])
            writer.write(json.dumps({"status": status, "values": dict(values)}).encode() + b"\n")
            await writer.drain()
        writer.close()

    return await asyncio.start_unix_server(answer, place)


async def ask_at(place: Path, key: str) -> tuple[str, dict[str, object]]:
    """Wait for the result.

    :raises OSError: the runner is not there.
    :raises ValueError: it went away.
    """
    reader, writer = await asyncio.open_unix_connection(place, limit=LONGEST_ANSWER)
    try:
        writer.write(json.dumps({"result_of": key}).encode() + b"\n")
        answer = json.loads(await reader.readline())
    finally:
        writer.close()
    return answer["status"], answer["values"]
