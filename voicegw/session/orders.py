"""What a person at the console wants done with a call in progress, on whichever machine it is."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal
from uuid import uuid4

from pydantic import TypeAdapter

from voicegw.errors import WireError

Deed = Literal["hang_up", "hand_over", "listen"]
"""See ``wire.messages.CallOrdered``."""


@dataclass(frozen=True)
class CallOrder:
    """One wish about one call."""

    call_id: str
    deed: Deed
    by: str
    """Who asks; stands in the log."""
    at: float
    """Unix time, seconds."""
    id: str
    """Where the answer is waited for."""


def new_order(call_id: str, deed: Deed, by: str, at: float) -> CallOrder:
    """An order that can be answered."""
    return CallOrder(call_id, deed, by, at, uuid4().hex)


_CHECK: TypeAdapter[Any] = TypeAdapter(CallOrder)


def encode(order: CallOrder) -> dict[str, str]:
    """Fields of a stream entry."""
    return {"order": json.dumps(asdict(order))}


def decode(entry: dict[str, str]) -> CallOrder:
    """The order in a stream entry.

    :raises WireError: it is none of this version's.
    """
    try:
        order: CallOrder = _CHECK.validate_python(json.loads(entry["order"]))
    except (KeyError, ValueError) as error:
        raise WireError(f"not an order: {error!r}") from None
    return order
