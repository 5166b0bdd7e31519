"""Files to entries: a Markdown heading with what stands under it, a row of a CSV file. Pure but for ``read``."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_ITEM = re.compile(r"^\s*[-*+]\s+(.*)$")
_MARKS = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}|<[^>]+>")
_FENCE = re.compile(r"^\s*(```|~~~)")
_PLACE = re.compile(r"\{([^{}]+)\}")
MOST_BYTES = 5_000_000
"""Of a file: more is a mistake."""


@dataclass(frozen=True)
class Entry:
    """Something that can be told."""

    title: str
    text: str
    """What is said."""
    source: str
    """File, and line."""
    questions: tuple[str, ...] = ()
    """Other ways to ask for it."""
    row: Mapping[str, str] = field(default_factory=dict)
    """Columns, if it is a row."""

    @property
    def phrases(self) -> tuple[str, ...]:
        """What a question may be like."""
        return (self.title, *self.questions, f"{self.title}. {self.text}"[:500])


class Unreadable(Exception):
    """A file that cannot be read; the message says why."""


def read(file: Path, name: str, tables: Mapping[str, str]) -> list[Entry]:
    """All entries of a file.

    :raises Unreadable: it is not text, too long, or not of its kind.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Unreadable(f"{file}: over {MOST_BYTES} bytes")
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{file}: {error}") from error
    if file.suffix == ".md":
        return list(markdown(text, name))
    try:
        return list(table(text, name, tables.get(name) or tables.get(file.name, "")))
    except (csv.Error, KeyError) as error:
        raise Unreadable(f"{file}: {error}") from error


def markdown(text: str, source: str) -> Iterator[Entry]:
    """Sections. List items right under a heading, before its text, are other ways to ask."""
    path: dict[int, str] = {}
    body: list[str] = []
    line_of_heading = 1
    fenced = False
    for number, line in enumerate([*text.splitlines(), "# "], 1):
        fenced ^= bool(_FENCE.match(line))
        heading = _HEADING.match(line) if not fenced or line == "# " else None
        if heading is None:
            body.append(line)
            continue
        if path:
            yield from _section(path, body, f"{source}:{line_of_heading}")
        level = len(line) - len(line.lstrip("#"))
        path = {above: title for above, title in path.items() if above < level} | {level: speakable(heading[1])}
        body, line_of_heading = [], number


def _section(path: Mapping[int, str], body: list[str], source: str) -> Iterator[Entry]:
    questions, text = _split(body)
    if text:
        title = path[max(path)]
        above = [each for level, each in sorted(path.items()) if level < max(path)][-1:]
        yield Entry(title, text, source, (*questions, *(f"{each}: {title}" for each in above)))


def _split(body: list[str]) -> tuple[tuple[str, ...], str]:
    questions: list[str] = []
    for index, line in enumerate(body):
        item = _ITEM.match(line)
        if item:
            questions.append(speakable(item[1]))
        elif line.strip():
            return tuple(questions), speakable(" ".join(_sentences(body[index:])))
    # A list alone is what there is to say, not ways to ask for it.
    return (), speakable(" ".join(_sentences(body)))


def _sentences(lines: list[str]) -> Iterator[str]:
    """List items become sentences; fences go."""
    for line in lines:
        item = _ITEM.match(line)
        text = item[1] if item else line
        if not _FENCE.match(line):
            yield text if not item or text.rstrip().endswith((".", "!", "?", ":", ";", ",")) else f"{text}."


def table(text: str, source: str, template: str) -> Iterator[Entry]:
    """Rows; the first line names the columns.

    :param template: how a row is said, ``{column}``; empty: each column with its name.
    :raises KeyError: it names a column that is not there.
    """
    lines = io.StringIO(text, newline="")
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:4096], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    rows = csv.DictReader(lines, dialect=dialect)
    columns = [name.strip() for name in rows.fieldnames or ()]
    missing = [name for name in _PLACE.findall(template) if name not in columns]
    if missing:
        raise KeyError(f"it has no column {missing[0]!r}, only {', '.join(columns)}")
    for raw in rows:
        row = {
            (name or "").strip(): (value or "").strip() for name, value in raw.items() if isinstance(value, str | None)
        }
        said = _PLACE.sub(lambda found, row=row: row[found[1]], template) if template else _listed(row)  # type: ignore[misc]
        title = next((value for value in row.values() if value), "")
        if title:
            yield Entry(title, said, f"{source}:{rows.line_num}", (), row)


def _listed(row: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in row.items() if value)


def speakable(text: str) -> str:
    """Without marks and links."""
    return " ".join(_MARKS.sub(lambda mark: mark[1] or "", text).split())


def shortened(text: str, longest: int) -> str:
    """At most so long, cut after a sentence, or a word."""
    if len(text) <= longest:
        return text
    head = text[:longest]
    ends = [found.end() for found in re.finditer(r"[.!?](?=\s)", head)]
    if ends and ends[-1] > longest / 3:
        return head[: ends[-1]]
    return head.rpartition(" ")[0].rstrip(",;:") + "…"
