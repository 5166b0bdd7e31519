"""A session with one MCP server: opened when needed, opened anew when it broke."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import anyio

from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.types import CONNECTION_CLOSED, INVALID_REQUEST, REQUEST_TIMEOUT, CallToolResult, Tool
from voicegw.actions.requests import ToolFailed, ToolTimeout, ToolUnreachable

from .settings import ServerSettings

OPEN_S = 20.0
"""A server that is not ready by then is not there."""
MOST_PAGES = 50


class Connection:
    """Belongs to one event loop."""

    def __init__(self, name: str, settings: ServerSettings) -> None:
        self._name = name
        self._settings = settings
        self._session: _Session | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> None:
        """:raises ToolUnreachable: the server is not there."""
        await self._opened()

    async def call(self, tool: str, arguments: dict[str, Any], key: str) -> CallToolResult:
        """Use a tool.

        :param key: idempotency key of a write; empty for reads.
        :raises ToolFailed: no answer; the type says whether to try again.
        """
        session = await self._opened()
        meta: Any = {"voicegw/idempotency-key": key} if key else None
        try:
            return await session.client.call_tool(tool, arguments, meta=meta)
        except MCPError as error:
            if error.code == REQUEST_TIMEOUT:
                raise ToolTimeout(f"MCP server {self._name}: {error.message}") from error
            if error.code == INVALID_REQUEST and "session" in error.message.lower():  # the server has been restarted
                await self._drop(session)
                raise ToolUnreachable(f"MCP server {self._name}: {error.message}") from error
            if error.code != CONNECTION_CLOSED:
                raise ToolFailed(f"MCP server {self._name}: {error.message}") from error
            await self._drop(session)
            raise ToolFailed(f"MCP server {self._name} went away", retryable=True) from error
        except (anyio.ClosedResourceError, anyio.BrokenResourceError, OSError) as error:
            await self._drop(session)
            raise ToolFailed(f"MCP server {self._name} went away", retryable=True) from error

    async def tools(self) -> list[Tool]:
        """What it offers."""
        session = await self._opened()
        found: list[Tool] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await session.client.list_tools(cursor=cursor)
            found += page.tools
            cursor = page.next_cursor
            if not cursor:
                break
        return found

    async def close(self) -> None:
        """End the session, and the program if we started it."""
        if self._session:
            await self._drop(self._session)

    async def health(self) -> str:
        """Empty when well, else what is wrong and what to do."""
        try:
            there = {tool.name for tool in await self.tools()}
        except (ToolFailed, MCPError) as error:
            return f"{error} (setting integration.mcp.servers.{self._name})"
        missing = sorted({*self._settings.only, *self._settings.tools} - there)
        if missing:
            return f"MCP server {self._name} has no tool {', '.join(missing)}; it has {', '.join(sorted(there))}"
        return ""

    async def _opened(self) -> "_Session":
        async with self._opening:
            if self._session is None or self._session.over:
                self._session = await _Session.begin(self._name, self._settings)
        return self._session

    async def _drop(self, session: "_Session") -> None:
        if self._session is session:
            self._session = None
        await session.end()


class _Session:
    """An open session. A task of its own holds it, since it must be closed by the task that opened it (anyio)."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        """It has ended by itself."""
        return self._task is None or self._task.done()

    @classmethod
    async def begin(cls, name: str, settings: ServerSettings) -> "_Session":
        """:raises ToolUnreachable: the server is not there."""
        session = cls(_client(settings))
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        session._task = asyncio.create_task(session._hold(ready))
        try:
            async with asyncio.timeout(OPEN_S):
                await ready
        except TimeoutError:
            await session.end()
            raise ToolUnreachable(f"MCP server {name}: not ready after {OPEN_S:.0f} s") from None
        except _NotThere as error:
            raise ToolUnreachable(f"MCP server {name}: {error}") from None
        return session

    async def end(self) -> None:
        """Close it."""
        self._stop.set()
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=5.0)

    async def _hold(self, ready: "asyncio.Future[None]") -> None:
        try:
            async with self.client:
                if not ready.done():
                    ready.set_result(None)
                await self._stop.wait()
        except Exception as error:  # the edge to a library that raises groups of whatever went wrong
            if not ready.done():
                ready.set_exception(_NotThere(_first(error)))


class _NotThere(Exception):
    pass


def _client(settings: ServerSettings) -> Client:
    if settings.command:
        return Client(
            StdioServerParameters(
                command=settings.command, args=list(settings.args), env=settings.env or None, cwd=settings.cwd
            ),
            mode=settings.handshake,
        )
    token = settings.token.get_secret_value()
    headers = {**settings.headers, **({"Authorization": f"Bearer {token}"} if token else {})}
    return Client(_Http(settings.url, headers), mode=settings.handshake)


class _Http:
    """Streamable HTTP with headers of our own."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._url = url
        self._headers = headers
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Any:
        client = await self._stack.enter_async_context(create_mcp_http_client(headers=self._headers))
        return await self._stack.enter_async_context(streamable_http_client(self._url, http_client=client))

    async def __aexit__(self, *failure: Any) -> bool | None:
        return await self._stack.__aexit__(*failure)


def _first(error: BaseException) -> str:
    """What is at the bottom of a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
