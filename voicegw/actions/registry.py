"""Loads integrations by name and runs their tools."""

import asyncio
import importlib.util
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import get_args

from pydantic import BaseModel, ValidationError

from voicegw import log
from voicegw.actions.performing import at_once, perform, tried
from voicegw.actions.requests import Integration, Tool, ToolFailed, ToolTimeout
from voicegw.call.commands import ActionRequest, Effect
from voicegw.call.events import ActionResult
from voicegw.config import Settings
from voicegw.dialplan.tools import ToolFacts
from voicegw.errors import SettingsError

logger = log.get_logger()


class Toolbox:
    """Tools of all loaded integrations. Belongs to one event loop."""

    def __init__(self, integrations: Sequence[Integration]) -> None:
        self._integrations = tuple(integrations)
        self._tools = {tool.name: tool for integration in integrations for tool in integration.tools}

    @classmethod
    def load(cls, settings: Settings, names: Iterable[str] | None = None) -> "Toolbox":
        """The integrations in the settings' folder: all, or those that are named.

        :raises SettingsError: one is not there, does not load, or its settings are wrong.
        """
        folder = settings.integrations
        chosen = sorted(set(names)) if names is not None else _found(folder)
        return cls([_integration(folder, name, settings) for name in chosen])

    def facts(self) -> dict[str, ToolFacts]:
        """What dialplans must know of the tools."""
        return {name: _facts(tool) for name, tool in self._tools.items()}

    async def run(self, request: ActionRequest) -> ActionResult:
        """Run a tool within its time limit. Never raises: what goes wrong is a result.

        A write that runs from here does not survive this process: on calls, writes are the action runner's.
        """
        began = time.monotonic()
        status, values = await self._run(request)
        return ActionResult(request.id, request.tool, status, values, (time.monotonic() - began) * 1000)

    async def close(self) -> None:
        """Let integrations close their connections."""
        for integration in self._integrations:
            if integration.close:
                await integration.close()

    async def health(self) -> dict[str, str]:
        """What each integration says of itself: empty when well, else what to do."""
        return {each.name: await each.health() if each.health else "" for each in self._integrations}

    def tool(self, name: str) -> Tool | None:
        """The tool of this name."""
        return self._tools.get(name)

    async def _run(self, request: ActionRequest) -> tuple[str, dict[str, object]]:
        tool = self._tools.get(request.tool)
        if tool is None:
            logger.error("tool.unknown", tool=request.tool)
            return "failed", {}
        if tool.effect is Effect.WRITES and request.effect is not Effect.WRITES:
            # A dialplan without `confirm` would get here; `check` refuses it, and so do we.
            logger.error("tool.write_unconfirmed", tool=request.tool)
            return "failed", {}
        if tool.effect is Effect.WRITES:
            outcome = await perform(tool, request.arguments, request.id, at_once)
            return outcome.status, dict(outcome.values)
        return await self._read(tool, request)

    async def _read(self, tool: Tool, request: ActionRequest) -> tuple[str, dict[str, object]]:
        try:
            async with asyncio.timeout(tool.time_limit_s):
                result = await tried(tool, tool.all_stages()[0].do, tool.takes.model_validate(dict(request.arguments)))
        except (TimeoutError, ToolTimeout):
            logger.warning("tool.too_slow", tool=request.tool, limit_s=tool.time_limit_s)
            return "too_slow", {}
        except ValidationError as error:
            logger.warning("tool.wrong_arguments", tool=request.tool, pii_error=str(error))
            return "failed", {}
        except ToolFailed as error:
            logger.warning("tool.failed", tool=request.tool, error=str(error), retryable=error.retryable)
            return "failed", {}
        except Exception:  # the edge to other people's code: the caller must hear something in any case
            logger.exception("tool.broken", tool=request.tool)
            return "failed", {}
        return result.status, result.model_dump(mode="json")


def _found(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(place.parent.name for place in folder.glob("*/__init__.py"))


def _integration(folder: Path, name: str, settings: Settings) -> Integration:
    module = _import(folder, name)
    values = {"data_dir": str(settings.data_dir), **settings.integration.get(name, {})}
    try:
        integration: Integration = module.integration(values)
    except ValidationError as error:
        lines = (f"integration.{name}.{'.'.join(map(str, at['loc']))}: {at['msg']}" for at in error.errors())
        raise SettingsError("\n".join(lines)) from None
    except AttributeError:
        raise SettingsError(f"{folder / name}: it has no function `integration(settings)`") from None
    return integration


def _import(folder: Path, name: str) -> ModuleType:
    """The package ``folder/name``, under a name of its own so that it shadows nothing."""
    place = folder / name / "__init__.py"
    if not place.is_file():
        raise SettingsError(f"{place}: no such integration (setting `integrations`: {', '.join(_found(folder))})")
    full_name = f"voicegw_integration_{name}"
    for loaded in [each for each in sys.modules if each == full_name or each.startswith(full_name + ".")]:
        del sys.modules[loaded]  # of another folder, perhaps
    spec = importlib.util.spec_from_file_location(full_name, place, submodule_search_locations=[str(place.parent)])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[full_name] = module
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        raise SettingsError(f"integration {name}: {error} (its README says what to install)") from None
    return module


def _facts(tool: Tool) -> ToolFacts:
    return ToolFacts(
        tool.name,
        tool.effect is Effect.WRITES,
        {name: field.is_required() for name, field in tool.takes.model_fields.items()},
        frozenset(tool.gives.model_fields),
        _statuses(tool.gives),
    )


def _statuses(gives: type[BaseModel]) -> tuple[str, ...]:
    """Words of ``status: Literal["found", "not_found"]``."""
    return tuple(str(word) for word in get_args(gives.model_fields["status"].annotation))
