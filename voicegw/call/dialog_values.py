"""Takes values from what the caller said into slots."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from voicegw.call.dialog_intents import likely
from voicegw.call.dialog_repair import repair
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_slots import could_grow, fit, option, plausible
from voicegw.call.dialog_state import Filled
from voicegw.dialplan.slots import AnySlot, Choice, Digits
from voicegw.dialplan.uses import asked_within
from voicegw.nlu.understanding import SlotValue, Understanding

TELLING = ("digits", "code", "phone", "email")
"""Types whose values say by themselves which slot they are for."""


@dataclass
class Taken:
    """What became of the values in one turn."""

    filled: list[str] = field(default_factory=list)
    """Slots that got a value, new or in place of another."""
    changed: list[str] = field(default_factory=list)
    """Those of them that had another value before."""
    unfit: object | None = None
    """A value for the slot that was asked, which cannot be right."""
    part: object | None = None
    """A value for the slot that was asked, which is too short so far."""

    def __bool__(self) -> bool:
        return bool(self.filled)


def take(reply: Reply, understanding: Understanding, wanted: list[str]) -> Taken:
    """Fill slots: the one that was asked first, then those of the tasks in progress, asked for, or likely.

    :param wanted: intents that the reflex stands by, best first.
    """
    taken = Taken()
    for given in sorted(values_in(understanding), key=lambda value: value.corrected):
        _take_one(reply, given, understanding.text, _tasks(reply, understanding, wanted), taken)
    _take_choices(reply, understanding, _tasks(reply, understanding, wanted), taken)
    _take_text(reply, understanding, taken)
    return taken


def values_in(understanding: Understanding) -> list[SlotValue]:
    """Values other than a yes or a no, which answers whatever was asked."""
    return [given for given in understanding.slots if given.kind != "yes_no"]


def _tasks(reply: Reply, understanding: Understanding, wanted: list[str]) -> list[str]:
    """Tasks that a value may be for: those in progress, those asked for, else those that are likely."""
    tasks = [frame.task for frame in reversed(reply.state.stack) if frame.task]
    tasks += [intent.removeprefix("task.") for intent in wanted if intent.startswith("task.")]
    if not tasks:
        tasks = [name.removeprefix("task.") for name in likely(understanding) if name.startswith("task.")]
    return tasks


def _take_one(reply: Reply, given: SlotValue, words: str, tasks: list[str], taken: Taken) -> None:
    open_slot = _open_slot(reply)
    for name in _candidates(reply, given, tasks):
        slot = reply.plan.slots[name]
        value = fit(slot, given)
        if value is None or (name in taken.filled and not given.corrected):
            continue
        if name == open_slot:
            value = _mended(reply, slot, name, value, words) or _joined(reply, slot, name, value)
        if plausible(slot, value, reply.today):
            _fill(reply, name, value, given.text, taken)
            return
        if name == open_slot and could_grow(slot, value):
            taken.part = value
            return
        if name == open_slot:
            taken.unfit = value


def _open_slot(reply: Reply) -> str:
    question = reply.state.question
    return question.name if question and question.kind in ("slot", "check") else ""


def _candidates(reply: Reply, given: SlotValue, tasks: list[str]) -> Iterator[str]:
    """Slots that may get this value, most likely first."""
    seen: set[str] = set()
    for name in _in_order(reply, given, tasks):
        if name in reply.plan.slots and name not in seen:
            seen.add(name)
            yield name


def _in_order(reply: Reply, given: SlotValue, tasks: list[str]) -> Iterator[str]:
    plan, state = reply.plan, reply.state
    yield _open_slot(reply)
    yield given.slot
    idle = not state.stack
    for task in tasks:
        names = sorted(asked_within(plan, task), key=list(plan.slots).index)
        yield from (name for name in names if _open_to(reply, name, given, idle))
    if idle:
        yield from (name for name, slot in plan.slots.items() if slot.type in TELLING)


def _open_to(reply: Reply, name: str, given: SlotValue, idle: bool) -> bool:
    """A filled slot changes only when the caller corrects it, or begins something new."""
    question = reply.state.question
    asked_yes_no = question is not None and question.kind in ("write", "check")
    return name not in reply.state.slots or given.corrected or idle or asked_yes_no


def _mended(reply: Reply, slot: AnySlot, name: str, value: object, words: str) -> object:
    """The number that was read back, with this part of it put right; None if it is no part of one."""
    question, filled = reply.state.question, reply.state.slots.get(name)
    if not isinstance(slot, Digits) or filled is None or question is None or question.kind != "check":
        return None
    return repair(str(filled.value), str(value), words, lambda mended: plausible(slot, mended, reply.today))


def _joined(reply: Reply, slot: AnySlot, name: str, value: object) -> object:
    """With the part that was said before, if only both together make a whole."""
    part = reply.state.parts.get(name, "")
    whole = f"{part}{value}"
    return whole if part and not plausible(slot, value, reply.today) and len(whole) <= _most(slot) else value


def _most(slot: AnySlot) -> int:
    length = getattr(slot, "length", None)
    return length[1] if length else 0


def _fill(reply: Reply, name: str, value: object, text: str, taken: Taken) -> None:
    before = reply.state.slots.get(name)
    if before and before.value == value:
        reply.state.slots[name] = replace(before, turn=reply.state.turn)
    else:
        reply.state.slots[name] = Filled(value, text, reply.state.turn)
        if before:
            taken.changed.append(name)
    reply.state.parts.pop(name, None)
    taken.filled.append(name)
    taken.unfit = taken.part = None


def _take_choices(reply: Reply, understanding: Understanding, tasks: list[str], taken: Taken) -> None:
    """A choice may be named before it is asked for."""
    open_slot = _open_slot(reply)
    names = {name for task in tasks for name in asked_within(reply.plan, task)} | {open_slot}
    for name in sorted(names):
        slot = reply.plan.slots.get(name)
        if not isinstance(slot, Choice) or name in taken.filled or (name in reply.state.slots and name != open_slot):
            continue
        chosen = option(slot, understanding.text)
        if chosen:
            _fill(reply, name, chosen, understanding.text, taken)


def _take_text(reply: Reply, understanding: Understanding, taken: Taken) -> None:
    """What was asked for in the caller's own words is the whole turn."""
    name = _open_slot(reply)
    slot = reply.plan.slots.get(name)
    asks = reply.state.question is not None and reply.state.question.kind == "slot"
    if slot is not None and slot.type == "text" and asks and understanding.text.strip():
        _fill(reply, name, understanding.text.strip(), understanding.text, taken)
