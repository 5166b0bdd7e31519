"""The table of settings in README.md, made from the settings themselves.

python docs/settings_reference.py          prints it
python docs/settings_reference.py --write  puts it into README.md
"""

import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from voicegw.config import ENV_PREFIX, Settings

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN = "<!-- settings: made by docs/settings_reference.py -->\n"
END = "<!-- /settings -->\n"


def table() -> str:
    """Markdown."""
    lines = ["| setting | default | what it is |", "| --- | --- | --- |"]
    for name, field in rows(Settings):
        lines.append(f"| `{name}` | {default(field)} | {described(field)} |")
    return "\n".join(lines) + "\n"


def rows(section: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting with its full name; those of a section after those without one."""
    sections = []
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            sections.append((name, field.annotation))
        else:
            yield prefix + name, field
    for name, inner in sections:
        yield from rows(inner, f"{prefix}{name}.")


def default(field: FieldInfo) -> str:
    """As one would write it in the file."""
    value: Any = field.get_default(call_default_factory=True)
    if isinstance(value, Path):
        value = str(value).replace(str(Path.home()), "~")
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, tuple):
        value = ", ".join(value)
    return f"`{value}`" if value not in ("", {}, None) else ""


def described(field: FieldInfo) -> str:
    """What it is, which values it takes, and between which figures."""
    text = (field.description or "").rstrip(".")
    if values := allowed(field.annotation):
        text = f"{text} ({', '.join(values)})" if text else ", ".join(values)
    return text.replace("|", "\\|")


def allowed(annotation: Any) -> tuple[str, ...]:
    """The values of a choice."""
    return typing.get_args(annotation) if typing.get_origin(annotation) is Literal else ()


def with_table(readme: str) -> str:
    """The page with today's table in its place."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n" + table() + "\n" + END + after


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(f"Environment: {ENV_PREFIX}SIP__PORT for sip.port\n\n{table()}")
