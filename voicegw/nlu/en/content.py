"""A turn's words prepared for routing: values by their kind, and the words that carry its meaning alone."""

from collections.abc import Sequence

from voicegw.nlu.understanding import SlotValue
from voicegw.nlu.words import split

STANDS_FOR = {
    "date": "tomorrow", "time": "noon", "duration": "two days", "digits": "four", "code": "code",
    "money": "ten dollars", "phone": "phone number", "email": "email address", "address": "address", "name": "John",
}  # fmt: skip
FILLING = frozenset(
    "a an the i i'd i'll i'm i've we we'd we'll we're we've you your you're my our me us he she they it its it's is "
    "are was were am be been being do does did have has had having will would can could shall should may might must "
    "to of for in on at by from with about as that this these those there here and or but so if then than please "
    "like want need get got just also very really some any let let's hi hello hey ok okay yes no not don't what "
    "what's which who well um uh er tomorrow noon two four days people ten john".split()
)


def generalised(text: str, values: Sequence[SlotValue]) -> str:
    """The turn with one and the same example in place of every value: "for two people tomorrow at noon"."""
    for value in sorted(values, key=lambda value: -value.start):
        word = _stand_in(value)
        if word:
            text = text[: value.start] + word + text[value.end :]
    return text


def _stand_in(value: SlotValue) -> str:
    if value.kind != "number":
        return STANDS_FOR.get(value.kind, "")
    return "two people" if value.slot == "people" and any(c.isalpha() for c in value.text) else "two"


def meaningful(text: str) -> str:
    """The words that are left without function words; the whole text if none are."""
    kept = [word.text for word in split(text) if word.is_letters and word.text not in FILLING]
    return " ".join(kept) or text
