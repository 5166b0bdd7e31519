"""Where in a YAML file a place in the model is: line and column, and which keys could stand there."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo
from ruamel.yaml.comments import CommentedMap, CommentedSeq

Loc = Sequence[str | int]


@dataclass(frozen=True)
class Place:
    """1-based."""

    line: int = 1
    column: int = 1


def place(root: Any, loc: Loc, *, key: bool = False) -> Place:
    """Where ``loc`` stands; parts of it that are not in the file (names of union members) are passed over.

    :param key: the key itself, not its value.
    """
    found = Place()
    node = root
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if isinstance(node, CommentedMap) and part in node:
            line, column = node.lc.key(part) if key and last else _value(node, part)
            found, node = Place(line + 1, column + 1), node[part]
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            line, column = node.lc.item(part)
            found, node = Place(line + 1, column + 1), node[part]
    return found


def _value(node: CommentedMap, key: str | int) -> tuple[int, int]:
    """Of a block value, its key's place: the first thing inside is too deep to be the place of the whole."""
    nested = isinstance(node[key], CommentedMap | CommentedSeq)
    position: tuple[int, int] = node.lc.key(key) if nested else node.lc.value(key)
    return position


def fields_at(model: type[BaseModel], loc: Loc) -> dict[str, FieldInfo]:
    """What may stand in the mapping at ``loc``: key to field."""
    annotation: Any = model
    for part in loc:
        annotation = _inside(annotation, part)
    return _fields(_strip(annotation))


def _fields(kind: Any) -> dict[str, FieldInfo]:
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return {}
    return {field.alias or name: field for name, field in kind.model_fields.items()}


def closest(word: str, known: Sequence[str]) -> str:
    """``did you mean …?``, or nothing."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""


def _strip(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def _inside(annotation: Any, part: str | int) -> Any:
    """The type of what lies at ``part`` in a value of this type."""
    kind = _strip(annotation)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = _fields(kind).get(str(part))
        return field.annotation if field else None
    if get_origin(kind) in (Union, UnionType):
        return _member(get_args(kind), part)
    if get_origin(kind) is dict:
        return get_args(kind)[1]
    if get_origin(kind) is tuple:
        return get_args(kind)[0]
    return None


def _member(members: Sequence[Any], part: str | int) -> Any:
    """The member of a union that ``part`` names, or that has a place for it."""
    kinds = [member for member in members if member is not type(None)]
    for member in kinds:
        if _is_tagged(member, part) or _is_of_type(_strip(member), part):
            return _strip(member)
    return _inside(kinds[0], part) if len(kinds) == 1 else None


def _is_tagged(member: Any, part: str | int) -> bool:
    return any(isinstance(note, Tag) and note.tag == part for note in getattr(member, "__metadata__", ()))


def _is_of_type(kind: Any, part: str | int) -> bool:
    """A member of a union that its field ``type`` tells apart."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel) and "type" in kind.model_fields):
        return False
    return part in get_args(kind.model_fields["type"].annotation)
