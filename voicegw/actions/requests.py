"""Tools: typed operations of an integration. The only module an integration imports.

An integration is a folder ``integrations/NAME/`` with an ``__init__.py`` that has
``def integration(settings: dict[str, Any]) -> Integration``. See docs/integrations.md.

A tool that *reads* runs in the process of the call, early and perhaps twice. A tool that *writes* runs in the action
runner, once the caller has said yes; it is tried again after failures and after the death of any process, each time
with the same ``idempotency_key()``. So a write must do the same whether it runs once or twice with one key.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
from pydantic import BaseModel

from voicegw.call.commands import Effect

__all__ = [
    "Effect",
    "Embed",
    "Integration",
    "Retry",
    "Stage",
    "Tool",
    "ToolBusy",
    "ToolFailed",
    "ToolResult",
    "ToolTimeout",
    "ToolUnreachable",
    "earlier_results",
    "idempotency_key",
]


class ToolResult(BaseModel):
    """Base of every tool's output. ``status`` chooses the dialplan's branch."""

    status: str = "found"
    """``found``, ``not_found``, ``done``, ``refused``, or one of the tool's own words."""
    reason: str = ""
    """With ``refused``: why, in words that the agent can say: a clause without a full stop."""


class ToolFailed(Exception):
    """The system behind a tool did not do it. ``retryable``: it may at another try."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class ToolUnreachable(ToolFailed):
    """The system cannot be reached: nothing was sent."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class ToolBusy(ToolFailed):
    """The system answered that it has too much to do (HTTP 429, 503)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class ToolTimeout(ToolFailed):
    """No answer within the time limit: nobody knows whether it was done."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


@dataclass(frozen=True)
class Retry:
    """How an operation that failed is tried again."""

    tries: int = 1
    """In all."""
    pause_s: float = 0.2
    """Before the second try; each later pause is twice as long."""
    longest_pause_s: float = 30.0

    def pause_after_s(self, tries: int) -> float:
        """How long to wait when so many tries have failed."""
        return min(self.pause_s * 2.0 ** (tries - 1), self.longest_pause_s)


ONCE = Retry()
QUICKLY = Retry(tries=2, pause_s=0.1)
"""For reads: a caller waits."""
PERSISTENTLY = Retry(tries=12)
"""For writes: some three minutes; by then whoever restarts things has done so."""

Retries = Mapping[type[ToolFailed], Retry]
"""By type of error, the nearest class counts; an error that is not ``retryable`` ends it in any case."""

Do = Callable[[Any], Awaitable[ToolResult]]
"""Takes the tool's arguments (an instance of ``takes``). Raises ``ToolFailed`` when it cannot know or do."""
Undo = Callable[[Any], Awaitable[None]]
"""Takes the tool's arguments; does nothing if there is nothing to undo. Raises ``ToolFailed`` when it cannot."""


@dataclass(frozen=True)
class Stage:
    """One stage of a write that has several: book, then pay. What it gives is kept before the next one begins."""

    name: str
    do: Do
    undo: Undo | None = None
    """Takes it back should a later stage not succeed, or should nobody know whether this one did."""


@dataclass(frozen=True)
class Tool:
    """One operation."""

    name: str
    """``integration.operation``, as dialplans call it."""
    effect: Effect
    takes: type[BaseModel]
    gives: type[ToolResult]
    run: Do | None = None
    """None if it has ``stages``."""
    time_limit_s: float = 5.0
    """For each try; after this the result is ``too_slow``."""
    summary: str = ""
    stages: tuple[Stage, ...] = ()
    """Of a write that takes several; the result is that of the last one, or of the one that did not succeed."""
    retries: Retries | None = None
    """None: reads ``QUICKLY``, writes ``PERSISTENTLY``, whatever the error."""
    subject: Callable[[Any], str] | None = None
    """Of a write, what it may be done to only once, from its arguments: an order's number. A second request with the
    same subject, from this call or another, gets the result of the first."""
    unchanged: frozenset[str] = frozenset({"refused", "not_found"})
    """Statuses which say that nothing was changed: the same may be asked for again, and earlier stages are undone."""

    def all_stages(self) -> tuple[Stage, ...]:
        """The stages; a tool without any is one of its own."""
        if self.run:
            return (Stage("run", self.run),)
        return self.stages

    def statuses(self) -> tuple[str, ...]:
        """Words of ``status: Literal["found", "not_found"]`` of what it gives."""
        return tuple(str(word) for word in get_args(self.gives.model_fields["status"].annotation))

    def retry_of(self, error: ToolFailed) -> Retry:
        """How to go on after ``error``."""
        if not error.retryable:
            return ONCE
        if self.retries is None:
            return PERSISTENTLY if self.effect is Effect.WRITES else QUICKLY
        return next((self.retries[kind] for kind in type(error).__mro__ if kind in self.retries), ONCE)


Embed = Callable[[Sequence[str]], np.ndarray]
"""Texts to vectors of length 1, one row each. Blocks for some 10 ms a text."""


@dataclass(frozen=True)
class Integration:
    """A company system's tools."""

    name: str
    tools: tuple[Tool, ...]
    open: Callable[[Embed | None], Awaitable[None]] | None = None
    """Called ahead of the first call: connect, read, index; gets sentence vectors where the process has them. What
    fails here is tried again when a tool needs it."""
    close: Callable[[], Awaitable[None]] | None = None
    health: Callable[[], Awaitable[str]] | None = None
    """Looks, and changes nothing. Returns an empty string when well, else what is wrong and what to do."""
    work: Callable[[], Awaitable[None]] | None = None
    """Runs as long as the service does, in one process of it: what must be tried again later."""


# --- what a write that is running may ask -------------------------------------------------------------------


@dataclass(frozen=True)
class Doing:
    """The stage of a write that is running."""

    key: str
    earlier: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


_doing: ContextVar[Doing] = ContextVar("doing")


def idempotency_key() -> str:
    """The same at every try of this stage, and for its undo; hand it to the provider. Empty outside of a write."""
    doing = _doing.get(None)
    return doing.key if doing else ""


def earlier_results(stage: str) -> Mapping[str, Any]:
    """What an earlier stage of this write gave, or this one when it is undone; empty: it is not known."""
    doing = _doing.get(None)
    return doing.earlier.get(stage, {}) if doing else {}


@contextmanager
def doing(key: str, earlier: Mapping[str, Mapping[str, Any]] | None = None) -> Iterator[None]:
    """Everything inside runs as this stage of a write."""
    token = _doing.set(Doing(key, earlier or {}))
    try:
        yield
    finally:
        _doing.reset(token)
