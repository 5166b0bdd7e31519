"""A write in conversation: what it is allowed with, what is promised if it is slow, what is said if it is refused."""

import json

import pytest

from voicegw.call.commands import SendWhenDone, StartAction
from voicegw.call.events import ActionFinished, ActionResult, CallBegan, CallerHungUp
from voicegw.dialplan.parse import parse
from voicegw.testing import KeywordReader, Talk

PLAN = """
name: shop
language: en
numbers: ["1"]
persona: You sell.
greeting: Hello.
slots:
  item: {type: digits, length: 2, ask: [Which?, Which one?]}
tasks:
  buy:
    title: buying
    examples: [a, b, c, d, e]
    steps:
      - ask: item
      - call: shop.buy
        with: [item]
        confirm: Shall I buy {item}?
        policy: {identity_level: 1}
        promise:
          after_s: 8
          say: I'll write to you.
          to: joe@example.com
          subject: Item {item}
          messages: {done: "Bought {item|plain}."}
          otherwise: Not bought.
        results:
          done: Bought.
handoff: {to: "sip:1@example.com", say: One moment., failed: [{say: Nobody.}]}
limits:
  no_input: {say: Hello?, then: [{end: call}]}
  no_match: {say: Sorry?, then: [{end: call}]}
"""


@pytest.fixture
def talk() -> Talk:
    caller = Talk(parse(PLAN), KeywordReader({"task.buy": ["buy"]}))
    caller.begins()
    caller.says("I want to buy 12")
    return caller


def agreed(talk: Talk) -> StartAction:
    talk.says("yes please")
    return next(command for command in talk.commands if isinstance(command, StartAction))


def ended(talk: Talk, action: StartAction, status: str, **values: object) -> str:
    return talk.happens(ActionFinished(ActionResult(action.request.id, action.request.tool, status, values)))


def promised(talk: Talk) -> list[SendWhenDone]:
    return [command for command in talk.commands if isinstance(command, SendWhenDone)]


def test_a_write_says_what_it_was_allowed_with(talk: Talk) -> None:
    request = agreed(talk).request
    assert request.consent is not None
    assert (request.consent.question, request.consent.answer) == ("Shall I buy 1 2?", "yes please")
    assert request.consent.values["item"] == "12"
    assert request.consent.policy == {"identity_level": 1}
    assert request.patience_s == 8


def test_what_takes_too_long_is_promised_and_the_talk_goes_on(talk: Talk) -> None:
    action = agreed(talk)
    assert ended(talk, action, "too_slow").startswith("I'll write to you.")
    (message,) = promised(talk)
    assert (message.request.id, message.to, message.subject) == (action.request.id, "joe@example.com", "Item 12")
    assert message.messages == {"done": "Bought {item|plain}.", "otherwise": "Not bought."}
    assert message.values["item"] == "12"
    assert isinstance(talk.commands[0], SendWhenDone)  # stored before it is said
    assert ended(talk, action, "done") == ""


def test_who_hangs_up_before_the_result_is_told_by_message(talk: Talk) -> None:
    agreed(talk)
    talk.happens(CallerHungUp())
    assert len(promised(talk)) == 1


def test_who_has_heard_the_result_gets_no_message(talk: Talk) -> None:
    assert ended(talk, agreed(talk), "done").startswith("Bought.")
    talk.happens(CallerHungUp())
    assert promised(talk) == []


@pytest.mark.parametrize(
    ("reason", "words"),
    [("amount", "more than I'm allowed"), ("identity", "who you are"), ("hours", "time of day"), ("rate", "as often")],
)
def test_a_policy_that_refuses_says_why(talk: Talk, reason: str, words: str) -> None:
    said = ended(talk, agreed(talk), "refused", refused_for=reason)
    assert said.startswith("I'm sorry, I can't do that:")
    assert words in said


def test_a_failure_says_that_nothing_was_changed(talk: Talk) -> None:
    assert "Nothing has been changed" in ended(talk, agreed(talk), "failed")


def test_another_worker_asks_for_the_same_again(talk: Talk) -> None:
    action = agreed(talk)
    stored = json.loads(json.dumps(talk.dialog.state()))
    talk.dialog = talk.dialog.restored(stored)
    talk.happens(CallBegan(resumed=True))
    again = next(command for command in talk.commands if isinstance(command, StartAction))
    assert again.request == action.request
