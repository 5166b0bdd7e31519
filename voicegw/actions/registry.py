"""Loads integrations by name and runs their tools."""

import asyncio
import importlib.metadata
import importlib.util
import re
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from voicegw import log
from voicegw.actions.performing import at_once, perform, tried
from voicegw.actions.requests import Embed, Integration, Tool, ToolFailed, ToolTimeout
from voicegw.actions.secrets import Reveal, SecretGone, revealed
from voicegw.call.commands import ActionRequest, Effect
from voicegw.call.events import ActionResult
from voicegw.config import Settings
from voicegw.dialplan.tools import ToolFacts
from voicegw.errors import ServerAway, SettingsError

logger = log.get_logger()

EXAMPLE_SETTINGS = "settings.example.toml"
"""In the folder of an integration that cannot work without settings."""
_REST_AFTER_FAULT_S = 5.0
_HEALTH_LIMIT_S = 10.0
_OPEN_LIMIT_S = 30.0
_CLOSE_LIMIT_S = 5.0
_imported: dict[Path, ModuleType] = {}
"""What was read is kept, also for processes that are forked from this one."""


class Toolbox:
    """Tools of all loaded integrations. Belongs to one event loop."""

    def __init__(self, integrations: Sequence[Integration]) -> None:
        self._integrations = tuple(integrations)
        self._tools = {tool.name: tool for integration in integrations for tool in integration.tools}
        self.reveal: Reveal | None = None
        """Where secrets in arguments come from; None: this process may not see any."""

    @classmethod
    def load(cls, settings: Settings, names: Iterable[str] | None = None) -> "Toolbox":
        """The integrations in the settings' folder: all that are set up, or those that are named.

        :raises SettingsError: one is not there, does not load, or its settings are wrong.
        """
        chosen = sorted(set(names)) if names is not None else set_up(settings)
        data = {"data_dir": str(settings.data_dir)}
        own = settings.integration
        return cls([load_integration(settings.integrations, name, data | own.get(name, {})) for name in chosen])

    @property
    def names(self) -> tuple[str, ...]:
        """Of the integrations."""
        return tuple(integration.name for integration in self._integrations)

    @property
    def tools(self) -> tuple[Tool, ...]:
        """All, by integration."""
        return tuple(self._tools.values())

    def tool(self, name: str) -> Tool | None:
        """The tool of this name."""
        return self._tools.get(name)

    def facts(self) -> dict[str, ToolFacts]:
        """What dialplans must know of the tools."""
        return {name: _facts(tool) for name, tool in self._tools.items()}

    async def run(self, request: ActionRequest, key: str = "") -> ActionResult:
        """Run a tool within its time limit. Never raises: what goes wrong is a result.

        A write that runs from here does not survive this process: on calls, writes are the action runner's.

        :param key: idempotency key of a write; empty: this request is none that was made before.
        """
        began = time.monotonic()
        try:
            shown = replace(request, arguments=await revealed(request.arguments, self.reveal))
            status, values = await self._run(shown, key or f"{request.id} {uuid.uuid4().hex}")
        except (SecretGone, ServerAway):
            logger.warning("tool.secret_gone", tool=request.tool)
            status, values = "failed", {}
        return ActionResult(request.id, request.tool, status, values, (time.monotonic() - began) * 1000)

    async def open(self, embed: Embed | None = None, tools: Collection[str] | None = None) -> None:
        """Let integrations connect, read and index ahead of their first use. Never raises.

        :param embed: sentence vectors, for those that search; None: this process has none.
        :param tools: only the integrations of these tools; None: all.
        """
        wanted = {name.partition(".")[0] for name in tools} if tools is not None else set(self.names)
        chosen = (each for each in self._integrations if each.name in wanted)
        await asyncio.gather(*(_open(each.name, each.open(embed)) for each in chosen if each.open))

    async def close(self) -> None:
        """Let integrations close their connections; one that does not come to an end is left."""
        await asyncio.gather(*(_close(each.name, each.close()) for each in self._integrations if each.close))

    async def health(self) -> dict[str, str]:
        """What each integration says of itself: empty when well, else what to do."""
        said = await asyncio.gather(*(_health(each) for each in self._integrations))
        return dict(zip(self.names, said, strict=True))

    async def work(self) -> None:
        """What integrations do of themselves, such as trying again; until cancelled. In one process of a service."""
        async with asyncio.TaskGroup() as group:
            for integration in self._integrations:
                if integration.work:
                    group.create_task(_keep_working(integration.name, integration.work))

    async def _run(self, request: ActionRequest, key: str) -> tuple[str, dict[str, object]]:
        tool = self._tools.get(request.tool)
        if tool is None:
            logger.error("tool.unknown", tool=request.tool)
            return "failed", {}
        if tool.effect is Effect.WRITES and request.effect is not Effect.WRITES:
            # A dialplan without `confirm` would get here; `check` refuses it, and so do we.
            logger.error("tool.write_unconfirmed", tool=request.tool)
            return "failed", {}
        if tool.effect is Effect.WRITES:
            outcome = await perform(tool, request.arguments, key, at_once)
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
            logger.warning("tool.wrong_arguments", tool=request.tool, pii_error=str(error.errors(include_input=False)))
            return "failed", {}
        except ToolFailed as error:
            logger.warning("tool.failed", tool=request.tool, error=str(error), retryable=error.retryable)
            return "failed", {}
        except Exception:  # the edge to other people's code: the caller must hear something in any case
            logger.exception("tool.broken", tool=request.tool)
            return "failed", {}
        return result.status, result.model_dump(mode="json")


