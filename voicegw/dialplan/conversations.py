"""A dialplan's own tests: what a caller says, and what must come of it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from voicegw.dialplan.part import Name, Part, Sentences

ACTS = ("caller", "keys", "silence")
STATUS = "status"


def _one_act(value: Any) -> Any:
    if isinstance(value, dict) and sum(act in value for act in ACTS) != 1:
        hint = "write one of `caller: …`, `keys: …` or `silence: true`"
        raise PydanticCustomError("one_act", "a line of a test is one thing that the caller does", {"hint": hint})
    return value


def _calls(value: Any) -> Any:
    """``[orders_db.refund]`` is short for calls with any arguments."""
    if isinstance(value, str):
        value = [value]
    return dict.fromkeys(value, None) if isinstance(value, list) else value


def _results(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _result(value: Any) -> Any:
    """``not_found`` is short for ``{status: not_found}``."""
    value = {STATUS: value} if isinstance(value, str) else value
    if not isinstance(value, dict) or not isinstance(value.get(STATUS), str):
        hint = "write `{status: found, state: shipped}`, or just `not_found`"
        raise PydanticCustomError("bad_result", "a result of a tool has a status", {"hint": hint})
    return {name: each.isoformat() if isinstance(each, date) else each for name, each in value.items()}


Result = Annotated[dict[str, Any], BeforeValidator(_result, json_schema_input_type=dict[str, Any] | str)]
Results = Annotated[
    tuple[Result, ...],
    BeforeValidator(_results, json_schema_input_type=dict[str, Any] | str | list[Any]),
    Field(min_length=1),
]
"""What a tool answers, each time it is called; the last one stays."""

Calls = Annotated[
    dict[str, dict[str, Any] | None],
    BeforeValidator(_calls, json_schema_input_type=dict[str, Any] | list[str] | str),
]
"""Tools with their arguments; None: any."""


class Line(Part):
    """One thing that the caller does, and what must come of it.

    Example::

        caller: [where is order 4567, "where's my stuff? the number is 4 5 6 7"]
        agent: It should arrive on Thursday
        slots: {order_id: "4567"}
        calls: {orders_db.order_status: {order_id: "4567"}}
    """

    caller: Sentences = Field((), description="What is said; each of several wordings must come out the same.")
    keys: str = Field("", pattern=r"^[0-9*#]*$", description="Keys that are pressed.")
    silence: bool = Field(False, description="Nothing is said.")
    agent: Sentences = Field((), description="What must be in the reply; `/…/` is a regular expression.")
    never: Sentences = Field((), description="What must not be in the reply.")
    slots: dict[Name, Any] = Field(default_factory=dict, description="Values that must be known then.")
    calls: Calls | None = Field(
        None, description="Tools that must be called, with arguments; [] for none. Empty: not looked at."
    )
    task: str = Field("", description="The task that must be in progress, or be the last one.")
    ends: Literal["", "completed", "abandoned", "failed", "person"] = Field(
        "", description="How the agent's part must end; person: given to one."
    )


class Conversation(Part):
    """A test: one conversation.

    Example::

        name: an order that has shipped
        at: 2026-03-16 12:00
        tools:
          orders_db.order_status: {status: found, state: shipped, arrives: 2026-03-19}
        talk:
          - caller: where is order 4567
            agent: It should arrive on Thursday
          - caller: no thanks
            ends: completed
    """

    name: str = Field(description="What it shows.")
    at: datetime = Field(datetime(2026, 3, 16, 12), description="When the call begins, local time.")
    tools: dict[str, Results] = Field(default_factory=dict, description="What tools answer.")
    talk: tuple[Annotated[Line, BeforeValidator(_one_act)], ...] = Field(min_length=1, description="Turn by turn.")
