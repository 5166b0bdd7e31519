"""A yes or a no, to whatever was asked."""

import re
from dataclasses import replace

from voicegw.call.dialog_miss import give_up
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_state import Filled, Frame, Question
from voicegw.call.dialog_steps import advance, block_at, end_task, hand_over, inside, run, start_task
from voicegw.dialplan.steps import Call
from voicegw.nlu.understanding import Understanding

SURE_ENOUGH = 0.35
"""A yes heard less surely than this lets nothing be changed."""
DOUBTS = {
    "en": {"no", "not", "nope", "nah", "don't", "dont", "never", "wait", "stop", "unless", "maybe", "hold"},
    "ko": {"아니", "아니요", "아뇨", "말고", "잠깐", "잠깐만", "잠깐만요", "잠시만요", "아직"},
}
"""Words beside which a yes is asked about once more before something is changed."""


def answer(reply: Reply, understanding: Understanding, confidence: float) -> bool:
    """Act on a yes or a no; False if there is none, or the open question is none of yes and no."""
    question, yes = reply.state.question, understanding.yes
    if question is None or yes is None:
        return False
    if question.kind == "write" and yes and not _consents(reply, understanding, confidence):
        return False
    handler = _HANDLERS.get(question.kind)
    return handler is not None and handler(reply, question, yes)


def _consents(reply: Reply, understanding: Understanding, confidence: float) -> bool:
    """Whether a yes is good enough to change something: heard well, and with no word in it that says otherwise."""
    words = set(re.findall(r"[\w']+", understanding.text.casefold()))
    return confidence >= SURE_ENOUGH and not words & DOUBTS[reply.plan.language]


def _slot(reply: Reply, question: Question, yes: bool) -> bool:
    slot = reply.plan.slots.get(question.name)
    if slot is None or slot.type != "yes_no":
        return False
    reply.state.slots[question.name] = Filled(yes, "yes" if yes else "no", reply.state.turn, confirmed=True)
    reply.state.question = None
    run(reply)
    return True


def _check(reply: Reply, question: Question, yes: bool) -> bool:
    state = reply.state
    state.question = None
    if yes:
        state.slots[question.name] = replace(state.slots[question.name], confirmed=True)
    else:
        wrong = str(state.slots.pop(question.name).value)
        state.refused.setdefault(question.name, []).append(wrong)
        if state.count(f"wrong {question.name}") >= reply.plan.slots[question.name].tries:
            give_up(reply, Question("slot", question.name))
            return True
        reply.phrase("wrong_value")
    run(reply)
    return True


def _write(reply: Reply, question: Question, yes: bool) -> bool:
    state = reply.state
    frame = state.stack[-1]
    step = block_at(reply, frame.path)[frame.at]
    assert isinstance(step, Call)
    state.question = None
    if yes:
        state.stack[-1] = replace(frame, agreed=True)
    elif step.declined:
        end = inside(frame, "declined")
        end_task(reply)
        state.stack.append(Frame(end))
    else:
        reply.phrase("declined")
        end_task(reply)
    run(reply)
    return True


def _offer(reply: Reply, question: Question, yes: bool) -> bool:
    reply.state.question = None
    advance(reply, inside(reply.state.stack[-1], "yes" if yes else "no"))
    run(reply)
    return True


def _person(reply: Reply, question: Question, yes: bool) -> bool:
    if yes:
        hand_over(reply, "the caller wished it")
        return True
    reply.phrase("keep_going")
    reply.state.question = None
    run(reply)
    return True


def _meant(reply: Reply, question: Question, yes: bool) -> bool:
    reply.state.question = None
    if yes:
        start_task(reply, question.name.split()[0])
        run(reply)
    else:
        reply.ask_phrase("more", "what_then")
    return True


def _more(reply: Reply, question: Question, yes: bool) -> bool:
    if yes:
        reply.ask_phrase("more", "what_else")
    else:
        reply.end_call("completed")
    return True


_HANDLERS = {
    "slot": _slot,
    "check": _check,
    "write": _write,
    "offer": _offer,
    "person": _person,
    "meant": _meant,
    "more": _more,
}
