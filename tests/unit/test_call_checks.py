"""What a real call must have been like, by what was recorded of it."""

from pydantic import BaseModel

from voicegw.dialplan.conversations import Conversation
from voicegw.dialplan.parse import parse
from voicegw.outcomes.record import TurnTaken
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.qa.call_checks import wrong
from voicegw.qa.dialplan_calls import script
from voicegw.qa.scenarios.evidence import ToolCall
from voicegw.qa.script import PressKeys, SayLine, WaitSeconds

PLAN = parse("""\
name: desk
numbers: ["1"]
greeting: Hello.
tasks:
  pay: {title: paying, examples: [pay], steps: [{ask: amount}]}
slots:
  amount: {type: digits, ask: [How much?, What?]}
handoff: {to: "sip:person@pbx.example", say: I'll put you through., failed: Sorry.}
limits:
  no_input: {after_s: 5, say: [Hm?], then: [{end: call}]}
  no_match: {say: [What?], then: [{transfer: was not understood}]}
""")


class Amount(BaseModel):
    amount: str


def conversation_of(*lines) -> Conversation:
    return Conversation.model_validate({"name": "one", "talk": list(lines)})


def judged(conversation: Conversation, *said: str, calls=(), disposition: str = "completed", slots=None) -> list[str]:
    turns = tuple(TurnTaken("c", index, 0.0, "", text) for index, text in enumerate(said))
    story = CallStory(CallRow("c", 0.0, slots=slots or {}, disposition=disposition), turns)
    return [failure.message for failure in wrong(PLAN, conversation, story, calls, {"bank.pay": Amount})]


def test_words_are_looked_for_in_the_order_of_the_lines():
    conversation = conversation_of({"caller": "pay", "agent": "How much?"}, {"caller": "5", "agent": "Shall I?"})
    assert judged(conversation, "Hello.", "How much?", "Shall I?") == []
    (message,) = judged(conversation, "Hello.", "Shall I?", "How much?")
    assert message.startswith("the agent must say 'Shall I?'")


def test_the_same_question_twice_must_be_asked_twice():
    conversation = conversation_of({"caller": "a", "agent": "Again?"}, {"caller": "b", "agent": "Again?"})
    assert judged(conversation, "Again?", "Again?") == []
    assert len(judged(conversation, "Again?")) == 1


def test_a_tool_must_be_called_with_what_the_test_says():
    conversation = conversation_of({"caller": "yes", "calls": {"bank.pay": {"amount": "5"}}})
    paid = ToolCall("bank.pay", {"amount": "5"}, "done", writes=True)
    assert judged(conversation, calls=[paid]) == []
    other = ToolCall("bank.pay", {"amount": "6"}, "done", writes=True)
    assert "bank.pay must be called with {'amount': '5'}" in judged(conversation, calls=[other])[0]


def test_nothing_is_changed_where_nothing_may_be():
    conversation = conversation_of({"caller": "no", "calls": []})
    assert judged(conversation, calls=[]) == []
    paid = ToolCall("bank.pay", {"amount": "5"}, "done", writes=True)
    assert "bank.pay must not be called" in judged(conversation, calls=[paid])[0]


def test_how_it_ends_and_what_is_never_said():
    assert judged(conversation_of({"caller": "no", "ends": "completed"})) == []
    assert (
        "must end as completed"
        in judged(conversation_of({"caller": "no", "ends": "completed"}), disposition="failed")[0]
    )
    person = conversation_of({"caller": "a person", "ends": "person"})
    assert judged(person, "I'll put you through.", "Sorry.", disposition="abandoned") == []
    assert "given to a person" in judged(person, "Hm?")[0]
    assert "must not say 'secret'" in judged(conversation_of({"caller": "a", "never": "secret"}), "A secret.")[0]


def test_slots_are_those_at_the_end_of_the_call():
    conversation = conversation_of({"caller": "5", "slots": {"amount": "5"}})
    assert judged(conversation, slots={"amount": "5"}) == []
    assert "amount must be '5', but is '6'" in judged(conversation, slots={"amount": "6"})[0]


def test_lines_become_what_a_caller_does():
    steps = script(PLAN, conversation_of({"caller": "order 4567"}, {"keys": "12#"}, {"silence": True})).steps
    assert isinstance(steps[0], SayLine)
    assert steps[0].text == "order four five six seven"
    assert steps[1:] == (PressKeys("12#", 900), WaitSeconds(6.5, after_ms=900))
