"""What comes of giving the caller to a person."""

from voicegw.call.dialog_ending import nobody_took_over
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_steps import begin_block, hand_over, run
from voicegw.call.transfers import why


def resumed(reply: Reply, *, under_way: bool) -> None:
    """Another process was giving the caller to a person: wait for what comes of it, or begin again."""
    if under_way:
        return
    reply.state.transferring = False
    reply.state.counts["transfers"] -= 1
    reply.phrase("resumed")
    hand_over(reply, reply.state.reason)


def lasted(reply: Reply) -> None:
    """The person has not answered yet."""
    if reply.state.transferring:
        reply.phrase("still_ringing")


def failed(reply: Reply, sip_status: int) -> None:
    """Nobody took the caller: go on, knowing why."""
    state = reply.state
    state.transferring = False
    state.values["handoff_failed"] = why(sip_status)
    if nobody_took_over(reply):
        return
    if state.counts.get("over"):
        reply.end_call("failed")
        return
    begin_block(reply, "handoff", "failed")
    run(reply)
