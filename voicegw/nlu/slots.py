"""Typed values in a turn's words."""

from collections.abc import Callable
from datetime import date, time
from functools import lru_cache

from voicegw.nlu import completing, mending
from voicegw.nlu.en import (
    addresses,
    choices,
    codes,
    digits,
    durations,
    emails,
    money,
    names,
    numbers,
    people,
    phones,
    ranges,
    yes_no,
)
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.turn import EXPLICIT, Candidate, Turn, turn
from voicegw.nlu.understanding import Completeness, SlotValue

PARSERS: tuple[Callable[[Turn], list[Candidate]], ...] = (
    ranges.find, people.find, durations.find, money.find, numbers.find, digits.find, codes.find, phones.find,
    emails.find, addresses.find, names.find, choices.find, yes_no.find,
)  # fmt: skip
ASKED = 10.0
"""Added to the weight of readings of the kind that was asked for."""
COMPATIBLE = {"phone": ("digits",), "code": ("digits",), "datetime_range": ("date", "time"), "digits": ("code",)}
"""Kinds that can hold the answer, besides the one asked."""


def parse(text: str, expecting: Expecting, today: date, now: time) -> tuple[SlotValue, ...]:
    """All typed values in ``text``, left to right; where words can be read in several ways, what was asked wins.

    Ranges come besides the dates and times that they are made of.
    """
    read = turn(text, expecting, today, now)
    candidates = [each for parser in PARSERS for each in parser(read)]
    spans = [each for each in candidates if each.kind == "datetime_range"]
    chosen = choose([each for each in candidates if each.kind != "datetime_range"], read)
    kept = mending.mend(read, chosen + [span for span in spans if _stands(span, chosen)])
    heaviest = max((each.weight for each, _ in kept if each.kind == expecting.kind), default=0.0)
    return tuple(_value(read, each, corrected, heaviest) for each, corrected in kept)


def choose(candidates: list[Candidate], read: Turn) -> list[Candidate]:
    """Readings that do not overlap, the heaviest first; of equal weight, the longer."""
    ranked = sorted(candidates, key=lambda each: (-_score(each, read), each.i - each.j, each.i))
    chosen: list[Candidate] = []
    for each in ranked:
        if all(each.j <= other.i or other.j <= each.i for other in chosen):
            chosen.append(each)
    return sorted(chosen, key=lambda each: each.i)


def _score(each: Candidate, read: Turn) -> float:
    return each.weight + ASKED * read.expects(each.kind)


def _stands(span: Candidate, chosen: list[Candidate]) -> bool:
    """A range whose words were not taken for something else."""
    return all(each.kind in ("date", "time", "duration", "number") for each in chosen
               if each.i < span.j and span.i < each.j)  # fmt: skip


def _value(read: Turn, each: Candidate, corrected: bool, heaviest: float) -> SlotValue:
    """The slot that was asked for takes the best readings of its kind; others are named by what they are."""
    start, end = read.words[each.i].start, read.words[each.j - 1].end
    asked = each.kind == read.expecting.kind and each.weight >= heaviest
    slot = (read.expecting.slot if asked else "") or each.slot or each.kind
    return SlotValue(slot, each.kind, each.value, read.text[start:end], start, end, corrected)


@lru_cache(maxsize=32)
def completeness(text: str, expecting: Expecting, today: date) -> Completeness:
    """Whether the turn may be over, as far as its words go. It is asked of all words twice: as heard, and as meant."""
    return completing.judge(turn(text, expecting, today, time()), parse(text, expecting, today, time()))


__all__ = ["EXPLICIT", "completeness", "parse"]
