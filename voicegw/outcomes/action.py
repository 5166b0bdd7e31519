"""One write that a caller said yes to, as a row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

AT_WORK, CHANGED, UNCHANGED, UNSURE, REPEAT = "at_work", "changed", "unchanged", "unsure", "repeat"
"""States: not finished; done; the world is as it was (refused, failed, undone); nobody knows, so a person must look;
the same was asked for before, so what came of that stands."""
DUE = "due"
"""``notice_status`` of a message that has been promised and has not gone out."""


@dataclass(frozen=True)
class ActionRow:
    """A row of table ``actions``, column by column. Much of it is personal data."""

    key: str
    call_id: str
    caller: str
    task: str
    tool: str
    arguments: Mapping[str, Any]
    subject: str
    """What it is done to; of one tool and subject only one row is neither ``unchanged`` nor a ``repeat``."""
    question: str
    answer: str
    requested_at: float
    """Unix time of the yes."""
    runner: str
    """The machine whose action runner does it."""
    first: str | None = None
    """Of a repeat, the key of the action that it found."""
    state: str = AT_WORK
    status: str | None = None
    """The result, once it is not ``at_work`` any more."""
    result: Mapping[str, Any] = field(default_factory=dict)
    finished_at: float | None = None
    notice: Mapping[str, Any] | None = None
    """The message that was promised."""
    notice_status: str | None = None
    """``due``, then the result of sending it."""

    @property
    def arguments_told(self) -> str:
        """Its arguments for a person to read."""
        return ", ".join(f"{name} = {value}" for name, value in self.arguments.items())

    @property
    def finished(self) -> bool:
        """Its result is known."""
        return self.state not in (AT_WORK, REPEAT)
