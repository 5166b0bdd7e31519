"""Integrations under test: each tool call is noted, and answered by the real tool, late, falsely or not at all.

A service (or a text call) under test is given a folder of integrations in which each stands for the real one of
its name: it is made of the real one, so that dialplans, settings, types and time limits are the same. What it
answers says a file that the runner writes before each call, in the folder of the run; the calls are noted in
another. So whichever process runs a tool, a worker today or something durable tomorrow, is seen.
"""

import asyncio
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from voicegw.actions.registry import EXAMPLE_SETTINGS, load_integration
from voicegw.actions.requests import Effect, Integration, Stage, Tool, ToolFailed, ToolResult
from voicegw.qa.scenarios.evidence import ToolCall

REAL = "real"
"""The status that stands for whatever the real tool says."""
AFTER_S = "after_s"
ANSWERS, NOTES = "answers.json", "calls.jsonl"
_SHIM = '''"""Stands for {name} of {real}."""

from pathlib import Path

from voicegw.qa.scenarios.stand_in import stand_in


def integration(settings):
    return stand_in(Path({real!r}), {name!r}, settings, Path({folder!r}))
'''

Answers = Mapping[str, Sequence[Mapping[str, Any]]]
"""By tool: what it answers, each time it is called; the last one stays."""


class StandIns:
    """The runner's side."""

    def __init__(self, folder: Path, real: Path) -> None:
        """:param real: the folder of the real integrations."""
        self.integrations = folder / "integrations"
        """For setting ``integrations``."""
        self._answers, self._notes = folder / ANSWERS, folder / NOTES
        for place in sorted(real.glob("*/__init__.py")):
            own = self.integrations / place.parent.name
            own.mkdir(parents=True, exist_ok=True)
            text = _SHIM.format(name=place.parent.name, real=str(real.resolve()), folder=str(folder))
            (own / "__init__.py").write_text(text, encoding="utf-8")
            if (place.parent / EXAMPLE_SETTINGS).exists():  # it is not loaded without settings
                (own / EXAMPLE_SETTINGS).touch()
        self.begin({})

    def begin(self, answers: Answers) -> None:
        """A new call: ``answers`` hold from now on, and nothing has been called."""
        self._notes.write_text("", encoding="utf-8")
        new = self._answers.with_suffix(".new")
        new.write_text(json.dumps({tool: list(each) for tool, each in answers.items()}, default=str), encoding="utf-8")
        new.replace(self._answers)

    def calls(self) -> tuple[ToolCall, ...]:
        """What was called since ``begin``, in order of beginning."""
        return _noted(self._notes)


def stand_in(real: Path, name: str, settings: dict[str, Any], folder: Path) -> Integration:
    """The integration ``name`` of folder ``real``, noted and answered as ``folder`` says."""
    integration = load_integration(real, name, settings, family="voicegw_stood_in_for")
    return replace(integration, tools=tuple(_watched(tool, folder) for tool in integration.tools))


def _watched(tool: Tool, folder: Path) -> Tool:
    stages = tool.all_stages()
    watched = [_watched_stage(tool, stage, folder, last=stage is stages[-1]) for stage in stages]
    if tool.run:
        return replace(tool, run=watched[0].do)
    return replace(tool, stages=tuple(watched))


def _watched_stage(tool: Tool, stage: Stage, folder: Path, *, last: bool) -> Stage:
    """Notes what ended the tool: its last stage, or one that did not succeed."""

    async def do(arguments: BaseModel) -> ToolResult:
        began_at, began = time.time(), time.monotonic()
        status, ends = "too_slow", True
        try:
            result = await _perform(tool, stage, arguments, _answer(tool.name, folder))
            status, ends = result.status, last or result.status in tool.unchanged
        except ToolFailed:
            status = "failed"
            raise
        finally:
            took_ms = round((time.monotonic() - began) * 1000, 1)
            call = ToolCall(
                tool.name, arguments.model_dump(mode="json"), status, tool.effect is Effect.WRITES, began_at, took_ms
            )
            if ends:
                _note(folder / NOTES, call)
        return result

    return replace(stage, do=do)


async def _perform(tool: Tool, stage: Stage, arguments: BaseModel, answer: Mapping[str, Any]) -> ToolResult:
    await asyncio.sleep(float(answer.get(AFTER_S, 0)))
    match answer["status"]:
        case "real":
            return await stage.do(arguments)
        case "failed":
            raise ToolFailed("out of order, says the scenario")
        case "too_slow":
            await asyncio.sleep(tool.time_limit_s + 1)
    return tool.gives.model_validate({name: value for name, value in answer.items() if name != AFTER_S})


def _answer(tool: str, folder: Path) -> Mapping[str, Any]:
    answers: Answers = json.loads((folder / ANSWERS).read_text(encoding="utf-8"))
    given = answers.get(tool) or [{"status": REAL}]
    before = sum(call.tool == tool for call in _noted(folder / NOTES))
    return given[min(before, len(given) - 1)]


def _note(file: Path, call: ToolCall) -> None:
    """One write, so that processes do not mix."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(descriptor, (json.dumps(asdict(call)) + "\n").encode())
    finally:
        os.close(descriptor)


def _noted(file: Path) -> tuple[ToolCall, ...]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return tuple(sorted((ToolCall(**json.loads(line)) for line in lines), key=lambda call: call.at))
