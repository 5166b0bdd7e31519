"""Secrets in a conversation: the dialog knows that one was given, and its token, and nothing else of it."""

from voicegw.call.commands import Listen
from voicegw.call.dialog_keys import KEY_PAUSE_S
from voicegw.call.dialog_miss import miss
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_slots import expecting
from voicegw.call.dialog_state import Filled
from voicegw.call.dialog_steps import rewind, run
from voicegw.call.events import SecretBegun, SecretGiven


def begun(reply: Reply, event: SecretBegun) -> None:
    """A part of it: the rest is waited for."""
    if event.spoken:
        reply.phrase("go_on")
    reply.commands.append(Listen(expecting(reply.plan, reply.state), reply.state.question_name, no_input_s=KEY_PAUSE_S))
    reply.quiet()


def given(reply: Reply, event: SecretGiven) -> None:
    """It is whole: go on with its token, or ask again."""
    state = reply.state
    if not event.plausible:
        miss(reply)
        return
    before = state.slots.get(event.slot)
    state.slots[event.slot] = Filled(event.token, turn=state.turn, confirmed=True)
    if state.question and state.question.name == event.slot:
        state.question = None
        run(reply)
    elif before and state.stack:
        rewind(reply, event.slot)
        run(reply)
    else:
        reply.quiet()  # said unasked: what else was said decides
