"""A real MCP server, written with the official package: ``crm_server.py stdio`` or ``crm_server.py PORT``."""

import os
import sys
import time
from typing import Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import BaseModel

server = MCPServer("crm", log_level="CRITICAL")
tickets: dict[str, str] = {}
"""Number by request id."""


class Customer(BaseModel):
    """Somebody."""

    customerId: str  # noqa: N815
    name: str
    visits: int = 0


class Ticket(BaseModel):
    """A fault that was reported."""

    number: str
    opened: int
    """How many there are."""
    key: str


class Line(BaseModel):
    """The state of a line."""

    status: Literal["up", "down"]
    since: str | None = None


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def find_customer(phoneNumber: str, limit: int = 1) -> Customer | None:  # noqa: N803
    """Who a phone number belongs to."""
    return Customer(customerId="c1", name="Joe", visits=limit) if phoneNumber.endswith("111") else None


@server.tool(name="openTicket")
def open_ticket(
    customerId: str, subject: str, context: Context, requestId: str = "", urgency: Literal["low", "high"] = "low"  # noqa: N803
) -> Ticket:  # fmt: skip
    """Opens a ticket."""
    if subject == "rude":
        raise ToolError("we do not take that.")
    number = tickets.setdefault(requestId or str(len(tickets)), f"{len(tickets) + 1:04d}")
    meta = dict(context.request_context.meta or {})
    return Ticket(number=number, opened=len(tickets), key=str(meta.get("voicegw/idempotency-key", "")))


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def line_state(line: int) -> Line:
    """Whether a line works."""
    return Line(status="up" if line == 1 else "down", since="2026-03-16" if line == 2 else None)


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def opening_hours(days: list[str] | None = None) -> str:
    """Free text."""
    return "nine to five"


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def slow() -> str:
    """Never comes back in time."""
    time.sleep(1.0)
    return "late"


@server.tool()
def die() -> str:
    """Ends the process in the middle."""
    os._exit(1)


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def process_id() -> int:
    """Whose process this is."""
    return os.getpid()


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        server.run()
    else:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
