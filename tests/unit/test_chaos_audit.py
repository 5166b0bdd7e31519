"""The audit after chaos finds what must never be."""

from dataclasses import replace

import pytest

from voicegw.outcomes.action import ActionRow
from voicegw.outcomes.record import TurnTaken
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.qa.chaos.audit import Caller, Evidence, violations
from voicegw.qa.chaos.world import Effect

ROW = ActionRow(
    "c1/book-1/x", "c1", "sip:joe@here", "book", "world.book", {"item": "123456"}, "123456", "May I?", "yes", 1.0, "me",
    state="changed", status="done", notice={}, notice_status="done",
)  # fmt: skip
TURNS = (
    TurnTaken("c1", 0, 0.0, "", "Booking desk.", question="open"),
    TurnTaken("c1", 1, 1.0, "123456", "Shall I book and pay it?", question="world.book"),
    TurnTaken("c1", 2, 2.0, "Yes, please.", "Done. It is booked. You will get a message.", question="more"),
)
CALL = CallStory(CallRow("c1", 0.0, caller="sip:joe@here", disposition="completed"), TURNS)
BOOKED, PAID = Effect("book", "123456", "k1"), Effect("pay", "123456", "k2")
SENT = Effect("send", "123456", "c1/book-1/x/notice/run", "booked 123456")
WELL = Evidence((Caller("joe", "123456", True, True),), (BOOKED, PAID, SENT), (ROW,), (CALL,))


def test_a_world_in_order_has_no_violations() -> None:
    assert violations(WELL) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"effects": (BOOKED, SENT)}, "booked 1 and paid 0 times"),
        ({"effects": (BOOKED, replace(BOOKED, key="k3"), PAID, SENT)}, "booked 2 and paid 1 times"),
        ({"actions": (replace(ROW, state="unchanged"),)}, "changed nothing, but 123456 was booked 1"),
        ({"actions": (replace(ROW, state="unsure"),)}, "was left unsure"),
        ({"actions": (replace(ROW, state="at_work"),)}, "was left at_work"),
        ({"callers": (Caller("joe", "123456", False, True),)}, "no caller had agreed"),
        ({"actions": ()}, "no action is recorded"),
        ({"actions": ()}, "the yes of c1 was lost"),
        ({"actions": ()}, "heard that it is booked, and it is not"),
        ({"effects": (BOOKED, PAID)}, "promised the message 'booked 123456': [] went out"),
        ({"effects": (BOOKED, PAID, SENT, SENT)}, "promised the message"),
        ({"effects": (BOOKED, PAID, replace(SENT, text="not booked 123456"))}, "promised the message"),
        ({"actions": (replace(ROW, notice_status=None),)}, "was promised a message that nobody knows of"),
        ({"calls": ()}, "the call of joe has 0 rows"),
        ({"calls": (CALL, replace(CALL, call=replace(CALL.call, call_id="c2")))}, "the call of joe has 2 rows"),
        ({"calls": (replace(CALL, call=replace(CALL.call, disposition=None)),)}, "was never closed"),
    ],
)  # fmt: skip
def test_what_is_not_in_order_is_said(change: dict[str, object], words: str) -> None:
    found = violations(replace(WELL, **change))
    assert any(words in violation for violation in found), found


def test_a_yes_that_was_asked_about_again_is_none() -> None:
    asked_again = replace(TURNS[2], question="world.book", agent_text="Book and pay it, yes or no?")
    story = replace(CALL, turns=(*TURNS[:2], asked_again))
    assert violations(replace(WELL, effects=(), actions=(), calls=(story,))) == []
