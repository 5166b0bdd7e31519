"""What was understood in one turn of the caller."""

from dataclasses import dataclass
from enum import StrEnum


class Completeness(StrEnum):
    """May the caller's turn be over, as far as the words go?"""

    COMPLETE = "complete"
    """All that was asked is there."""
    COULD_GO_ON = "could_go_on"
    """It makes sense as it stands, but more may follow ("on Thursday")."""
    INCOMPLETE = "incomplete"
    """In the middle: half a number, "and", "my order number is", "um"."""


@dataclass(frozen=True)
class SlotValue:
    """A typed value found in the caller's words."""

    slot: str
    """Name of the dialplan's slot it fills, or the type's name where none is known."""
    kind: str
    """Type, as in ``Expecting.kind``."""
    value: object
    """Normalised and JSON-able: digits and codes as str, numbers as int or float, dates ``2026-03-15``, times
    ``18:35``, money as decimal str, yes/no as bool, ranges as ``{"start": …, "end": …}``."""
    text: str
    """The caller's own words."""
    start: int
    """Offsets of ``text`` in the turn's text, characters."""
    end: int
    corrected: bool = False
    """The caller put it in place of another ("no, Thursday")."""


@dataclass(frozen=True)
class IntentScore:
    """How well the turn matches the examples of a task (or of a knowledge entry, or of an in-built intent)."""

    name: str
    score: float
    """Calibrated probability, 0 to 1."""
    negated: bool = False
    """"not a refund"."""


@dataclass(frozen=True)
class Understanding:
    """All that one turn says."""

    text: str
    intents: tuple[IntentScore, ...] = ()
    """Best first; several may hold at once."""
    slots: tuple[SlotValue, ...] = ()
    yes: bool | None = None
    """True for yes, False for no, None for neither."""
    confident: bool = False
    """The reflex stands by ``intents``: right at least 95 times in 100 on sentences it has not seen."""
    completeness: Completeness = Completeness.COULD_GO_ON
