"""What a call must not forget when its worker dies: a snapshot, as bytes and back."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from voicegw.errors import WireError


@dataclass(frozen=True)
class Snapshot:
    """A call's dialog between two turns; a new worker loads it and goes on."""

    call_id: str
    dialplan: str
    version: int
    """Of the dialplan: the call goes on with the one it began with."""
    state: dict[str, Any]
    """The dialog's own, JSON-able; personal data."""
    turn: int
    """Index of the last turn taken; the next one is ``turn + 1``."""
    at: float
    """Unix time it was taken."""


_CHECK = TypeAdapter(Snapshot)


def encode(snapshot: Snapshot) -> str:
    """JSON."""
    return json.dumps(vars(snapshot))


def decode(text: str | bytes) -> Snapshot:
    """The snapshot that ``encode`` wrote.

    :raises WireError: not a snapshot, or another version's.
    """
    try:
        return _CHECK.validate_python(json.loads(text))
    except ValueError as error:
        raise WireError(f"not a snapshot: {error}") from None
