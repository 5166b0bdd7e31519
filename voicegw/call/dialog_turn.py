"""One turn of the caller: what was understood becomes what is done."""

from voicegw.call import dialog_intents as intents
from voicegw.call import dialog_yes_no
from voicegw.call.dialog_miss import miss
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_slots import YES_NO_QUESTIONS
from voicegw.call.dialog_steps import rewind, run, start_task
from voicegw.call.dialog_talk import TALK, URGENT
from voicegw.call.dialog_values import Taken, take, values_in
from voicegw.dialplan import talk
from voicegw.dialplan.uses import asked_within
from voicegw.nlu.understanding import Completeness, Understanding

MOST_SUSPENDED = 3
"""Tasks that can wait for each other."""


def understood(reply: Reply, understanding: Understanding, confidence: float = 1.0) -> bool:
    """Act on what the caller said; False if nothing in it could be acted on."""
    if begin_urgent(reply, understanding):
        return True
    wanted = intents.wanted(understanding)
    if wanted and wanted[0] in URGENT and not _is_answer(reply, understanding, wanted[0]):
        TALK[wanted[0]](reply)
        return True
    taken = take(reply, understanding, wanted)
    if _answers_yes_no(reply, understanding, wanted, taken):
        return dialog_yes_no.answer(reply, understanding, confidence)
    if _begin_tasks(reply, understanding, wanted):
        return True
    if taken:
        return _go_on_with(reply, understanding, taken, wanted)
    if _answer_questions(reply, wanted):
        return True
    if wanted and wanted[0] in TALK:
        TALK[wanted[0]](reply)
        return True
    if dialog_yes_no.answer(reply, understanding, confidence):
        return True
    return _ask_for_rest(reply, taken) or _answer_favourite(reply, understanding)


def begin_urgent(reply: Reply, understanding: Understanding) -> bool:
    """Drop everything for a danger, unless it is being dealt with already."""
    task = intents.urgent(reply.plan, understanding)
    if not task or task in [frame.task for frame in reply.state.stack]:
        return False
    reply.state.stack, reply.state.queue = [], []
    start_task(reply, task)
    run(reply)
    return True


def _is_answer(reply: Reply, understanding: Understanding, intent: str) -> bool:
    """A value for the open question weighs more than words around it that sound like something else."""
    question = reply.state.question
    return intent != talk.PERSON and question is not None and question.kind == "slot" and bool(values_in(understanding))


def _answers_yes_no(reply: Reply, understanding: Understanding, wanted: list[str], taken: Taken) -> bool:
    """Whether a yes or no is the answer to the open question, and nothing else came with it."""
    question = reply.state.question
    if understanding.yes is None or question is None or taken:
        return False
    slot = reply.plan.slots.get(question.name)
    asks = question.kind in YES_NO_QUESTIONS or (question.kind == "slot" and slot is not None and slot.type == "yes_no")
    asks = asks or (question.kind == "more" and not understanding.yes)  # "no thanks" is more no than thanks
    return asks and not any(_is_new(reply, intent) for intent in wanted)


def _is_new(reply: Reply, intent: str) -> bool:
    """Something else than what is being talked about."""
    kind, name = intent.split(".", 1)
    if kind == "task":
        return name not in [frame.task for frame in reply.state.stack]
    return kind == "answer"


def _begin_tasks(reply: Reply, understanding: Understanding, wanted: list[str]) -> bool:
    """Start what the caller asks for; what else is asked for in the same breath waits its turn."""
    state = reply.state
    new = [intent.removeprefix("task.") for intent in wanted if intent.startswith("task.") and _is_new(reply, intent)]
    if not new:
        return False
    instead = understanding.yes is False or any(
        intent.negated and intent.name == f"task.{state.task}" for intent in understanding.intents
    )
    if instead or sum(1 for frame in state.stack if frame.task) >= MOST_SUSPENDED:
        state.stack = []
    _say_answers(reply, wanted)
    state.queue += [task for task in new[1:] if task not in state.queue]
    start_task(reply, new[0], side=bool(state.stack))
    run(reply)
    return True


def _go_on_with(reply: Reply, understanding: Understanding, taken: Taken, wanted: list[str]) -> bool:
    """A value came: go on with the task that uses it, after the answer to what was asked with it."""
    state = reply.state
    if state.stack:
        _say_answers(reply, wanted)
        for name in taken.changed:
            rewind(reply, name)
        state.question = None
        run(reply)
        return True
    task = _task_for(reply, understanding, taken)
    if not task:
        return False
    start_task(reply, task)
    run(reply)
    return True


def _task_for(reply: Reply, understanding: Understanding, taken: Taken) -> str:
    """The task that a value alone must be for, when none is in progress."""
    plan, state = reply.plan, reply.state
    asking = [task for task in plan.tasks if plan.tasks[task].examples and asked_within(plan, task) & set(taken.filled)]
    offered = state.question.name.split() if state.question and state.question.kind == "meant" else []
    if len(offered) == 1 and offered[0] in asking:  # "Is it about where an order is?" "Order 4567."
        return offered[0]
    if (
        state.last_task in asking
        and taken.changed
        and not set(asking) & set(intents.tasks(intents.probable(understanding)))
    ):
        return state.last_task
    best = next((task for task in intents.tasks(intents.likely(understanding)) if task in asking), "")
    return best or (asking[0] if len(asking) == 1 else "")


def _answer_questions(reply: Reply, wanted: list[str]) -> bool:
    """Answer from the dialplan's knowledge, and come back to the open question."""
    if not _say_answers(reply, wanted):
        return False
    reply.state.counts["answered"] = reply.state.counts.get("answered", 0) + 1
    reply.come_back()
    return True


def _answer_favourite(reply: Reply, understanding: Understanding) -> bool:
    """An answer that was not asked for does less harm than a wait for a model that knows no better."""
    whole = understanding.completeness is not Completeness.INCOMPLETE
    return whole and _answer_questions(reply, [intents.favourite(understanding)])


def _say_answers(reply: Reply, wanted: list[str]) -> bool:
    answers = [intent.removeprefix("answer.") for intent in wanted if intent.startswith("answer.")]
    for name in answers:
        reply.say(reply.plan.knowledge.answers[name].answer)
    return bool(answers)


def _ask_for_rest(reply: Reply, taken: Taken) -> bool:
    """A value came for the open slot that is not whole, or cannot be right."""
    question = reply.state.question
    if question is None:
        return False
    if taken.part is not None and not reply.state.parts.get(question.name):
        reply.state.parts[question.name] = str(taken.part)
        reply.phrase("and_then", value=reply.speak(question.name, taken.part))
        return True
    reply.state.parts.pop(question.name, None)
    unfit = taken.unfit if taken.unfit is not None else taken.part
    if unfit is None:
        return False
    personal = reply.plan.slots[question.name].personal
    if not personal:
        reply.phrase("unfit_value", value=reply.speak(question.name, unfit))
    miss(reply, led=not personal)
    return True
