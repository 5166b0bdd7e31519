"""Templates of what is said: ``Order {order_id|digits} comes {arrives|day}.``"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from voicegw.dialplan import spoken

_REFERENCE = re.compile(r"\{([^{}]*)\}")
_INSIDE = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(?:\|\s*([a-z_]+)\s*)?\Z")


class TemplateError(ValueError):
    """Not a template; ``hint`` says what to write."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Reference:
    """``{name|format}``."""

    name: str
    format: str = ""
    """Empty: as the slot's type is spoken."""


@dataclass(frozen=True)
class Template:
    """Text with references to values."""

    text: str
    parts: tuple[str | Reference, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """In order."""
        return tuple(part for part in self.parts if isinstance(part, Reference))

    @property
    def constant(self) -> bool:
        """It says the same on every call."""
        return not self.references

    def render(self, speak: Callable[[Reference], str]) -> str:
        """The words, with each reference spoken by ``speak``."""
        words = (speak(part) if isinstance(part, Reference) else part for part in self.parts)
        return " ".join("".join(words).split())

    def raw(self, values: Mapping[str, object]) -> object:
        """As an argument: a lone reference is the value itself, else the text with plain values in it."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Reference):
            return values.get(self.parts[0].name)
        return self.render(lambda reference: str(values.get(reference.name, "")))


def parse(text: str) -> Template:
    """The template that ``text`` writes.

    :raises TemplateError: a brace without its partner, a reference that is none, an unknown format.
    """
    parts: list[str | Reference] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        parts.append(_plain(text[end : found.start()]))
        parts.append(_reference(found[1]))
        end = found.end()
    parts.append(_plain(text[end:]))
    return Template(text, tuple(part for part in parts if part))


def _plain(text: str) -> str:
    if "{" in text or "}" in text:
        raise TemplateError("a brace without its partner", "write values as {order_id|digits}")
    return text


def _reference(inside: str) -> Reference:
    found = _INSIDE.match(inside)
    if found is None:
        raise TemplateError(f"{{{inside}}} is not a value", "write {name} or {name|format}, as in {order_id|digits}")
    name, form = found[1], found[2] or ""
    if form and form not in spoken.FORMATS:
        near = difflib.get_close_matches(form, spoken.FORMATS, n=1)
        known = f"did you mean {near[0]!r}?" if near else f"formats are {', '.join(spoken.FORMATS)}"
        raise TemplateError(f"unknown format {form!r} in {{{inside}}}", known)
    return Reference(name, form)
