"""Runs a write stage by stage, and takes back what was done when a later stage does not succeed.

Where each stage's result is kept is the caller's business: a ``Keep`` runs a stage, or gives what it gave before.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from voicegw import log
from voicegw.actions.requests import Retry, Stage, Tool, ToolFailed, ToolTimeout, doing

logger = log.get_logger()

_R = TypeVar("_R")
Kept = dict[str, Any]
"""A stage's result, as JSON."""
Keep = Callable[[str, Callable[[], Awaitable[Kept]]], Awaitable[Kept]]
"""Takes the name of a stage and what runs it; returns the result, from an earlier run if there was one."""
UNDO = Retry(tries=40)
"""What must be taken back is worth some quarter of an hour."""


@dataclass(frozen=True)
class Outcome:
    """What came of a write."""

    status: str
    """The tool's own; ``failed``: nothing was changed, or it was undone; ``too_slow``: nobody knows."""
    values: Mapping[str, Any] = field(default_factory=dict)
    changed: bool = False
    """The world is, or may be, different now."""


async def at_once(name: str, run: Callable[[], Awaitable[Kept]]) -> Kept:
    """A ``Keep`` that keeps nothing."""
    return await run()


async def perform(tool: Tool, arguments: Mapping[str, object], key: str, keep: Keep) -> Outcome:
    """Run all stages of a write. Never raises for what goes wrong in them: that is an outcome.

    :param key: of the whole write; each stage gets one made from it.
    """
    try:
        takes = tool.takes.model_validate(dict(arguments))
    except ValidationError as error:
        logger.warning("tool.wrong_arguments", tool=tool.name, pii_error=str(error.errors(include_input=False)))
        return Outcome("failed")
    return await _Write(tool, takes, key, keep).run()


class _Write:
    def __init__(self, tool: Tool, takes: BaseModel, key: str, keep: Keep) -> None:
        self._tool = tool
        self._takes = takes
        self._key = key
        self._keep = keep
        self._given: dict[str, Mapping[str, Any]] = {}

    async def run(self) -> Outcome:
        values: Mapping[str, Any] = {}
        status = ""
        stages = self._tool.all_stages()
        for number, stage in enumerate(stages):
            kept = await self._keep(stage.name, lambda stage=stage: self._do(stage))  # type: ignore[misc]
            status, values = kept["status"], kept["values"]
            self._given[stage.name] = values
            if kept["unsure"]:
                return await self._give_up(stages[: number + 1], status, {}, unsure=stage.undo is None)
            if status in self._tool.unchanged or status == "failed":
                return await self._give_up(stages[:number], status, values, unsure=False)
        return Outcome(status, values, changed=True)

    async def _give_up(
        self, stages: tuple[Stage, ...], status: str, values: Mapping[str, Any], *, unsure: bool
    ) -> Outcome:
        """Take ``stages`` back, the last one first."""
        for stage in reversed(stages):
            if stage.undo:
                kept = await self._keep(f"undo {stage.name}", lambda stage=stage: self._undo(stage))  # type: ignore[misc]
                unsure = unsure or kept["unsure"]
        if unsure:
            return Outcome("too_slow", changed=True)
        return Outcome("failed" if status == "too_slow" else status, values)

    async def _do(self, stage: Stage) -> Kept:
        with doing(f"{self._key}/{stage.name}", self._given):
            try:
                result = await tried(self._tool, stage.do, self._takes)
            except ToolFailed as error:
                logger.warning("write.failed", tool=self._tool.name, stage=stage.name, error=str(error))
                unsure = error.retryable
                return {"status": "too_slow" if unsure else "failed", "values": {}, "unsure": unsure}
            except Exception:  # the edge to other people's code: what it had done by then, nobody knows
                logger.exception("write.broken", tool=self._tool.name, stage=stage.name)
                return {"status": "too_slow", "values": {}, "unsure": True}
        return {"status": result.status, "values": result.model_dump(mode="json"), "unsure": False}

    async def _undo(self, stage: Stage) -> Kept:
        assert stage.undo
        with doing(f"{self._key}/{stage.name}", self._given):
            try:
                await tried(self._tool, stage.undo, self._takes, UNDO)
            except Exception as error:  # the edge to other people's code
                logger.error(
                    "write.not_undone", tool=self._tool.name, stage=stage.name, key=self._key, error=str(error)
                )
                return {"status": "not_undone", "values": {}, "unsure": True}
        return {"status": "undone", "values": {}, "unsure": False}


async def tried(tool: Tool, do: Callable[[Any], Awaitable[_R]], takes: BaseModel, retry: Retry | None = None) -> _R:
    """What ``do`` gives, tried again as the tool's policy says, each time within its time limit.

    :param retry: instead of the tool's policy, whatever error may be retried.
    :raises ToolFailed: the last try's.
    """
    tries = 0
    while True:
        tries += 1
        try:
            return await _within_limit(tool, do, takes)
        except ToolFailed as error:
            policy = retry if retry and error.retryable else tool.retry_of(error)
            if tries >= policy.tries:
                raise
            logger.info("tool.tried_again", tool=tool.name, tries=tries, error=str(error))
            await asyncio.sleep(policy.pause_after_s(tries))


async def _within_limit(tool: Tool, do: Callable[[Any], Awaitable[_R]], takes: BaseModel) -> _R:
    try:
        async with asyncio.timeout(tool.time_limit_s):
            return await do(takes)
    except TimeoutError:
        raise ToolTimeout(f"no answer within {tool.time_limit_s:g} s") from None
