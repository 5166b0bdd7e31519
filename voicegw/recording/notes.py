"""What tools answered in a recorded call: in the recording, encrypted like its sound, so it can be played again."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from voicegw.recording.format import Chunk, RecordingError

AT_MS = 0xFFFF_FFFF
"""The time of a chunk that is a note; no call lasts so long."""


@dataclass(frozen=True)
class ToolNote:
    """A tool was asked, and answered. Personal data; secrets are tokens here, as for the tool's caller."""

    at: float
    """Unix time of the answer."""
    tool: str
    arguments: Mapping[str, Any]
    status: str
    values: Mapping[str, Any]
    """Its output."""
    effect: str = "reads"
    """``reads`` or ``writes``."""


def to_chunk(note: ToolNote) -> Chunk:
    """As it is kept among the chunks of sound."""
    return Chunk(AT_MS, json.dumps(asdict(note), default=str).encode())


def of_chunk(chunk: Chunk) -> ToolNote | None:
    """The note in a chunk; None if it is sound.

    :raises RecordingError: written by a version that notes otherwise.
    """
    if chunk.at_ms != AT_MS:
        return None
    try:
        return ToolNote(**json.loads(chunk.samples))
    except (TypeError, ValueError) as error:
        raise RecordingError(f"a note that this version cannot read: {error}") from None
