"""Tools at work: what the caller hears meanwhile, what comes of the result, what is promised if it takes long."""

from dataclasses import replace

from voicegw.call.commands import Effect, SendWhenDone
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_state import Frame, Pending
from voicegw.call.dialog_steps import block_at, run
from voicegw.call.events import ActionResult
from voicegw.dialplan.promise import Promise
from voicegw.dialplan.steps import Call

MOST_WAITS = 4
"""How often the caller is told that a tool is still at work, before it counts as too slow."""


def wait(reply: Reply) -> None:
    """Tell the caller that a tool is at work; some time it counts as too slow."""
    pending = reply.state.pending
    assert pending is not None
    if pending.waits >= MOST_WAITS:
        on_result(reply, ActionResult(pending.request.id, pending.request.tool, "too_slow"))
        return
    reply.state.pending = replace(pending, waits=pending.waits + 1)
    reply.phrase("still_at_it")


def on_result(reply: Reply, result: ActionResult) -> None:
    """Go on in the dialplan by what came of a tool."""
    state = reply.state
    pending = state.pending
    if pending is None or pending.request.id != result.id:
        return
    step = _step(reply, pending)
    state.pending = None
    state.tried = [*state.tried, f"{result.tool}: {result.status}"]
    state.values.update(result.values)
    state.stack[-1] = replace(state.stack[-1], at=pending.at + 1)
    status = result.status
    if status == "too_slow" and step.promise and pending.request.effect is Effect.WRITES:
        reply.commands.append(_message(reply, pending, step.promise))
        reply.say(step.promise.say)
        status = "promised"
    if by_policy := result.values.get("refused_for"):
        state.values["reason"] = reply.words(f"refused_for_{by_policy}")
    branch = status if status in step.results else "otherwise"
    if branch in step.results and not (status == "promised" and branch == "otherwise"):
        state.stack.append(Frame((*pending.path, pending.at, "results", branch)))
    elif status in _TROUBLE or (status == "refused" and state.values.get("reason")):
        _trouble(reply, status, wrote=pending.request.effect is Effect.WRITES)
        return
    run(reply)


def hung_up(reply: Reply) -> None:
    """The caller has gone before they heard the result: the message tells them."""
    pending = reply.state.pending
    if pending is None or pending.request.effect is not Effect.WRITES:
        return
    promise = _step(reply, pending).promise
    if promise:
        reply.commands.append(_message(reply, pending, promise))


_TROUBLE = ("failed", "too_slow")


def _trouble(reply: Reply, status: str, *, wrote: bool) -> None:
    """A tool did not work, and the dialplan does not say what then: say so, and offer a person."""
    if status == "refused":
        reply.phrase("refused", reason=reply.state.values["reason"])
    elif wrote:
        reply.phrase("unsure_write" if status == "too_slow" else "failed_write")
    else:
        reply.phrase("trouble")
    reply.state.stack, reply.state.queue = [], []
    reply.ask_phrase("person", "offer_person")


def _step(reply: Reply, pending: Pending) -> Call:
    step = block_at(reply, pending.path)[pending.at]
    assert isinstance(step, Call)
    return step


def _message(reply: Reply, pending: Pending, promise: Promise) -> SendWhenDone:
    known = reply.state.known()
    texts = {status: text.text for status, text in promise.messages.items()} | {"otherwise": promise.otherwise.text}
    to, subject = (str(template.raw(known)) for template in (promise.to, promise.subject))
    return SendWhenDone(pending.request, promise.tool, to, subject, texts, known)
