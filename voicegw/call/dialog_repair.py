"""Mends a number that was heard wrong: the caller says only the part that is wrong.

"That's 4 5 6 7, 8 9 0 1, right?" "No, eight nine *five* one." "The last four are 8 9 5 1." "It begins with 4 6."
"""

import re
from collections.abc import Callable

from voicegw.dialplan.spoken import groups

PLACES = {
    "first": 0, "begins": 0, "beginning": 0, "starts": 0, "start": 0, "second": 1, "third": 2, "fourth": 3, "last": -1,
    "end": -1, "ends": -1, "final": -1,
}  # fmt: skip
"""Words that say which group is meant."""
UNDERSTANDABLE = 2
"""Fewer digits than this could stand anywhere."""


def repair(whole: str, part: str, words: str, plausible: Callable[[str], bool]) -> str | None:
    """The number with ``part`` in its right place; None if that place cannot be told.

    :param whole: the number as it was read back.
    :param part: the digits that the caller said now, fewer than the whole.
    :param words: all that the caller said.
    :param plausible: whether a number can be right (check digit).
    """
    if len(part) < UNDERSTANDABLE or len(part) >= len(whole):
        return None
    named = _named_place(whole, part, words)
    if named is not None:
        return _put(whole, part, named)
    likely = [start for start in _starts(whole, part) if plausible(_put(whole, part, start))]
    if not likely:
        return None
    changes = {start: _differences(whole, part, start) for start in likely}
    fewest = min(changes.values())
    best = [start for start in likely if changes[start] == fewest]
    # A part that is mostly other digits than those it would replace says nothing about its place.
    return _put(whole, part, best[0]) if len(best) == 1 and fewest * 2 <= len(part) else None


def _named_place(whole: str, part: str, words: str) -> int | None:
    """The place that the caller names: "the last four", "the second group", "it begins with"."""
    for word in re.findall(r"[a-z]+", words.casefold()):
        if word not in PLACES:
            continue
        place = PLACES[word]
        if place == -1:
            return len(whole) - len(part)
        if place == 0:
            return 0
        starts = [start for start, _ in groups(len(whole))]
        fits = place < len(starts) and starts[place] + len(part) <= len(whole)
        return starts[place] if fits else None
    return None


def _starts(whole: str, part: str) -> list[int]:
    """Where a part may stand: as a whole group, at the beginning of one, or at the end."""
    starts = [start for start, size in groups(len(whole)) if len(part) <= size or start + len(part) <= len(whole)]
    return list(dict.fromkeys([*starts, len(whole) - len(part)]))


def _put(whole: str, part: str, start: int) -> str:
    return whole[:start] + part + whole[start + len(part) :]


def _differences(whole: str, part: str, start: int) -> int:
    return sum(one != other for one, other in zip(whole[start:], part, strict=False))
