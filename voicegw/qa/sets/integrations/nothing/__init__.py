"""A write that does nothing: what is measured around it is durability's cost alone."""

from typing import Any

from pydantic import BaseModel

from voicegw.actions.requests import Effect, Integration, Tool, ToolResult


class Number(BaseModel):
    """Which of the writes it is."""

    number: int


class Done(ToolResult):
    """It is done."""

    status: str = "done"


async def do(number: Number) -> Done:
    """Nothing."""
    return Done()


def integration(settings: dict[str, Any]) -> Integration:
    """The integration."""
    return Integration("nothing", (Tool("nothing.do", Effect.WRITES, Number, Done, do),))
