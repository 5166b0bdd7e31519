"""Tools: typed operations of an integration. The only module an integration imports.

An integration is a folder ``integrations/NAME/`` with an ``__init__.py`` that has
``def integration(settings: dict[str, Any]) -> Integration``.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel

from voicegw.call.commands import Effect

__all__ = ["Effect", "Integration", "Tool", "ToolFailed", "ToolResult"]


class ToolResult(BaseModel):
    """Base of every tool's output. ``status`` chooses the dialplan's branch."""

    status: str = "found"
    """``found``, ``not_found``, ``done``, ``refused``, or one of the tool's own words."""


@dataclass(frozen=True)
class Tool:
    """One operation."""

    name: str
    """``integration.operation``, as dialplans call it."""
    effect: Effect
    takes: type[BaseModel]
    gives: type[ToolResult]
    run: Callable[[BaseModel], Awaitable[ToolResult]]
    """Raises ``ToolFailed`` when it cannot know or do."""
    time_limit_s: float = 5.0
    """After this the result is ``too_slow``."""
    summary: str = ""


@dataclass(frozen=True)
class Integration:
    """A company system's tools."""

    name: str
    tools: tuple[Tool, ...]
    close: Callable[[], Awaitable[None]] | None = None
    health: Callable[[], Awaitable[str]] | None = None
    """Returns an empty string when well, else what to do."""


class ToolFailed(Exception):
    """The system behind a tool did not do it. ``retryable``: it may at another try."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable
