"""Runs a dialplan's steps until the caller, a tool or a person must answer."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from voicegw.call.commands import ActionRequest, Consent, Effect, StartAction, Transfer
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_state import Filled, Frame, Path, Pending, Question, State
from voicegw.dialplan import steps
from voicegw.dialplan.part import Part
from voicegw.dialplan.steps import Step
from voicegw.dialplan.templates import Template
from voicegw.dialplan.uses import asked, runs

MOST_STEPS = 100
"""Steps in answer to one event; more means a dialplan that runs in a circle."""
YES_KEY = "1"
"""Who did not speak pressed this."""
MOST_TRANSFERS = 2
"""Attempts to reach a person in one call."""


def run(reply: Reply) -> None:
    """Do steps until something is awaited."""
    for _ in range(MOST_STEPS):
        if reply.over:
            return
        if not reply.state.stack:
            if _next_in_queue(reply):
                continue
            _nothing_left(reply)
            return
        frame = reply.state.stack[-1]
        block = block_at(reply, frame.path)
        if frame.at >= len(block):
            _finish(reply, frame)
        elif _awaits(reply, frame, block[frame.at]):
            return
    hand_over(reply, "the dialplan runs in a circle")


def block_at(reply: Reply, path: Path) -> Sequence[Step]:
    """The steps at a path in the dialplan."""
    place: Any = reply.plan
    for part in path:
        place = getattr(place, str(part)) if isinstance(place, Part) else place[part]
    found: Sequence[Step] = place
    return found


def start_task(reply: Reply, task: str, *, side: bool = False) -> None:
    """Begin a task. Done once before, it asks anew for what only it asks, unless that was said just now."""
    state = reply.state
    for name in (task, *runs(reply.plan, task, anew=True)):
        if name in state.done:
            _forget(state, name, asked(reply.plan, name))
    state.question = None
    state.stack.append(Frame(("tasks", task, "steps"), side=side))


def _forget(state: State, task: str, slots: Iterable[str]) -> None:
    """A task is to be done anew: what it asked for is not known any more, unless it was said just now."""
    state.done.remove(task)
    for slot in slots:
        if slot in state.slots and state.slots[slot].turn < state.turn:
            del state.slots[slot]


def begin_block(reply: Reply, *path: str) -> None:
    """Drop what is in progress and do this block: a way out."""
    reply.state.stack = [Frame(path)]
    reply.state.queue = []
    reply.state.question = None


def hand_over(reply: Reply, reason: str, to: str = "") -> None:
    """Give the caller to a person; where that has failed too often, end the call.

    :param to: somebody else than the dialplan's `handoff` names.
    """
    state = reply.state
    task = state.task
    state.stack, state.queue, state.question = [], [], None
    if state.count("transfers") >= MOST_TRANSFERS:
        reply.end_call("failed")
        return
    handoff = reply.plan.handoff
    reply.say(handoff.say)
    state.reason = reason
    state.transferring = True
    reply.commands.append(Transfer(to or handoff.to, reason, task))


def advance(reply: Reply, push: Path | None = None) -> None:
    """Go on to the next step of the block in progress, or into a block inside the step that was done."""
    stack = reply.state.stack
    stack[-1] = replace(stack[-1], at=stack[-1].at + 1, agreed=False)
    if push:
        stack.append(Frame(push))


def inside(frame: Frame, *path: str) -> Path:
    """Path of a block inside the step that a frame is at."""
    return (*frame.path, frame.at, *path)


def _awaits(reply: Reply, frame: Frame, step: Step) -> bool:
    if step.when and not step.when.holds(reply.state.known()):
        advance(reply)
        return False
    return _DO[type(step)](reply, frame, step)


def _finish(reply: Reply, frame: Frame) -> None:
    """A block is at its end."""
    state = reply.state
    state.stack.pop()
    if not frame.task:
        return
    state.done = [task for task in state.done if task != frame.task] + [frame.task]
    if not state.stack:
        state.last_task = frame.task
    elif frame.side:
        reply.phrase("back_to", title=reply.plan.tasks[state.task].title)


def _next_in_queue(reply: Reply) -> bool:
    if not reply.state.queue:
        return False
    start_task(reply, reply.state.queue.pop(0))
    return True


def _nothing_left(reply: Reply) -> None:
    """All that was asked for is done."""
    last = reply.state.last_task
    then = reply.plan.tasks[last].then if last else "anything_else"
    if then == "goodbye":
        reply.end_call("completed")
    elif then == "listen":
        reply.state.question = Question("more")
    else:
        reply.ask_phrase("more", "anything_else")


def _say(reply: Reply, frame: Frame, step: steps.Say) -> bool:
    reply.say(step.say, interruptible=step.interruptible)
    advance(reply)
    return False


def _ask(reply: Reply, frame: Frame, step: steps.Ask) -> bool:
    for name in step.ask:
        filled = reply.state.slots.get(name)
        if filled is None:
            ask_slot(reply, name)
            return True
        if not filled.confirmed and _say_back(reply, name, filled):
            return True
    advance(reply)
    return False


def ask_slot(reply: Reply, name: str) -> None:
    """Put a slot's question."""
    reply.ask("slot", reply.plan.slots[name].ask, name=name)


def _say_back(reply: Reply, name: str, filled: Filled) -> bool:
    """Confirm a value as its slot wants it; True if the caller must answer."""
    slot = reply.plan.slots[name]
    value = reply.speak(name, filled.value)
    if slot.confirm == "explicit":
        reply.ask_phrase("check", "is_it", name=name, value=value)
        return True
    if slot.confirm == "implicit":
        reply.phrase("got_it", value=value)
    reply.state.slots[name] = replace(filled, confirmed=True)
    return False


def _ask_again(reply: Reply, frame: Frame, step: steps.AskAgain) -> bool:
    state = reply.state
    if state.count(f"asked again {step.ask_again}") >= step.times:
        hand_over(reply, f"{step.ask_again} could not be found")
        return True
    state.slots.pop(step.ask_again, None)
    rewind(reply, step.ask_again)
    return False


def rewind(reply: Reply, slot: str) -> None:
    """Go back to the first step of the task in progress that uses a slot, whose value has changed."""
    state = reply.state
    state.question = None
    while state.stack and not state.stack[-1].task:
        state.stack.pop()
    if not state.stack:
        return
    frame = state.stack[-1]
    state.done = [task for task in state.done if slot not in reply.names_used(reply.plan.tasks[task].steps)]
    block = block_at(reply, frame.path)
    first = next((index for index, step in enumerate(block) if slot in reply.names_used([step])), frame.at)
    state.stack[-1] = replace(frame, at=min(first, frame.at), agreed=False)


def _call(reply: Reply, frame: Frame, step: steps.Call) -> bool:
    if step.confirm and not frame.agreed:
        reply.ask("write", step.confirm, name=step.call)
        return True
    request = _request(reply, step)
    reply.state.stack[-1] = replace(frame, agreed=False)
    reply.state.question = None
    reply.state.pending = Pending(request, frame.path, frame.at)
    reply.commands.append(StartAction(request, reply.one_of(step.waiting) if step.waiting else ""))
    return True


def _request(reply: Reply, step: steps.Call) -> ActionRequest:
    known = reply.state.known()
    arguments = {name: template.raw(known) for name, template in step.arguments.items()}
    return ActionRequest(
        f"{reply.state.task or 'call'}-{reply.state.next_id()}",
        step.call,
        {name: value for name, value in arguments.items() if value is not None},
        Effect.WRITES if step.confirm else Effect.READS,
        _consent(reply, step) if step.confirm else None,
        step.promise.after_s if step.promise else 0.0,
    )


def _consent(reply: Reply, step: steps.Call) -> Consent:
    """The question is what was said last, the answer what was heard last."""
    lines = reply.state.lines
    return Consent(
        " ".join(reply.state.said),
        lines[-1][1] if lines and lines[-1][0] == "caller" else YES_KEY,
        reply.state.known(),
        step.policy.model_dump(mode="json", exclude_none=True) if step.policy else {},
    )


def _run_task(reply: Reply, frame: Frame, step: steps.Run) -> bool:
    advance(reply)
    if step.task not in reply.state.done:
        reply.state.stack.append(Frame(("tasks", step.task, "steps")))
    return False


def _offer(reply: Reply, frame: Frame, step: steps.Decide) -> bool:
    reply.ask("offer", step.offer)
    return True


def _group(reply: Reply, frame: Frame, step: steps.Group) -> bool:
    advance(reply, inside(frame, "steps"))
    return False


def _set(reply: Reply, frame: Frame, step: steps.Set) -> bool:
    known = reply.state.known()
    for name, given in step.set.items():
        value = given.raw(known) if isinstance(given, Template) else given
        if value is None:
            continue
        reply.state.slots[name] = Filled(value, turn=reply.state.turn, confirmed=True)
    advance(reply)
    return False


def _transfer(reply: Reply, frame: Frame, step: steps.Transfer) -> bool:
    hand_over(reply, step.transfer, step.to)
    return True


def _end(reply: Reply, frame: Frame, step: steps.End) -> bool:
    if step.end == "call":
        reply.end_call("completed" if reply.state.done else "abandoned")
        return True
    end_task(reply)
    return False


def end_task(reply: Reply) -> None:
    """The task in progress is over here."""
    state = reply.state
    state.question = None
    while state.stack:
        frame = state.stack[-1]
        if frame.task:
            state.stack[-1] = replace(frame, at=len(block_at(reply, frame.path)))
            return
        state.stack.pop()


_DO: dict[type[Step], Callable[[Reply, Frame, Any], bool]] = {
    steps.Say: _say,
    steps.Ask: _ask,
    steps.AskAgain: _ask_again,
    steps.Call: _call,
    steps.Run: _run_task,
    steps.Decide: _offer,
    steps.Group: _group,
    steps.Set: _set,
    steps.Transfer: _transfer,
    steps.End: _end,
}
