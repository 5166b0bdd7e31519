"""Calls and turns as dictionaries of columns, and back: a pair for each table."""

from dataclasses import fields
from typing import Any, Protocol

from voicegw.outcomes.record import TurnTaken, Waterfall
from voicegw.outcomes.rows import CallRow


class Columns(Protocol):
    """A row, by column; SQLAlchemy's ``RowMapping`` among others."""

    def __getitem__(self, name: str, /) -> Any:
        """The value of column ``name``."""


STAGES = tuple(stage.name for stage in fields(Waterfall))
_CALL = tuple(column.name for column in fields(CallRow))
_TURN = tuple(column.name for column in fields(TurnTaken) if column.name != "waterfall")


def call_to_columns(call: CallRow) -> dict[str, Any]:
    """Of table ``calls``."""
    columns = {name: getattr(call, name) for name in _CALL}
    return columns | {
        "slots": dict(call.slots),
        "worker_losses": [list(loss) for loss in call.worker_losses],
    }


def call_from_columns(columns: Columns) -> CallRow:
    """Of table ``calls``."""
    values = {name: columns[name] for name in _CALL}
    values["worker_losses"] = tuple((at, hung) for at, hung in values["worker_losses"])
    return CallRow(**values)


def turn_to_columns(turn: TurnTaken) -> dict[str, Any]:
    """Of table ``turns``."""
    columns = {name: getattr(turn, name) for name in _TURN}
    return columns | {f"{stage}_ms": getattr(turn.waterfall, stage) for stage in STAGES}


def turn_from_columns(columns: Columns) -> TurnTaken:
    """Of table ``turns``."""
    waterfall = Waterfall(**{stage: columns[f"{stage}_ms"] for stage in STAGES})
    return TurnTaken(**{name: columns[name] for name in _TURN}, waterfall=waterfall)
