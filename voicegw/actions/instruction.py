"""What leaves a call to be done for sure: an instruction (a write the caller said yes to) and a notice (a promise).

They go as JSON through the inbox on disk to the action runner.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import TypeAdapter

from voicegw.call.commands import ActionRequest, Consent, SendWhenDone
from voicegw.errors import WireError


@dataclass(frozen=True)
class Instruction:
    """A write. Personal data."""

    key: str
    """Of this yes: call, task, arguments. The same each time the same yes is told."""
    call_id: str
    caller: str
    """The number."""
    task: str
    tool: str
    arguments: Mapping[str, Any]
    at: float
    """Unix time of the yes."""
    consent: Consent = field(default_factory=lambda: Consent("", ""))

    @property
    def sameness(self) -> str:
        """The same for the same write in the same task of the same call; for tools that name no subject."""
        return f"{self.call_id}/{self.task}/{digest(self.tool, self.arguments)}"


@dataclass(frozen=True)
class Notice:
    """When the write ``key`` ends, send a message. Personal data."""

    key: str
    tool: str
    """What sends it: takes ``to``, ``subject`` and ``body``."""
    to: str
    subject: str
    messages: Mapping[str, str]
    """Text by result, as a template; ``otherwise`` for all others."""
    values: Mapping[str, Any]
    """For the templates, besides those of the result."""
    at: float
    """Unix time of the promise."""


def instruction(call_id: str, caller: str, request: ActionRequest, at: float) -> Instruction:
    """What a call hands over when its caller has said yes."""
    task = request.id.rpartition("-")[0]
    arguments = dict(request.arguments)
    consent = request.consent or Consent("", "")
    return Instruction(key_of(call_id, request), call_id, caller, task, request.tool, arguments, at, consent)


def notice(call_id: str, wanted: SendWhenDone, at: float) -> Notice:
    """What a call hands over when it has promised a message."""
    key = key_of(call_id, wanted.request)
    return Notice(key, wanted.tool, wanted.to, wanted.subject, dict(wanted.messages), dict(wanted.values), at)


def key_of(call_id: str, request: ActionRequest) -> str:
    """The idempotency key of a write: its call, its task with the number of the yes in it, its arguments."""
    return f"{call_id}/{request.id}/{digest(request.tool, request.arguments)}"


def digest(tool: str, arguments: Mapping[str, object]) -> str:
    """Of what is to be done."""
    text = json.dumps([tool, dict(arguments)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_KINDS: dict[str, type[Instruction] | type[Notice]] = {"instruction": Instruction, "notice": Notice}
_CHECKS: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(made) for kind, made in _KINDS.items()}


def encode(item: Instruction | Notice) -> bytes:
    """JSON."""
    kind = "instruction" if isinstance(item, Instruction) else "notice"
    return json.dumps({"kind": kind, **asdict(item)}, default=str).encode()


def decode(data: bytes) -> Instruction | Notice:
    """What ``encode`` wrote.

    :raises WireError: it was not, or by another version.
    """
    try:
        values = json.loads(data)
        item: Instruction | Notice = _CHECKS[values.pop("kind")].validate_python(values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WireError(f"not an instruction: {error!r}") from None
    return item
