"""``voicegw tools``: what integrations can do, and trying it from the shell."""

import asyncio
import functools
import json
import sys
import uuid
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from voicegw import config, log
from voicegw.actions.registry import Toolbox
from voicegw.actions.requests import Embed, Tool
from voicegw.call.commands import ActionRequest, Effect
from voicegw.call.events import ActionResult
from voicegw.config import Settings
from voicegw.dialplan.tools import ALWAYS
from voicegw.documents.positions import closest
from voicegw.engines import registry
from voicegw.errors import ModelMissing, SetupError
from voicegw.models import catalogue

_settings = click.option("--settings", "settings_file", type=click.Path(path_type=Path), help="TOML file of settings.")
_json = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group("tools")
def command() -> None:
    """What integrations can do.

    Example: voicegw tools try orders_db.order_status order_id=4567
    """


@command.command("list")
@click.argument("integrations", nargs=-1, metavar="[INTEGRATION…]")
@_json
@_settings
def list_tools(integrations: tuple[str, ...], as_json: bool, settings_file: Path | None) -> None:
    """Operations of the integrations that are set up, with what they take and give.

    Example: voicegw tools list orders_db
    """
    tools = Toolbox.load(config.load(settings_file), integrations or None)
    asyncio.run(tools.close())
    rows = [_row(tool, tools) for tool in tools.tools]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    console = Console(highlight=False)
    for row in rows:
        console.print(f"[bold]{row['name']}[/]  [{'yellow' if row['writes'] else 'green'}]{row['effect']}[/]")
        console.print(Padding(_lines(row), (0, 0, 1, 2)))
    if not rows:
        console.print("no integration is set up: docs/integrations.md")


@command.command("try")
@click.argument("name")
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE…]")
@click.option("--yes", is_flag=True, help="Let it change something.")
@click.option("--key", default="", help="Idempotency key of a write: the same key does it once.")
@_json
@_settings
def try_tool(
    name: str, arguments: tuple[str, ...], yes: bool, key: str, as_json: bool, settings_file: Path | None
) -> None:
    """Use a tool, as a dialplan would.

    What reads runs at once; what writes needs --yes. Exit status 1: it failed, or took too long.

    Example: voicegw tools try orders_db.order_status order_id=4567
    """
    settings = config.load(settings_file)
    tools = Toolbox.load(settings, [name.partition(".")[0]])
    tool = _found(tools, name)
    values = _values(tool, arguments)
    if tool.effect is Effect.WRITES and not yes:
        raise SetupError(f"{name} changes something; add --yes if it shall")
    log.configure(level="warning")
    result = asyncio.run(_run(tools, tool, values, key or f"try-{uuid.uuid4().hex}", settings))
    if as_json:
        click.echo(json.dumps({"status": result.status, "values": result.values, "took_ms": round(result.took_ms)}))
    else:
        _show(Console(highlight=False), result)
    sys.exit(1 if result.status in ALWAYS else 0)


def _found(tools: Toolbox, name: str) -> Tool:
    tool = tools.tool(name)
    if tool is None:
        known = [each.name for each in tools.tools]
        hint = closest(name, known) or f"there are {', '.join(known)}"
        raise SetupError(f"no tool is called {name!r}: {hint}")
    return tool


def _values(tool: Tool, arguments: tuple[str, ...]) -> dict[str, object]:
    """What the tool takes, checked by its own model.

    :raises SetupError: all that is wrong, each with its name.
    """
    values: dict[str, object] = {}
    for argument in arguments:
        name, equals, text = argument.partition("=")
        if not equals:
            raise SetupError(f"{argument!r}: write arguments as NAME=VALUE")
        if name not in tool.takes.model_fields:
            hint = closest(name, list(tool.takes.model_fields)) or f"it takes {', '.join(tool.takes.model_fields)}"
            raise SetupError(f"{tool.name} takes no {name!r}: {hint}")
        values[name] = _value(text)
    try:
        tool.takes.model_validate(values)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, at['loc'])) or tool.name}: {at['msg']}" for at in error.errors()]
        raise SetupError("\n".join(wrong)) from None
    return values


def _value(text: str) -> object:
    """Lists and objects as JSON, all else as it is: models read numbers and dates from text."""
    if text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


async def _run(tools: Toolbox, tool: Tool, values: dict[str, object], key: str, settings: Settings) -> ActionResult:
    try:
        await tools.open(_embed(settings))
        return await tools.run(ActionRequest(key, tool.name, values, tool.effect), key)
    finally:
        await tools.close()


def _embed(settings: Settings) -> Embed | None:
    """Sentence vectors, loaded when a tool wants some; None where the model was never pulled."""
    try:
        catalogue.path(settings.models_dir, registry.EMBEDDER_MODEL)
    except ModelMissing:
        return None
    loaded = functools.cache(lambda: registry.sentence_embedder(settings))
    return lambda texts: loaded().embed(texts)


def _row(tool: Tool, tools: Toolbox) -> dict[str, Any]:
    facts = tools.facts()[tool.name]
    return {
        "name": tool.name,
        "effect": tool.effect.value,
        "writes": facts.writes,
        "summary": tool.summary,
        "takes": [
            {"name": name, "type": kind, "needed": facts.takes[name]} for name, kind in _types(tool.takes).items()
        ],
        "gives": {name: kind for name, kind in _types(tool.gives).items() if name not in ("status", "reason")},
        "results": [*facts.statuses, *ALWAYS],
        "time_limit_s": tool.time_limit_s,
    }


def _types(model: type[BaseModel]) -> dict[str, str]:
    """What each field is, in words: ``date``, ``text``, ``low, high``."""
    schema = model.model_json_schema()
    return {name: _type(schema["properties"][name], schema) for name in model.model_fields}


def _type(part: dict[str, Any], root: dict[str, Any]) -> str:
    if "$ref" in part:
        return _type(root["$defs"][part["$ref"].rpartition("/")[2]], root)
    if "enum" in part:
        return " or ".join(map(str, part["enum"]))
    options = [_type(option, root) for option in part.get("anyOf", ()) if option.get("type") != "null"]
    if options:
        return " or ".join(dict.fromkeys(options))
    return str(part.get("format") or {"string": "text"}.get(part.get("type", ""), part.get("type", "anything")))


def _lines(row: dict[str, Any]) -> str:
    takes = ", ".join(
        f"{each['name']} ({each['type']}{'' if each['needed'] else ', optional'})" for each in row["takes"]
    )
    gives = ", ".join(f"{name} ({kind})" for name, kind in row["gives"].items())
    lines = [row["summary"], f"takes    {takes or 'nothing'}", f"results  {', '.join(row['results'])}"]
    return escape("\n".join([*lines, *([f"gives    {gives}"] if gives else [])]))


def _show(console: Console, result: ActionResult) -> None:
    colour = "red" if result.status in ALWAYS else "green"
    console.print(f"[bold {colour}]{result.status}[/]  {result.took_ms:.0f} ms")
    for name, value in result.values.items():
        if name != "status" and value not in ("", None, [], {}):
            console.print(f"  {name}: {value}", markup=False)
