"""Facts of which a call may have many, as rows of one table, and back."""

from dataclasses import asdict
from typing import Any, get_args

from voicegw.outcomes.columns import Columns
from voicegw.outcomes.record import Event, SlotFilled, ToolAnswered, TransferTried

KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
Place = tuple[str, str]
"""Kind and key: what tells the events of a call apart. The same place told again is told anew."""


def place_of(event: Event) -> Place:
    """Where it stands among the events of its call."""
    match event:
        case SlotFilled(slot=key) | ToolAnswered(id=key):
            return type(event).__name__, key
        case TransferTried(number=number):
            return type(event).__name__, str(number)


def event_to_columns(event: Event) -> dict[str, Any]:
    """Of table ``events``."""
    kind, key = place_of(event)
    values = asdict(event)
    return {"call_id": values.pop("call_id"), "kind": kind, "key": key, "at": values.pop("at"), "values": values}


def event_from_columns(columns: Columns) -> Event | None:
    """None: a newer version's."""
    kind = KINDS.get(columns["kind"])
    return kind(call_id=columns["call_id"], at=columns["at"], **columns["values"]) if kind else None
