"""Calls for other programs: a row of CSV each, or JSON with their turns."""

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from voicegw.outcomes.columns import call_to_columns
from voicegw.outcomes.events import event_to_columns
from voicegw.outcomes.record import Event
from voicegw.outcomes.rows import CallRow, CallStory

CSV_COLUMNS = tuple(call_to_columns(CallRow("", 0.0)))


def story_values(story: CallStory) -> dict[str, Any]:
    """A call with its ``turns`` and ``events``, JSON-able; its own count of turns gives way to the turns themselves."""
    turns = [{name: value for name, value in asdict(turn).items() if name != "call_id"} for turn in story.turns]
    events = [_event_values(event) for event in story.events]
    return call_to_columns(story.call) | {"turns": turns, "events": events}


def _event_values(event: Event) -> dict[str, Any]:
    columns = event_to_columns(event)
    return {"kind": columns["kind"], "at": columns["at"], **columns["values"]}


async def to_json(stories: AsyncIterator[CallStory]) -> AsyncIterator[str]:
    """One JSON array, piece by piece, a call a line."""
    opening = "[\n"
    async for story in stories:
        yield opening + json.dumps(story_values(story), ensure_ascii=False)
        opening = ",\n"
    yield "\n]\n" if opening == ",\n" else "[]\n"


async def to_csv(stories: AsyncIterator[CallStory]) -> AsyncIterator[str]:
    """RFC 4180 with a header, piece by piece; slots and worker losses are JSON within their cells."""
    yield _csv_line(CSV_COLUMNS)
    async for story in stories:
        columns = call_to_columns(story.call)
        yield _csv_line([_cell(columns[name]) for name in CSV_COLUMNS])


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    # A spreadsheet runs a cell that begins so as a formula; a caller chooses the name that he calls under.
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return value if value[1:].isdigit() else f"'{value}"
    return value


def _csv_line(cells: Any) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue()
