"""What every slot parser is given, and what it gives back."""

from dataclasses import dataclass
from datetime import date, time

from voicegw.nlu.expecting import Expecting
from voicegw.nlu.words import Word, split

EXPLICIT = 12.0
"""Weight of a value whose own words name its type ("3 p.m.", "20th of April", "five dollars")."""
LIKELY = 6.0
"""Weight of a value whose type follows from the words around it ("at 7")."""
POSSIBLE = 1.0
"""Weight of a value that could be of any type ("7")."""


@dataclass(frozen=True)
class Turn:
    """A caller's turn, split, with all that its words are read against."""

    text: str
    words: tuple[Word, ...]
    expecting: Expecting
    today: date
    now: time

    def expects(self, *kinds: str) -> bool:
        return self.expecting.kind in kinds or any(kind in kinds for kind in self.expecting.also)


@dataclass(frozen=True)
class Candidate:
    """One reading of some of the words; readings that overlap compete by weight."""

    kind: str
    value: object
    i: int
    """First word."""
    j: int
    """One past the last word."""
    weight: float = POSSIBLE
    slot: str = ""
    """What is counted, where the words say so (``people``)."""
    mended: bool = False
    """The words hold a correction of the value itself ("45 67, no, 68")."""


def turn(text: str, expecting: Expecting, today: date, now: time) -> Turn:
    return Turn(text, split(text), expecting, today, now)
