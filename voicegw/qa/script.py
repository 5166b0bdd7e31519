"""What a caller does on a call, step by step.

In a line's text ``[700]`` is a pause of 700 ms and ``[cough]`` is a cough: ``my number is 4 5 [700] 6 7``.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from voicegw.qa.ruler import Intent

MARK = re.compile(r"\[(\d+|cough)\]")
AFTER_MS = 600
"""An agent silent for so long after it spoke has finished: longer than a breath between two sentences."""


@dataclass(frozen=True)
class SayLine:
    """Speak when the agent has finished."""

    text: str = ""
    """With pause marks; what a recording says, if there is one."""
    wav: Path | None = None
    """A recording instead of a voice."""
    after_ms: float = AFTER_MS
    """How long the agent must have been silent."""
    intent: Intent = Intent.TURN
    label: str = ""
    voice: str = ""
    """Another voice than the script's; see ``qa.voices``."""


@dataclass(frozen=True)
class Interrupt:
    """Speak over the agent."""

    after_ms: float
    """So long after the agent began to speak."""
    text: str = ""
    wav: Path | None = None
    intent: Intent = Intent.INTERRUPTION
    """``ASIDE`` for a cough or "mhm"."""
    label: str = ""
    voice: str = ""


@dataclass(frozen=True)
class PressKeys:
    """Press keys when the agent has finished."""

    digits: str
    after_ms: float = AFTER_MS


@dataclass(frozen=True)
class WaitSeconds:
    """Say nothing for a while, once the agent has finished."""

    seconds: float
    label: str = ""
    after_ms: float = AFTER_MS


@dataclass(frozen=True)
class AddNoise:
    """From here on there is noise."""

    kind: str
    """``white``, ``babble``, ``music``, ``television`` or ``none``."""
    snr_db: float = 20.0
    """Level of the caller's speech over the noise."""


@dataclass(frozen=True)
class AddEcho:
    """From here on the agent's voice comes back, as from a speakerphone."""

    delay_ms: float
    loss_db: float
    """Infinite ends it."""


Step = SayLine | Interrupt | PressKeys | WaitSeconds | AddNoise | AddEcho


@dataclass(frozen=True)
class Script:
    """A caller."""

    steps: tuple[Step, ...]
    voice: str = "joe"
    """See ``qa.voices``."""
    seed: int = 1
    patience_s: float = 10.0
    """An agent who has not spoken for so long will not: go on with the next step."""
    goodbye_ms: float = 1200.0
    """Hang up when all is said and the agent has been silent for so long after its answer."""


def pieces(text: str) -> list[str | int]:
    """A line's words, its pauses (milliseconds) and its coughs (``"[cough]"``), in order."""
    parts: list[str | int] = []
    place = 0
    for mark in MARK.finditer(text):
        parts.append(text[place : mark.start()].strip())
        parts.append("[cough]" if mark[1] == "cough" else int(mark[1]))
        place = mark.end()
    parts.append(text[place:].strip())
    return [part for part in parts if part != ""]


def words(text: str) -> str:
    """A line as it is read: without marks."""
    return " ".join(MARK.sub(" ", text).split())
