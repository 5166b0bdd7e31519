"""Slots in a conversation: what to listen for, which value fits which slot, whether it can be right."""

import re
from datetime import date
from difflib import SequenceMatcher

from voicegw.call.dialog_state import Question, State
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.slots import AnySlot, Choice, Code, Date, Digits, Money, Number
from voicegw.dialplan.speaking import speak
from voicegw.dialplan.spoken import groups
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.understanding import SlotValue

YES_NO_QUESTIONS = ("check", "write", "offer", "person", "meant")
"""Kinds of questions that are answered by yes or no."""
ALSO = {
    "digits": ("digits", "phone", "number", "code"),
    "code": ("code", "digits"),
    "phone": ("phone", "digits"),
    "number": ("number", "digits"),
    "money": ("money", "number"),
}
"""Kinds of values that can fill a slot of another type: parsers cannot know what nobody asked for."""

LONG_OPTION = 7
"""Options of so many letters are also known by nearly the same letters."""
NEARLY = 0.9


def slot_of(plan: Dialplan, question: Question | None) -> AnySlot | None:
    """The slot that a question is about."""
    return plan.slots.get(question.name) if question and question.kind in ("slot", "check") else None


def expecting(plan: Dialplan, state: State) -> Expecting:
    """What the ear should listen for."""
    question = state.question
    if question is None or question.kind in ("open", "more"):
        return Expecting(hint=_likely_words(plan), likely=plan.said)
    slot = slot_of(plan, question)
    if isinstance(slot, Digits) and question.kind == "check" and question.name in state.slots:
        # "No, eight nine five one": a group that is said again is another one than was read back.
        whole = str(state.slots[question.name].value)
        parts = tuple(whole[start : start + size] for start, size in groups(len(whole)))
        return Expecting("yes_no", question.name, also=("digits",), likely=plan.said, refused=(whole, *parts))
    if slot is None or question.kind == "check":
        return Expecting("yes_no", question.name if slot else "", likely=plan.said)
    length = slot.length if isinstance(slot, Digits | Code) else None
    phrases = slot.said if isinstance(slot, Choice) else ()
    return Expecting(
        slot.type,
        question.name,
        length=length[0] if length and length[0] == length[1] else None,
        check=slot.check if isinstance(slot, Digits) else "",
        phrases=phrases,
        hint=", ".join(phrases),
        likely=plan.said,
        refused=tuple(state.refused.get(question.name, ())) if isinstance(slot, Digits) else (),
    )


def _likely_words(plan: Dialplan) -> str:
    """One way to ask for each task, and what can be chosen."""
    asked = [task.examples[0] for task in plan.tasks.values() if task.examples]
    choices = [", ".join(name.replace("_", " ") for name in slot.options) for slot in plan.slots.values()
               if isinstance(slot, Choice)]  # fmt: skip
    return ". ".join([*asked, *choices])


def fit(slot: AnySlot, given: SlotValue) -> object | None:
    """The value as this slot keeps it; None if it is of another kind."""
    if given.kind not in ALSO.get(slot.type, (slot.type,)):
        return None
    if isinstance(slot, Choice):
        return option(slot, str(given.value))
    if slot.type in ("digits", "phone", "code") and given.kind == "number":
        whole = isinstance(given.value, int) and not isinstance(given.value, bool) and given.value >= 0
        return str(given.value) if whole else None
    if slot.type == "digits":
        return str(given.value) if str(given.value).isdigit() else None
    if slot.type == "number" and given.kind == "digits":
        return int(str(given.value)) if len(str(given.value)) <= 4 else None
    if slot.type == "money" and given.kind == "number":
        return str(given.value)
    return given.value


def option(slot: Choice, words: str) -> str | None:
    """The option that these words name."""
    for name, synonyms in slot.options.items():
        names = (name, name.replace("_", " "), *synonyms)
        if any(_contains(words, synonym) for synonym in names):
            return name
    return next((name for name, synonyms in slot.options.items() if _nearly(words, (name, *synonyms))), None)


def _nearly(text: str, names: tuple[str, ...]) -> bool:
    """Heard but for a letter or two, and cut into words otherwise: "fill in" for filling, "teeth clean" for teeth
    cleaned."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    for name in names:
        letters = "".join(filter(str.isalpha, name.casefold()))
        sizes = (len(name.split()), len(name.split()) + 1)
        said = ["".join(words[i : i + size]) for size in sizes for i in range(len(words) - size + 1)]
        near = (SequenceMatcher(None, one, letters, autojunk=False).ratio() >= NEARLY for one in said)
        if letters.isascii() and len(letters) >= LONG_OPTION and any(near):
            return True
    return False


def _contains(text: str, words: str) -> bool:
    if not words.isascii():  # Korean words carry their particles, and recognisers split them anywhere
        return "".join(words.casefold().split()) in "".join(text.casefold().split())
    return re.search(rf"(?<!\w){re.escape(words.casefold())}(?!\w)", text.casefold()) is not None


def plausible(slot: AnySlot, value: object, today: date) -> bool:
    """Whether the value can be right: length, check digit, limits."""
    if isinstance(slot, Digits | Code) and slot.length and not slot.length[0] <= len(str(value)) <= slot.length[1]:
        return False
    if isinstance(slot, Digits) and slot.check == "luhn":
        return luhn(str(value))
    if isinstance(slot, Number | Money):
        amount = float(str(value["amount"] if isinstance(value, dict) else value))
        return (slot.least is None or amount >= slot.least) and (slot.most is None or amount <= slot.most)
    if isinstance(slot, Date):
        return {"any": True, "past": str(value) < str(today), "future": str(value) >= str(today)}[slot.only]
    return True


def could_grow(slot: AnySlot, value: object) -> bool:
    """Too short so far: the caller may be in the middle of it."""
    return isinstance(slot, Digits | Code) and slot.length is not None and len(str(value)) < slot.length[0]


def personal_words(plan: Dialplan, state: State, today: date) -> set[str]:
    """The values of personal slots: in the caller's words, as they are kept, and as they are spoken."""
    found: set[str] = set()
    for name, filled in state.slots.items():
        slot = plan.slots.get(name)
        if slot and slot.personal:
            found |= {filled.text, str(filled.value), speak(slot.speaks_as, filled.value, today, plan.language)}
    personal = (name for name, slot in plan.slots.items() if slot.personal)
    return found | {state.parts[name] for name in personal if name in state.parts}


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B: doubled every second digit from the right, the sum ends in 0."""
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
