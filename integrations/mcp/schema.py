"""JSON schemas of tools, as typed arguments and values."""

import re
from dataclasses import dataclass
from typing import Any, Literal

_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list[Any],
    "object": dict[str, Any],
    "null": None,
}
MOST_REFERENCES = 20


@dataclass(frozen=True)
class Property:
    """One argument or value."""

    name: str
    """As dialplans write it: ``order_id``."""
    original: str
    """As the server writes it: ``orderId``."""
    annotation: Any
    required: bool


def snake(name: str) -> str:
    """``orderId`` and ``order-id`` as dialplans write them: ``order_id``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    plain = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    return plain if plain[:1].isalpha() else f"x_{plain}"


def properties(schema: dict[str, Any]) -> list[Property]:
    """Of an object's schema, in order."""
    required = schema.get("required", ())
    found = schema.get("properties") or {}
    return [Property(snake(name), name, _annotation(part, schema), name in required) for name, part in found.items()]


def answer(schema: dict[str, Any] | None) -> dict[str, Any]:
    """The schema of what a tool answers; what is wrapped as ``{"result": …}`` is unwrapped, as ``unwrapped`` does."""
    if not schema:
        return {}
    found = schema.get("properties") or {}
    if list(found) != ["result"]:
        return schema
    inner = _not_null(_resolved(found["result"], schema))
    return {"$defs": schema.get("$defs", {}), **_resolved(inner, schema)} if _is_object(inner, schema) else schema


def unwrapped(content: Any) -> Any:
    """What a tool answered: an object that is wrapped in ``{"result": …}`` because it could be null, is unwrapped."""
    if isinstance(content, dict) and list(content) == ["result"] and isinstance(content["result"], dict | None):
        return content["result"]
    return content


def words(schema: dict[str, Any], name: str) -> tuple[str, ...]:
    """The words that a value can have, if the schema lists them."""
    part = _resolved((schema.get("properties") or {}).get(name, {}), schema)
    listed = part.get("enum") or ([part["const"]] if "const" in part else [])
    return tuple(word for word in listed if isinstance(word, str))


def _annotation(part: Any, root: dict[str, Any]) -> Any:
    part = _resolved(part, root)
    if part.get("enum"):
        return Literal[tuple(part["enum"])]
    options = part.get("anyOf") or part.get("oneOf")
    if options:
        return _union([_annotation(option, root) for option in options])
    kind = part.get("type")
    if isinstance(kind, list):
        return _union([_TYPES.get(each, Any) for each in kind])
    return _TYPES.get(kind, Any)


def _union(kinds: list[Any]) -> Any:
    if Any in kinds:
        return Any
    whole = kinds[0]
    for kind in kinds[1:]:
        whole = whole | kind if whole is not None else kind | None
    return whole


def _resolved(part: Any, root: dict[str, Any]) -> dict[str, Any]:
    """Without references; what cannot be resolved may be anything."""
    for _ in range(MOST_REFERENCES):
        if not isinstance(part, dict):
            return {}
        reference = part.get("$ref")
        if reference is None:
            return part
        part = root
        for step in str(reference).removeprefix("#/").split("/"):
            part = part.get(step, {}) if isinstance(part, dict) else {}
    return {}


def _not_null(part: dict[str, Any]) -> Any:
    options = [option for option in part.get("anyOf", ()) if option.get("type") != "null"]
    return options[0] if len(options) == 1 else part


def _is_object(part: Any, root: dict[str, Any]) -> bool:
    return _resolved(part, root).get("type") == "object" and "properties" in _resolved(part, root)
