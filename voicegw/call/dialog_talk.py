"""What callers say on any call: repeat, wait, stop, give me a person, goodbye."""

from collections.abc import Callable

from voicegw.call.commands import Say
from voicegw.call.dialog_reply import Reply
from voicegw.call.dialog_steps import end_task, hand_over, rewind, run
from voicegw.dialplan import talk

SLOWER_BY = 0.15
SLOWEST = 0.7


def _person(reply: Reply) -> None:
    hand_over(reply, "the caller asked for a person")


def _goodbye(reply: Reply) -> None:
    reply.end_call("completed")


def _repeat(reply: Reply) -> None:
    reply.commands += [Say(text) for text in reply.state.said]


def _slower(reply: Reply) -> None:
    """The last reply again, and all that follows, at an easier pace."""
    reply.state.speed = max(SLOWEST, round(reply.state.speed - SLOWER_BY, 2))
    _repeat(reply)


def _hold_on(reply: Reply) -> None:
    reply.phrase("take_your_time")
    reply.hold_on()


def _cancel(reply: Reply) -> None:
    """Drop the task in progress; one that it interrupted goes on."""
    reply.phrase("cancelled")
    reply.state.queue = []
    end_task(reply)
    run(reply)


def _back(reply: Reply) -> None:
    """To the slot that was filled last."""
    slots = reply.state.slots
    latest = max(slots, key=lambda name: slots[name].turn, default="")
    if not latest or not reply.state.stack:
        _repeat(reply)
        return
    del slots[latest]
    rewind(reply, latest)
    run(reply)


def _help(reply: Reply) -> None:
    """What the open question means, or what can be done here."""
    question = reply.state.question
    slot = reply.plan.slots.get(question.name) if question and question.kind == "slot" else None
    if slot and slot.help:
        reply.say(slot.help)
        reply.ask_again()
        return
    titles = [task.title for task in reply.plan.tasks.values() if task.examples]
    reply.phrase("can_do", titles=titles)
    _ask_what(reply)


def _upset(reply: Reply) -> None:
    reply.ask_phrase("person", "sorry_person")


def _thanks(reply: Reply) -> None:
    reply.phrase("you_are_welcome")
    reply.come_back()


def _hello(reply: Reply) -> None:
    reply.phrase("hello")
    _ask_what(reply)


def _ask_what(reply: Reply) -> None:
    """What the caller wants, if nothing was asked for yet; else the open question."""
    question = reply.state.question
    if question and question.kind == "open":
        reply.ask_phrase("open", "how_can_i_help")
    else:
        reply.come_back()


TALK: dict[str, Callable[[Reply], None]] = {
    talk.PERSON: _person,
    talk.GOODBYE: _goodbye,
    talk.REPEAT: _repeat,
    talk.SLOWER: _slower,
    talk.HOLD_ON: _hold_on,
    talk.CANCEL: _cancel,
    talk.BACK: _back,
    talk.HELP: _help,
    talk.UPSET: _upset,
    talk.THANKS: _thanks,
    talk.HELLO: _hello,
}
"""What is done for each in-built intent."""
URGENT = (talk.PERSON, talk.REPEAT, talk.SLOWER, talk.HOLD_ON)
"""Those that come before the answer to an open question."""
