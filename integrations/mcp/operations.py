"""Tools of a server as tools of dialplans: typed arguments in, values and a result out."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, create_model

import mcp.types as mcp_types
from voicegw.actions.requests import (
    Effect,
    Retry,
    Tool,
    ToolFailed,
    ToolResult,
    ToolUnreachable,
    idempotency_key,
)

from . import schema
from .connection import Connection
from .settings import ServerSettings, ToolSettings

IF_NOTHING_WAS_SENT: Mapping[type[ToolFailed], Retry] = {ToolUnreachable: Retry(tries=12)}
"""For a write that the server would do twice."""

_PREFIX = re.compile(r"^Error executing tool \S+: ")
"""What servers made with the official Python package put before the text of an error."""


class _Arguments(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)


def tools(
    server: str, settings: ServerSettings, offered: list[mcp_types.Tool], connection: Connection
) -> Iterator[Tool]:
    """Those that the settings want."""
    for tool in offered:
        if not settings.only or tool.name in settings.only:
            yield _tool(server, tool, settings.tools.get(tool.name, ToolSettings()), connection)


def _tool(server: str, offered: mcp_types.Tool, settings: ToolSettings, connection: Connection) -> Tool:
    name = f"mcp.{server}_{schema.snake(offered.name)}"
    hints = offered.annotations or mcp_types.ToolAnnotations()
    effect = Effect(settings.effect or ("reads" if hints.read_only_hint else "writes"))
    usual = "found" if effect is Effect.READS else "done"
    wanted = [each for each in schema.properties(offered.input_schema) if each.original != settings.key_argument]
    answered = schema.answer(offered.output_schema)
    gives = _gives(name, settings, answered, usual)

    async def run(arguments: BaseModel) -> ToolResult:
        given = arguments.model_dump(mode="json", exclude_unset=True)
        sent = {each.original: given[each.name] for each in wanted if each.name in given}
        key = idempotency_key()
        if settings.key_argument and key:
            sent[settings.key_argument] = key
        result = await connection.call(offered.name, sent, key)
        text = _text(result)
        if result.is_error:
            if settings.errors == "refused":
                return gives.model_validate({"status": "refused", "reason": _PREFIX.sub("", text).rstrip(". ")})
            raise ToolFailed(f"{name}: {text}")
        return _told(gives, _content(result, text), text, usual)

    repeatable = settings.repeatable or settings.key_argument or hints.idempotent_hint
    return Tool(
        name,
        effect,
        _takes(name, wanted),
        gives,
        run,
        settings.time_limit_s,
        (offered.description or offered.title or offered.name).strip().partition("\n")[0],
        retries=None if effect is Effect.READS or repeatable else IF_NOTHING_WAS_SENT,
    )


def _takes(name: str, wanted: list[schema.Property]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        each.name: (each.annotation, ...) if each.required else (each.annotation | None, None)
        if each.annotation is not Any else (Any, None)
        for each in wanted
    }  # fmt: skip
    return create_model(f"{name}_takes", __base__=_Arguments, **fields)


def _gives(name: str, settings: ToolSettings, answered: dict[str, Any], usual: str) -> type[ToolResult]:
    told = settings.results or schema.words(answered, "status")
    statuses = [usual, *told, "not_found", *(["refused"] if settings.errors == "refused" else [])]
    values = {each.name for each in schema.properties(answered)} | {"text", *settings.gives}
    fields: dict[str, Any] = dict.fromkeys(sorted(values - {"status", "reason"}), (Any, None))
    fields["status"] = (Literal[tuple(dict.fromkeys(statuses))], usual)
    return create_model(f"{name}_gives", __base__=ToolResult, **fields)


def _told(gives: type[ToolResult], content: Any, text: str, usual: str) -> ToolResult:
    if content is None or content in ({}, [], {"result": []}):
        return gives.model_validate({"status": "not_found", "text": text})
    values = content if isinstance(content, dict) else {"result": content}
    known = {schema.snake(name): value for name, value in values.items() if value is not None}
    status = known.pop("status", None)
    words = gives.model_fields["status"].annotation.__args__  # type: ignore[union-attr]
    return gives.model_validate({**known, "text": text, "status": status if status in words else usual})


def _content(result: mcp_types.CallToolResult, text: str) -> Any:
    """Structured, or what the text says if it is JSON, or the text."""
    if result.structured_content is not None:
        return schema.unwrapped(result.structured_content)
    try:
        return json.loads(text) if text.lstrip()[:1] in ("{", "[") else {"text": text} if text else None
    except ValueError:
        return {"text": text}


def _text(result: mcp_types.CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, mcp_types.TextContent)).strip()
