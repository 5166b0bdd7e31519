"""What those who look on at calls in progress are shown at once: said for the moment, kept by nobody.

Facts (``outcomes.record``) tell what came of a turn once it is over; a moment tells what happens while it lasts.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, get_args

from pydantic import TypeAdapter

from voicegw.errors import WireError


@dataclass(frozen=True)
class CallerHeard:
    """The caller's turn is over; the agent decides."""

    call_id: str
    at: float
    """Unix time, seconds."""
    turn: int
    text: str
    """As understood, masked as in the record; personal data."""
    task: str = ""
    question: str = ""


@dataclass(frozen=True)
class AgentSpeaks:
    """The first sound of an utterance left for the caller."""

    call_id: str
    at: float
    turn: int
    text: str
    """All that is meant to be said, masked as in the record; personal data."""


@dataclass(frozen=True)
class AgentSilent:
    """The utterance is over, played or cut off: the caller's turn."""

    call_id: str
    at: float
    turn: int
    text: str
    """What the caller heard of it."""


@dataclass(frozen=True)
class LinesMeasured:
    """How the lines of one machine's calls are, each from the beginning of its call."""

    machine: str
    at: float
    lines: dict[str, list[float]] = field(default_factory=dict)
    """By call: RTP packets received and lost, mean jitter in ms, frames played late."""


Moment = CallerHeard | AgentSpeaks | AgentSilent | LinesMeasured
_CHECKS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in get_args(Moment)}


def encode(moment: Moment) -> dict[str, str]:
    """Fields of a stream entry."""
    return {"kind": type(moment).__name__, "moment": json.dumps(asdict(moment))}


def decode(entry: dict[str, str]) -> Moment:
    """The moment in a stream entry.

    :raises WireError: it is none of this version's.
    """
    try:
        moment: Moment = _CHECKS[entry["kind"]].validate_python(json.loads(entry["moment"]))
    except (KeyError, ValueError) as error:
        raise WireError(f"not a moment: {error!r}") from None
    return moment
