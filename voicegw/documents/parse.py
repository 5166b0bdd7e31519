"""YAML text to a value of a pydantic model, or every problem of it at once, each with line, column and a hint."""

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from voicegw.documents.positions import Place, closest, fields_at, place
from voicegw.errors import DocumentError, Problem

MOST_CHARACTERS = 1_000_000
MOST_DEPTH = 40
MOST_NODES = 100_000
"""Values in the file, those behind aliases counted each time."""
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Kind:
    """What a file is meant to be."""

    noun: str
    """As in "not a dialplan"."""
    first_line: str
    """What such a file begins with."""
    error: type[DocumentError]
    """Raised for one that is not right."""


class Source:
    """The text of a file as it was read, which knows where everything stands."""

    def __init__(self, text: str, file: str, kind: Kind) -> None:
        """:raises DocumentError: it is not YAML, or not a mapping."""
        self.file = file
        self.kind = kind
        self.tree = _read_yaml(text, file, kind)

    def problem(self, loc: tuple[str | int, ...], message: str, hint: str = "", severity: str = "error") -> Problem:
        """A problem with what stands at ``loc``."""
        at = place(self.tree, loc)
        return Problem(self.file, at.line, at.column, message, hint, severity)


def parse_as(model: type[Model], source: Source) -> Model:
    """The value that a source writes.

    :raises DocumentError: with all problems.
    """
    try:
        return model.model_validate(_plain(source.tree))
    except ValidationError as error:
        problems = [_problem(model, source, details) for details in _own(error.errors())]
        raise source.kind.error(sorted(set(problems), key=lambda problem: (problem.line, problem.column))) from None


def _own(errors: list[Any]) -> list[Any]:
    """Without those that only follow from others: a list is "too short" when what is in it is wrong."""
    return [
        error
        for error in errors
        if error["type"] != "too_short"
        or not any(other["loc"][: len(error["loc"])] == error["loc"] and other is not error for other in errors)
    ]


def _read_yaml(text: str, file: str, kind: Kind) -> CommentedMap:
    if len(text) > MOST_CHARACTERS:
        raise kind.error([Problem(file, 1, 1, "too long", f"at most {MOST_CHARACTERS:,} characters")])
    try:
        tree = YAML().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Place(mark.line + 1, mark.column + 1) if mark else Place()
        message = (error.problem or error.context or "cannot be read").strip().splitlines()[0]
        raise kind.error([Problem(file, at.line, at.column, f"not YAML: {message}", _yaml_hint(message))]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise kind.error([Problem(file, 1, 1, f"not YAML: {str(error).splitlines()[0]}")]) from None
    if _size(tree, {}) > MOST_NODES:
        raise kind.error([Problem(file, 1, 1, "too much in it", "nest less, and use fewer aliases")])
    if not isinstance(tree, CommentedMap):
        raise kind.error([Problem(file, 1, 1, f"not a {kind.noun}", f"it begins with a line like `{kind.first_line}`")])
    return tree


def _yaml_hint(message: str) -> str:
    if "mapping values are not allowed" in message:
        return "put text that has a colon in it in quotes"
    if "duplicate key" in message:
        return "every key may stand only once in its mapping"
    if "cannot start any token" in message:
        return "indent with spaces, and put text that begins with a special character in quotes"
    return "look at the indentation and quotes here and in the line above"


def _size(node: Any, known: dict[int, int], depth: int = 0) -> int:
    """How many values a tree has when its aliases are written out; too deep or endless counts as too many."""
    if depth > MOST_DEPTH:
        return MOST_NODES + 1
    if not isinstance(node, dict | list):
        return 1
    if id(node) not in known:
        values = node.values() if isinstance(node, dict) else node
        known[id(node)] = 1 + sum(_size(value, known, depth + 1) for value in values)
    return known[id(node)]


def _plain(node: Any) -> Any:
    """The same as plain dicts, lists and scalars."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    for kind in (str, bool, int, float):
        if isinstance(node, kind):
            return kind(node)
    return node


def _problem(model: type[BaseModel], source: Source, details: Any) -> Problem:
    loc = tuple(details["loc"])
    message, hint = _explain(model, details, loc)
    on_key = details["type"] == "extra_forbidden" or loc[-1:] == ("[key]",)
    if details["type"] == "missing":
        at = place(source.tree, loc[:-1], key=True)
    else:
        at = place(source.tree, loc[:-1] if loc[-1:] == ("[key]",) else loc, key=on_key)
    return Problem(source.file, at.line, at.column, message, hint)


def _explain(model: type[BaseModel], details: Any, loc: tuple[str | int, ...]) -> tuple[str, str]:
    """Message and hint for one of pydantic's errors."""
    context = details.get("ctx", {})
    given = details["input"]
    name = next((str(part) for part in reversed(loc) if isinstance(part, str) and part[0] not in "<["), "this")
    match details["type"]:
        case "missing":
            return f"`{name}` is missing", _described(model, loc)
        case "extra_forbidden":
            known = list(fields_at(model, loc[:-1]))
            return f"unknown key `{name}`", closest(name, known) or f"known here: {', '.join(known)}"
        case "literal_error" | "enum":
            expected = str(context["expected"])
            words = expected.replace(" or ", ", ").replace("'", "").split(", ")
            return f"`{name}` cannot be {given!r}", closest(str(given), words) or f"it is one of {expected}"
        case "union_tag_invalid":
            expected = str(context["expected_tags"]).replace("'", "")
            return f"unknown type {context['tag']!r}", closest(context["tag"], expected.split(", ")) or expected
        case "too_short":
            return f"`{name}` is empty", _described(model, loc)
        case "union_tag_not_found":
            return "`type` is missing", "say what kind of value it is: `type: digits`"
        case "string_type":
            return f"`{name}` must be text, not {_named(given)}", "put it in quotes"
        case "dict_type" | "model_type" | "model_attributes_type":
            return f"`{name}` must be lines of `name: …`, not {_named(given)}", _described(model, loc)
        case "list_type" | "tuple_type":
            return f"`{name}` must be a list, not {_named(given)}", _described(model, loc)
        case "bool_type" | "bool_parsing":
            return f"`{name}` must be yes or no, not {given!r}", _described(model, loc)
        case "int_type" | "int_parsing" | "int_from_float" | "float_type" | "float_parsing":
            return f"`{name}` must be a number, not {given!r}", _described(model, loc)
        case "string_pattern_mismatch":
            return f"`{name}` cannot be {given!r}", _described(model, loc)
    return f"`{name}`: {details['msg']}", str(context.get("hint", ""))


def _named(value: object) -> str:
    names = {
        bool: "yes or no", int: "a number", float: "a number", str: "text", list: "a list", dict: "a mapping",
    }  # fmt: skip
    return next((name for kind, name in names.items() if isinstance(value, kind)), "nothing")


def _described(model: type[BaseModel], loc: tuple[str | int, ...]) -> str:
    """What belongs at ``loc``, in the model's own words."""
    for length in range(len(loc), 0, -1):
        fields = fields_at(model, loc[: length - 1])
        if loc[length - 1] in fields:
            return fields[str(loc[length - 1])].description or ""
    return ""
