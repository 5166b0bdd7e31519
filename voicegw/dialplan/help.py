"""What may be written at a place of a dialplan that is still being written: keys, values, and what they mean.

The text need not be YAML yet, so the place is read from indentation; the words are the JSON Schema's.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from voicegw.dialplan.model import Dialplan

Schema = dict[str, Any]
ITEM = "-"
"""In a path: into a list."""
_LINE = re.compile(r"^(?P<indent>\s*(?:- +)*)(?P<key>[A-Za-z_][\w.-]*)(?P<colon>\s*:)?")


@dataclass(frozen=True)
class Option:
    """A word that fits."""

    text: str
    kind: str
    """``key`` or ``value``."""
    about: str = ""


@dataclass(frozen=True)
class Help:
    """For one place."""

    path: tuple[str, ...]
    about: str
    """What the key there means, with what it is made of; empty: nothing is known of it."""
    options: tuple[Option, ...]
    """What could stand there."""


def help_at(text: str, line: int, column: int) -> Help:
    """Help for a place.

    :param line: 1-based.
    :param column: 0-based: so many characters stand before the cursor in its line.
    """
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        return Help((), "", ())
    before = lines[line - 1][:column]
    path = path_at(lines, line)
    in_value = re.match(r"^\s*(?:- +)*[A-Za-z_][\w.-]*\s*:\s", before) is not None
    holder = path[:-1] if _LINE.match(lines[line - 1]) else path
    about = _about(path)
    if in_value:
        return Help(path, about, tuple(_values(_schemas(path))))
    return Help(path, about, tuple(_keys(_schemas(holder))))


def path_at(lines: Sequence[str], line: int) -> tuple[str, ...]:
    """Keys from the top to the one in this line, ``-`` for each list on the way; of a line without a key, to what it
    stands in."""
    own = lines[line - 1]
    path: list[str] = []
    depth = len(own) - len(own.lstrip(" ")) if own.strip() else len(own)
    if found := _LINE.match(own):
        path, depth = _into(found, path)
    for above in reversed(lines[: line - 1]):
        found = _LINE.match(above)
        if found and found["colon"] and len(found["indent"]) < depth + (ITEM in path[:1]):
            if len(found["indent"]) == depth and not above.rstrip().endswith(":"):
                continue
            path, depth = _into(found, path)
        if depth == 0:
            break
    return tuple(path)


def _into(found: "re.Match[str]", below: list[str]) -> tuple[list[str], int]:
    """The path with this key above what was found so far, and how far it is indented."""
    dashes = found["indent"].count(ITEM)
    return [*[ITEM] * dashes, found["key"], *below], len(found["indent"]) - len(found["indent"].lstrip(" "))


@functools.cache
def _root() -> Schema:
    return Dialplan.model_json_schema()


def _schemas(path: Sequence[str]) -> list[Schema]:
    """Whatever may stand at ``path``."""
    found = list(_flat(_root()))
    for part in path:
        found = [flat for schema in found for inner in _inside(schema, part) for flat in _flat(inner)]
    return found


def _flat(schema: Schema) -> Iterator[Schema]:
    """Its alternatives, with what they refer to."""
    if "$ref" in schema:
        target = _root()["$defs"][schema["$ref"].rpartition("/")[2]]
        yield from _flat({**target, **{key: value for key, value in schema.items() if key != "$ref"}})
        return
    alternatives = [each for key in ("anyOf", "oneOf", "allOf") for each in schema.get(key, ())]
    if not alternatives:
        yield schema
    for each in alternatives:
        yield from _flat(each)


def _inside(schema: Schema, part: str) -> Iterator[Schema]:
    if part == ITEM:
        if isinstance(schema.get("items"), dict):
            yield schema["items"]
        return
    if part in schema.get("properties", {}):
        yield schema["properties"][part]
    elif isinstance(schema.get("additionalProperties"), dict):
        yield schema["additionalProperties"]


def _about(path: Sequence[str]) -> str:
    for schema in _schemas(path[:-1]) if path else ():
        for inner in _inside(schema, path[-1]):
            own = str(inner.get("description", ""))
            deeper = next((str(flat["description"]) for flat in _flat(inner) if flat.get("description")), "")
            if own or deeper:
                return own or deeper.partition("\n")[0]
    return ""


def _keys(schemas: Sequence[Schema]) -> Iterator[Option]:
    known: set[str] = set()
    for schema in schemas:
        for name, inner in schema.get("properties", {}).items():
            if name not in known:
                known.add(name)
                yield Option(name, "key", str(inner.get("description", "")))


def _values(schemas: Sequence[Schema]) -> Iterator[Option]:
    for schema in schemas:
        words = list(schema.get("enum", ())) + ([schema["const"]] if "const" in schema else [])
        if schema.get("type") == "boolean":
            words = ["true", "false"]
        for word in words:
            yield Option(str(word), "value")
