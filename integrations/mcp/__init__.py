"""Tools of Model Context Protocol servers, as tools of dialplans."""

from typing import Any

from voicegw.actions.requests import Embed, Integration

from .connection import Connection
from .listing import listed
from .operations import tools
from .settings import McpSettings


def integration(settings: dict[str, Any]) -> Integration:
    """The integration, from its settings. Each server is asked which tools it has.

    :raises ToolFailed: one does not answer, and never has.
    """
    own = McpSettings.model_validate(settings)
    connections = {name: Connection(name, server) for name, server in own.servers.items()}
    found = [
        tool
        for name, server in own.servers.items()
        for tool in tools(name, server, listed(name, server, own), connections[name])
    ]

    async def open_all(embed: Embed | None) -> None:
        for connection in connections.values():
            await connection.open()

    async def close() -> None:
        for connection in connections.values():
            await connection.close()

    async def health() -> str:
        said = [await connection.health() for connection in connections.values()]
        return "; ".join(each for each in said if each)

    return Integration("mcp", tuple(found), open=open_all, close=close, health=health)
