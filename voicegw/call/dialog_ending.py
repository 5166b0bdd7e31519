"""The service goes down while a caller is on the line: a person takes over, or the caller is told."""

from voicegw.call.commands import Effect
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_steps import hand_over

_TOLD = "going_down"


def going_down(reply: Reply) -> None:
    """Give the caller to a person. Told again and again while the service waits: what must be known first (whether
    something was really changed) is waited for."""
    state = reply.state
    changing = state.pending is not None and state.pending.request.effect is Effect.WRITES
    if state.transferring or changing or state.count(_TOLD):
        return
    state.pending = None
    state.thought = None
    reply.phrase("going_down")
    hand_over(reply, "the service is going down")


def nobody_took_over(reply: Reply) -> bool:
    """A transfer failed: if it was made because the service goes down, the caller is asked to call again."""
    if not reply.state.counts.get(_TOLD):
        return False
    reply.phrase("call_again")
    reply.end_call("failed")
    return True
