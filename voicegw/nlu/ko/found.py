"""What a Korean parser finds, and how readings that overlap are chosen among.

Korean words carry their particles and run together ("세시에", "내일은"), and what a recogniser writes may be split
anywhere ("예약 해 주세요"). So parsers match over the text, with spaces allowed between the parts, not over words.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from voicegw.nlu.expecting import Expecting
from voicegw.nlu.understanding import SlotValue

EXPLICIT = 12.0
"""Weight of a value whose own words name its type (세 시, 삼월 십구일)."""
LIKELY = 6.0
POSSIBLE = 1.0
"""Weight of a value that could be of any type (셋)."""
ASKED = 10.0
"""Added to readings of the kind that was asked for."""
_NOT = re.compile(r"\s*(?:이|가|은|는)?\s*(?:말고|아니고|아니라)")
_CORRECTS = re.compile(r"(?:아니(?:요|오)?|아뇨|아니에요|말고|아니고|아니라|다시|정정|잠깐만요?)[\s,.]*\Z")


@dataclass(frozen=True)
class Found:
    """One reading of some of the text."""

    kind: str
    value: object
    start: int
    end: int
    weight: float = EXPLICIT


def choose(found: Iterable[Found], expecting: Expecting) -> list[Found]:
    """Readings that do not overlap, the heaviest first; of equal weight, the longer."""

    def rank(each: Found) -> tuple[float, int, int]:
        return (-each.weight - ASKED * (each.kind == expecting.kind), each.start - each.end, each.start)

    chosen: list[Found] = []
    for each in sorted(found, key=rank):
        if all(each.end <= other.start or other.end <= each.start for other in chosen):
            chosen.append(each)
    return sorted(chosen, key=lambda each: each.start)


def values(text: str, chosen: Sequence[Found], expecting: Expecting) -> tuple[SlotValue, ...]:
    """What stands: "화요일 말고 목요일" is Thursday, as a correction; so is "아니요, 목요일"."""
    kept: list[SlotValue] = []
    refused: set[str] = set()
    for each in chosen:
        if each.kind != "yes_no" and _NOT.match(text, each.end):
            refused.add(each.kind)
            continue
        corrected = each.kind in refused or bool(_CORRECTS.search(text[: each.start]))
        corrected = corrected and each.kind != "yes_no"
        before = next((value for value in kept if value.kind == each.kind and corrected), None)
        if before:
            kept.remove(before)
        slot = expecting.slot if each.kind == expecting.kind and expecting.slot else each.kind
        said = text[each.start : each.end]
        kept.append(SlotValue(slot, each.kind, each.value, said, each.start, each.end, corrected))
    return tuple(kept)


def moved(each: Found, by: int) -> Found:
    """The same, further on in the text."""
    return replace(each, start=each.start + by, end=each.end + by)
