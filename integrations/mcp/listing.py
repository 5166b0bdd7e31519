"""Which tools a server has: asked at start, and kept for the processes that start soon after."""

import asyncio
import hashlib
import json
import os
import threading
import time
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from mcp.types import Tool
from voicegw.actions.requests import ToolFailed

from .connection import Connection
from .settings import McpSettings, ServerSettings

_TOOLS = TypeAdapter(list[Tool])


def listed(name: str, server: ServerSettings, settings: McpSettings) -> list[Tool]:
    """What it offers; what it offered the last time, if that was just now, or it does not answer.

    :raises ToolFailed: it does not answer, and never has.
    """
    file = _file(name, server, settings.data_dir)
    kept, age_s = _read(file)
    if kept is not None and age_s < settings.list_kept_s:
        return kept
    try:
        found = _ask(name, server)
    except ToolFailed:
        if kept is None:
            raise
        return kept
    _write(file, found)
    return found


def _ask(name: str, server: ServerSettings) -> list[Tool]:
    """In a thread, since this process may have an event loop that runs."""
    found: list[Tool] = []
    failures: list[Exception] = []

    async def ask() -> None:
        connection = Connection(name, server)
        try:
            found.extend(await connection.tools())
        except Exception as failure:  # carried over to the other thread
            failures.append(failure)
        finally:
            await connection.close()

    thread = threading.Thread(target=lambda: asyncio.run(ask()), name=f"mcp-{name}")
    thread.start()
    thread.join()
    if failures:
        raise failures[0] if isinstance(failures[0], ToolFailed) else ToolFailed(f"MCP server {name}: {failures[0]}")
    return found


def _file(name: str, server: ServerSettings, data_dir: Path) -> Path:
    """Another one for other settings, so that an old list is never taken for a new server."""
    told = json.dumps([server.command, server.args, str(server.cwd), server.url])
    return data_dir / "mcp" / f"{name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}.json"


def _read(file: Path) -> tuple[list[Tool] | None, float]:
    """The list and its age in seconds; None: there is none."""
    try:
        return _TOOLS.validate_json(file.read_bytes()), time.time() - file.stat().st_mtime
    except (OSError, ValidationError):
        return None, 0.0


def _write(file: Path, tools: list[Tool]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_bytes(_TOOLS.dump_json(tools, by_alias=True, exclude_none=True))
    draft.replace(file)
