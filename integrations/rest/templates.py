"""Requests as settings write them: ``/orders/{order_id}``, ``{"note": "from {caller}"}``."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

KEY = "idempotency_key"
"""The name under which a template finds the key of a write."""
_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")
LEFT_OUT = object()
"""What a template gives whose only argument is not there."""


def names(template: Any) -> set[str]:
    """Arguments that are used, at any depth."""
    if isinstance(template, str):
        return set(_NAME.findall(template))
    if isinstance(template, Mapping):
        return {name for part in template.values() for name in names(part)}
    if isinstance(template, list | tuple):
        return {name for part in template for name in names(part)}
    return set()


def path(template: str, values: Mapping[str, Any]) -> str:
    """A path, each value one segment of it.

    :raises ValueError: a value is empty, or would climb out of its place.
    """

    def segment(found: re.Match[str]) -> str:
        text = str(values[found[1]])
        if text in ("", ".", ".."):
            raise ValueError(f"{found[1]} is {text!r}: it cannot stand in a path")
        return quote(text, safe="")

    return _NAME.sub(segment, template)


def fill(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with its values. A lone ``{name}`` is the value itself; parts whose value is not there go."""
    if isinstance(template, str):
        return _text(template, values)
    if isinstance(template, Mapping):
        filled = {name: fill(part, values) for name, part in template.items()}
        return {name: part for name, part in filled.items() if part is not LEFT_OUT}
    if isinstance(template, list | tuple):
        return [part for each in template if (part := fill(each, values)) is not LEFT_OUT]
    return template


def _text(template: str, values: Mapping[str, Any]) -> Any:
    alone = _NAME.fullmatch(template)
    if alone:
        value = values.get(alone[1])
        return LEFT_OUT if value is None else value
    return _NAME.sub(lambda found: str("" if values.get(found[1]) is None else values[found[1]]), template)
