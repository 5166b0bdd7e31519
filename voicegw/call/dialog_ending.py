"""The agent's part ends early, by no doing of the caller's: a person takes over, or the caller is told."""

from voicegw.call.commands import Effect
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_steps import hand_over

_TOLD = "going_down"


def going_down(reply: Reply) -> None:
    """Give the caller to a person. Told again and again while the service waits: what must be known first (whether
    something was really changed) is waited for."""
    if _can_give_away(reply) and not reply.state.count(_TOLD):
        _drop_what_is_under_way(reply)
        reply.phrase("going_down")
        hand_over(reply, "the service is going down")


def person_wanted(reply: Reply) -> None:
    """Give the caller to a person, because somebody who looks on wants that: now, or as soon as it can be."""
    reply.state.person_wanted = not reply.over
    give_to_who_waits(reply)


def give_to_who_waits(reply: Reply) -> None:
    """If a person is wanted and nothing stands in the way any more, no further question is put."""
    if reply.state.person_wanted and not reply.over and _can_give_away(reply):
        reply.state.person_wanted = False
        reply.unask()
        _drop_what_is_under_way(reply)
        hand_over(reply, "wanted from the console")


def _can_give_away(reply: Reply) -> bool:
    """Not while that is being done already, nor before it is known whether something was really changed."""
    state = reply.state
    changing = state.pending is not None and state.pending.request.effect is Effect.WRITES
    return not (state.transferring or changing)


def _drop_what_is_under_way(reply: Reply) -> None:
    reply.state.pending = None
    reply.state.thought = None


def nobody_took_over(reply: Reply) -> bool:
    """A transfer failed: if it was made because the service goes down, the caller is asked to call again."""
    if not reply.state.counts.get(_TOLD):
        return False
    reply.phrase("call_again")
    reply.end_call("failed")
    return True
