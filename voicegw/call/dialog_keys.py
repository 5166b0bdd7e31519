"""Keys pressed on the phone: always another way to answer."""

from voicegw.call import dialog_menu
from voicegw.call.commands import Listen
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_slots import YES_NO_QUESTIONS, expecting, slot_of
from voicegw.call.dialog_steps import hand_over
from voicegw.dialplan.slots import KEYED, Choice
from voicegw.nlu.understanding import Completeness, SlotValue, Understanding

KEY_PAUSE_S = 4.0
"""No further key for this long: the answer is complete."""
MOST_KEYS = 32
PERSON_KEY = "0"
"""Gets a person wherever no digits were asked for."""


def press(reply: Reply, key: str) -> bool:
    """Take a key; True when the answer is complete."""
    state = reply.state
    if key == "*":
        state.keys = ""
    elif key == "#":
        return bool(state.keys)
    elif key == PERSON_KEY and not state.keys and not _takes_digits(reply):
        hand_over(reply, "the caller pressed 0")
        return False
    else:
        state.keys = (state.keys + key)[:MOST_KEYS]
    if state.keys and len(state.keys) >= _length(reply):
        return True
    reply.commands.append(Listen(expecting(reply.plan, reply.state), reply.state.question_name, no_input_s=KEY_PAUSE_S))
    reply.quiet()
    return False


def understanding_of(reply: Reply) -> Understanding:
    """What the keys say."""
    keys, question = reply.state.keys, reply.state.question
    if _is_menu(reply):
        return dialog_menu.chosen(reply.plan, keys)
    slot = slot_of(reply.plan, question)
    if question and (question.kind in YES_NO_QUESTIONS or (slot and slot.type == "yes_no")):
        return Understanding(keys, yes={"1": True, "2": False}.get(keys), completeness=Completeness.COMPLETE)
    if isinstance(slot, Choice):
        options = list(slot.options)
        chosen = options[int(keys) - 1] if keys.isdigit() and 0 < int(keys) <= len(options) else ""
        value = SlotValue(question.name if question else "", "choice", chosen, keys, 0, len(keys))
    else:
        value = SlotValue(question.name if question else "", "digits", keys, keys, 0, len(keys))
    return Understanding(keys, slots=(value,), completeness=Completeness.COMPLETE)


def _is_menu(reply: Reply) -> bool:
    question = reply.state.question
    return reply.state.by_keys and question is not None and question.kind in dialog_menu.OPEN


def _takes_digits(reply: Reply) -> bool:
    slot = slot_of(reply.plan, reply.state.question)
    asks = reply.state.question is not None and reply.state.question.kind == "slot"
    return asks and slot is not None and slot.keypad and slot.type in KEYED


def _length(reply: Reply) -> int:
    """Keys that make a complete answer without ``#``."""
    question = reply.state.question
    slot = slot_of(reply.plan, question)
    if question and (question.kind in YES_NO_QUESTIONS or (slot and slot.type in ("yes_no", "choice"))):
        return 1
    if _is_menu(reply):
        return 1
    length = getattr(slot, "length", None)
    return length[1] if length else MOST_KEYS
