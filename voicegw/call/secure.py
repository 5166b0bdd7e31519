"""Card numbers and PINs in what a caller says: taken out before anything that remembers gets to see the words.

Pure. A slot with ``secure: true`` never holds digits, only a token; whoever runs the tool looks the digits up.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from voicegw.call.dialog_slots import luhn
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.slots import Digits
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.languages import LANGUAGES
from voicegw.nlu.understanding import SlotValue

HIDDEN = "[secure]"
"""Stands for what was said or pressed, wherever words are kept."""
NUMERALS = re.compile(
    r"\d|\b(zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|"
    r"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|double|triple)\b"
)
FEW = 3
"""So many numerals in the answer to a question for a secret are the secret, or a part of it, however garbled."""
CARD_LENGTH = (12, 19)
"""ISO/IEC 7812: a number of this length with a right check digit is a card's, whatever was asked."""
_DIGIT_KINDS = ("digits", "phone", "number", "code")
MOST_DIGITS = 32


@dataclass(frozen=True)
class Screened:
    """A caller's words, and the secret that was in them."""

    text: str
    """What may be kept."""
    slot: str = ""
    digits: str = field(default="", repr=False)
    """The whole secret so far, or empty."""
    is_secret: bool = False
    """There was something secret in it, whether or not it could be read."""


def secure_slot(plan: Dialplan, question: str) -> Digits | None:
    """The slot that is asked for, if its value is secret."""
    slot = plan.slots.get(question)
    return slot if isinstance(slot, Digits) and slot.secure else None


def screen(plan: Dialplan, question: str, text: str, now: datetime) -> Screened:
    """Separate a secret from the words around it.

    :param question: name of what was asked.
    """
    asked = secure_slot(plan, question)
    if asked is not None:
        return _answer(plan, question, asked, text, now)
    cards = [name for name, slot in plan.slots.items() if isinstance(slot, Digits) and slot.secure and slot.check]
    return _card_unasked(plan, cards[0], text, now) if cards else Screened(text)


def is_whole(slot: Digits, digits: str) -> bool:
    """As long as such a secret is at most."""
    return slot.length is not None and len(digits) >= slot.length[1]


def is_plausible(slot: Digits, digits: str) -> bool:
    """Length and check digit fit."""
    least, most = slot.length or (1, MOST_DIGITS)
    return least <= len(digits) <= most and (slot.check != "luhn" or luhn(digits))


def _answer(plan: Dialplan, name: str, slot: Digits, text: str, now: datetime) -> Screened:
    if len(NUMERALS.findall(text.casefold())) < FEW and not _digits_in(_values(plan, name, slot, text, now)):
        return Screened(text)
    digits = _digits_in(_values(plan, name, slot, text, now))
    return Screened(HIDDEN, name, digits or "".join(re.findall(r"\d", text)), is_secret=True)


def _values(plan: Dialplan, name: str, slot: Digits, text: str, now: datetime) -> list[SlotValue]:
    length = slot.length[0] if slot.length and slot.length[0] == slot.length[1] else None
    expecting = Expecting("digits", name, length=length, check=slot.check)
    return [
        value
        for value in LANGUAGES[plan.language].parse(text, expecting, now.date(), now.time())
        if value.kind in _DIGIT_KINDS
    ]


def _digits_in(values: list[SlotValue]) -> str:
    """The last one that was corrected, or the longest."""
    found = [(re.sub(r"\D", "", str(value.value)), value.corrected) for value in values]
    corrected = [digits for digits, is_corrected in found if is_corrected and digits]
    return corrected[-1] if corrected else max((digits for digits, _ in found), key=len, default="")


def _card_unasked(plan: Dialplan, name: str, text: str, now: datetime) -> Screened:
    for value in LANGUAGES[plan.language].parse(text, Expecting("digits", check="luhn"), now.date(), now.time()):
        digits = re.sub(r"\D", "", str(value.value))
        if value.kind in _DIGIT_KINDS and CARD_LENGTH[0] <= len(digits) <= CARD_LENGTH[1] and luhn(digits):
            cleaned = " ".join(f"{text[: value.start]} {text[value.end :]}".split())
            return Screened(cleaned, name, digits, is_secret=True)
    return Screened(text)
