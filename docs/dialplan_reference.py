"""The reference of the dialplan language, made from the model itself.

python docs/dialplan_reference.py          prints it
python docs/dialplan_reference.py --write  puts it into docs/dialplan-reference.md
"""

import inspect
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from pydantic_core import PydanticUndefined

from voicegw.dialplan import conversations, model, slots, steps
from voicegw.dialplan.part import Part
from voicegw.dialplan.phrases import PHRASES
from voicegw.dialplan.speaking import FORMATS

FILE = Path(__file__).with_name("dialplan-reference.md")
ABSTRACT = (Part, steps.Step, slots.Slot)
CHAPTERS = (
    ("The whole, and its parts", model),
    ("Steps", steps),
    ("Slots", slots),
    ("Tests", conversations),
)


def page() -> str:
    """Markdown."""
    lines = [
        "# Dialplans: reference",
        "",
        "Made by `docs/dialplan_reference.py` from the language itself. How to write one: [dialplans](dialplans.md).",
        "",
    ]
    for title, module in CHAPTERS:
        lines += [f"## {title}", ""]
        if module is slots:
            lines += ["What all slots have:", "", *_fields(slots.Slot, frozenset()), ""]
        if module is steps:
            lines += ["Every step may have `when`: " + _described(steps.Step, "when") + ".", ""]
        for kind in parts(module):
            lines += _part(kind)
    return "\n".join([*lines, *_formats(), *_phrases()]) + "\n"


def parts(module: object) -> list[type[Part]]:
    """Parts that a module describes, in the order in which they stand there, the whole first."""
    found = [kind for _, kind in inspect.getmembers(module, inspect.isclass) if issubclass(kind, Part)]
    own = [kind for kind in found if kind not in ABSTRACT and kind.__module__ == getattr(module, "__name__", "")]
    return sorted(own, key=lambda kind: (kind is not model.Dialplan, inspect.getsourcelines(kind)[1]))


def _part(kind: type[Part]) -> Iterator[str]:
    text, _, example = (kind.__doc__ or "").partition("Example::\n")
    bases = [base for base in (steps.Step, slots.Slot) if issubclass(kind, base)]
    shared = frozenset(name for base in bases for name in base.model_fields)
    yield from (f"### {_title(kind)}", "", inspect.cleandoc(text).strip(), "")
    yield from _fields(kind, shared)
    yield from ("", "```yaml", textwrap.dedent(example).strip("\n"), "```", "")


def _title(kind: type[Part]) -> str:
    """Steps by their verb, slots by their type, other parts by their name."""
    verb = next((verb for verb, step in steps.VERBS.items() if step is kind), "")
    if verb:
        return f"`{verb}`"
    if issubclass(kind, slots.Slot):
        return f"`type: {kind.model_fields['type'].annotation.__args__[0]}`"  # type: ignore[union-attr]
    return kind.__name__


def _fields(kind: type[Part], shared: frozenset[str]) -> Iterator[str]:
    own = {name: field for name, field in kind.model_fields.items() if name not in shared and name != "type"}
    if not own:
        return
    yield from ("| key | default | what it is |", "| --- | --- | --- |")
    for name, field in own.items():
        default = "needed" if field.is_required() else _default(field.get_default(call_default_factory=True))
        yield f"| `{field.alias or name}` | {default} | {_described(kind, name)} |"


def _described(kind: type[Part], name: str) -> str:
    return (kind.model_fields[name].description or "").rstrip(".").replace("|", "\\|")


def _default(value: object) -> str:
    if value in (None, "", (), {}, PydanticUndefined) or isinstance(value, Part):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _formats() -> Iterator[str]:
    yield from ("## Formats", "", "What may stand after `|`, as in `{arrives|day}`.", "")
    yield from ("| format | spoken as |", "| --- | --- |")
    for name, speak in FORMATS["en"].items():
        yield f"| `{name}` | {' '.join((speak.__doc__ or '').split()).rstrip('.').replace('``', '`')} |"
    yield ""


def _phrases() -> Iterator[str]:
    yield from ("## Phrases", "", "What the agent says of its own; each can be put in your words under `phrases:`.", "")
    yield from ("| phrase | when | its words |", "| --- | --- | --- |")
    for name, phrase in PHRASES.items():
        yield f"| `{name}` | {phrase.use.rstrip('.')} | {phrase.wordings['en'][0].replace('|', chr(92) + '|')} |"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        FILE.write_text(page(), encoding="utf-8")
    else:
        print(page())
