"""Calls as a table for the terminal."""

from collections.abc import Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from voicegw.outcomes.rows import CallRow
from voicegw.outcomes.show import DISPOSITION_STYLES

_SHORTEST_ID = 8


def render_list(calls: Sequence[CallRow]) -> Table:
    """A line a call, newest first; ids as short as they can be and still name one of these calls."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("began", "call", "from", "to", "dialplan", "outcome", "task"):
        table.add_column(name, no_wrap=True)
    table.add_column("turns", justify="right")
    table.add_column("talk", justify="right", no_wrap=True)
    length = _id_length([call.call_id for call in calls])
    for call in calls:
        table.add_row(*_cells(call, length))
    return table


def _cells(call: CallRow, id_length: int) -> list[Text]:
    began = datetime.fromtimestamp(call.began_at).astimezone()
    outcome = call.disposition or "still up"
    plan = f"{call.dialplan or ''}" + (f" v{call.version}" if call.version else "")
    texts = (f"{began:%m-%d %H:%M:%S}", call.call_id[:id_length], call.caller or "", call.callee or "", plan)
    return [
        *(Text(text) for text in texts),
        Text(outcome, DISPOSITION_STYLES.get(outcome, "bold")),
        Text(call.task or ""),
        Text(str(call.turns)),
        Text("" if call.talk_s is None else f"{call.talk_s:.0f} s"),
    ]


def _id_length(ids: Sequence[str]) -> int:
    longest = max((len(call_id) for call_id in ids), default=_SHORTEST_ID)
    for length in range(_SHORTEST_ID, longest):
        if len({call_id[:length] for call_id in ids}) == len(ids):
            return length
    return longest
