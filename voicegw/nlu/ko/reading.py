"""Typed values in a Korean turn, and whether the turn may be over."""

import re
from datetime import date, time

from voicegw.nlu.expecting import Expecting
from voicegw.nlu.ko import dates, figures, found, times, words
from voicegw.nlu.understanding import Completeness, SlotValue

_FILLER = re.compile(r"(?:^|\s)(?:음+|어+|그+|저기|저|그러니까|뭐더라|잠시만)[\s.…,]*$")
_GOES_ON = re.compile(
    r"(?:그리고|그런데|근데|하고|이고|는데|은데|인데|거나|니까|면|서|제|은|는|이|가|을|를|에서|부터)"
    r"[\s.…,]*$"
)
_ENDS = re.compile(r"(?:요|다|까|죠|네|예|오|자|게)[\s.!?]*$")


def parse(text: str, expecting: Expecting, today: date, now: time) -> tuple[SlotValue, ...]:
    """All typed values in ``text``, left to right; where words can be read in several ways, what was asked wins."""
    candidates = [
        *dates.find(text, today), *times.find(text), *figures.find(text, expecting), *words.find(text, expecting)
    ]  # fmt: skip
    spans = [each for each in candidates if each.kind == "datetime_range"]
    chosen = found.choose([each for each in candidates if each.kind != "datetime_range"], expecting)
    return found.values(text, sorted([*chosen, *spans], key=lambda each: each.start), expecting)


def completeness(text: str, expecting: Expecting, today: date) -> Completeness:
    """Whether the turn may be over, as far as its words go."""
    if not text.strip() or _FILLER.search(text):
        return Completeness.INCOMPLETE
    asked = [each for each in parse(text, expecting, today, time()) if each.kind == expecting.kind]
    if asked and expecting.length and expecting.kind in ("digits", "code"):
        longest = max(len(str(each.value)) for each in asked)
        return Completeness.COMPLETE if longest >= expecting.length else Completeness.INCOMPLETE
    if asked and expecting.kind not in ("text", "address", "any"):
        return Completeness.COMPLETE
    if _ENDS.search(text):
        return Completeness.COMPLETE
    return Completeness.INCOMPLETE if _GOES_ON.search(text) else Completeness.COULD_GO_ON