async def _open(name: str, opening: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(_OPEN_LIMIT_S):
            await opening
    except Exception as error:  # the edge to other people's code: calls go on without it
        logger.warning("integration.not_open", integration=name, error=str(error) or type(error).__name__)


async def _close(name: str, closing: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(_CLOSE_LIMIT_S):
            await closing
    except Exception as error:  # the edge to other people's code: this process is about to end anyway
        logger.warning("integration.not_closed", integration=name, error=str(error) or type(error).__name__)


async def _health(integration: Integration) -> str:
    if integration.health is None:
        return ""
    try:
        async with asyncio.timeout(_HEALTH_LIMIT_S):
            return await integration.health()
    except TimeoutError:
        return f"no answer within {_HEALTH_LIMIT_S:.0f} s"
    except Exception as error:  # the edge to other people's code: the others' health is still of interest
        logger.exception("integration.health_broken", integration=integration.name)
        return f"its look at itself broke: {type(error).__name__}: {error}"


async def _keep_working(name: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await work()
        except Exception:  # the edge to other people's code: what it must still do shall be done
            logger.exception("integration.work_broken", integration=name)
            await asyncio.sleep(_REST_AFTER_FAULT_S)


def set_up(settings: Settings) -> list[str]:
    """Integrations in the folder that have settings, or need none."""
    folder = settings.integrations
    return [
        name
        for name in _found(folder)
        if name in settings.integration or not (folder / name / EXAMPLE_SETTINGS).exists()
    ]


def _found(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(place.parent.name for place in folder.glob("*/__init__.py"))


def load_integration(
    folder: Path, name: str, values: dict[str, Any], family: str = "voicegw_integration"
) -> Integration:
    """The integration ``name`` of a folder, with its settings.

    :param family: of modules: within one, that of another folder with the same name takes the place of the last.
    :raises SettingsError: it is not there, does not load, or its settings are wrong.
    """
    module = _import(folder, name, f"{family}_{name}")
    try:
        integration: Integration = module.integration(values)
    except ValidationError as error:
        lines = (f"integration.{name}.{'.'.join(map(str, at['loc']))}: {at['msg']}" for at in error.errors())
        raise SettingsError("\n".join(lines)) from None
    except ToolFailed as error:  # a system that must be asked which tools it has
        raise SettingsError(f"integration {name}: {error}") from None
    except AttributeError:
        raise SettingsError(f"{folder / name}: it has no function `integration(settings)`") from None
    return integration


def _import(folder: Path, name: str, full_name: str) -> ModuleType:
    """The package ``folder/name``, under a name of its own so that it shadows nothing."""
    place = folder / name / "__init__.py"
    if not place.is_file():
        raise SettingsError(f"{place}: no such integration (setting `integrations`: {', '.join(_found(folder))})")
    if place in _imported and sys.modules.get(full_name) is _imported[place]:
        return _imported[place]
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
        raise SettingsError(f"integration {name}: {error}: {_what_to_install(error)}") from None
    _imported[place] = module
    return module


def _what_to_install(error: ImportError) -> str:
    """An extra of ours that brings the package, if there is one."""
    package = (error.name or "").partition(".")[0].replace("_", "-")
    try:
        requirements = importlib.metadata.requires("voicegw") or []
    except importlib.metadata.PackageNotFoundError:  # run from its sources
        requirements = []
    for requirement in requirements:
        found = re.match(rf"{re.escape(package)}\b.*extra == [\"'](?!test)([a-z]+)", requirement, re.IGNORECASE)
        if package and found:
            return f"run `pip install 'voicegw[{found[1]}]'` (or `make all`)"
    return "its README says what to install"


def _facts(tool: Tool) -> ToolFacts:
    return ToolFacts(
        tool.name,
        tool.effect is Effect.WRITES,
        {name: field.is_required() for name, field in tool.takes.model_fields.items()},
        frozenset(tool.gives.model_fields),
        tool.statuses(),
    )
