"""The dialog, in conversation with callers of all kinds."""

from pathlib import Path

import pytest

from voicegw.call.commands import Effect, Hangup, Listen, Say, StartAction, Transfer
from voicegw.call.dialog_reply import HOLD_S
from voicegw.call.events import (
    ActionFinished,
    ActionResult,
    CallBegan,
    CallerHungUp,
    SilenceLasted,
    TranscriptFinal,
    TransferFailed,
    TransferLasted,
)
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.parse import parse
from voicegw.nlu.expecting import Expecting
from voicegw.testing import KeywordReader, Talk

ACME = Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml"
READER = KeywordReader(
    {
        "talk.person": ["person"],
        "talk.repeat": ["again"],
        "talk.goodbye": ["bye"],
        "talk.hold_on": ["hold on"],
        "talk.cancel": ["never mind"],
        "talk.help": ["what can you do"],
        "talk.upset": ["ridiculous"],
        "answer.opening_hours": ["open"],
        "task.order_status": ["where is", "status"],
        "task.refund": ["refund", "money back"],
    }
)
ORDERS = {
    "4567": {"state": "shipped", "arrives": "2026-03-19", "amount": "129.90", "refundable": True},
    "4568": {"state": "preparing", "arrives": "2026-03-20", "amount": "34.50", "refundable": True},
    "7788": {"state": "delivered", "delivered": "2026-01-10", "amount": "75.00", "refundable": False},
}


def status(arguments):
    order = ORDERS.get(str(arguments["order_id"]))
    return ("found", dict(order)) if order else ("not_found", {})


def refund(arguments):
    return "done", {"amount": ORDERS[str(arguments["order_id"])]["amount"]}


@pytest.fixture
def plan() -> Dialplan:
    return parse(ACME.read_text(), str(ACME))


@pytest.fixture
def talk(plan) -> Talk:
    talk = Talk(plan, READER, {"orders_db.order_status": status, "orders_db.refund": refund})
    talk.begins()
    return talk


def writes(talk: Talk) -> list[str]:
    return [request.tool for request in talk.requests if request.effect is Effect.WRITES]


def test_the_greeting_is_short_and_asks(plan):
    talk = Talk(plan, READER)
    assert talk.begins() == "Hi, this is Acme. How can I help?"
    likely = Expecting(hint="where is my order. I want a refund", likely=plan.said)
    assert talk.listening == Listen(likely, question="open")


def test_everything_in_one_sentence_is_answered_at_once(talk):
    said = talk.says("Hi, where is my order 4 5 6 7?")
    assert said == "Order 4 5 6 7 has shipped. It should arrive on Thursday. Anything else?"


def test_a_missing_number_is_asked_for_and_the_ear_is_told(talk):
    assert talk.says("where is my order") == "What's the order number?"
    assert talk.listening is not None
    assert talk.listening.expecting.kind == "digits"
    assert talk.listening.expecting.length == 4
    assert "Order 4 5 6 8 is being packed." in talk.says("four five six eight")


def test_a_side_question_is_answered_and_the_question_comes_back_in_other_words(talk):
    talk.says("where is my order")
    said = talk.says("are you open tomorrow")
    assert said == "We're open Monday to Friday, nine to five. Which order is it? Just the four digits."
    assert "has shipped" in talk.says("4567")


def test_a_number_in_two_breaths_is_put_together(talk):
    talk.says("where is my order")
    assert talk.says("four five") == "4 5, and then?"
    assert "Order 4 5 6 7 has shipped" in talk.says("six seven")


def test_a_number_can_be_keyed_in_while_it_is_asked_for(talk):
    talk.says("where is my order")
    assert "Order 4 5 6 7 has shipped" in talk.keys("4567")


def test_a_star_begins_the_number_again(talk):
    talk.says("where is my order")
    assert "Order 4 5 6 7 has shipped" in talk.keys("99*4567")


def test_key_zero_gets_a_person_unless_digits_are_asked_for(talk):
    talk.keys("0")
    assert isinstance(talk.ended, Transfer)


def test_keys_that_stop_are_taken_after_a_pause(talk):
    talk.says("where is my order")
    talk.keys("45")
    assert talk.is_silent() == "4 5, and then?"


def test_an_order_that_is_not_found_is_asked_for_again_then_a_person_helps(talk):
    talk.says("where is my order")
    assert talk.says("9999") == "I can't find order 9 9 9 9. Which order is it? Just the four digits."
    talk.says("9998")
    assert "put you through" in talk.says("9997")
    assert isinstance(talk.ended, Transfer)


def test_a_correction_after_the_answer_looks_up_the_other_order(talk):
    talk.says("where is order 4567")
    assert "Order 4 5 6 8 is being packed" in talk.says("no, I meant 4568")


def test_the_same_task_again_asks_for_another_number(talk):
    talk.says("where is order 4567")
    assert talk.says("and where is my other order") == "What's the order number?"


def test_another_task_keeps_the_number_that_was_given(talk):
    talk.says("where is order 4567")
    said = talk.says("I want my money back")
    assert said == "Order 4 5 6 7, 129 dollars and 90 cents. Shall I refund it?"


def test_nothing_is_changed_without_a_yes(talk):
    talk.says("refund order 4567 please")
    assert writes(talk) == []
    assert talk.says("no") == "Okay, I leave it as it is. Anything else?"
    assert writes(talk) == []


def test_a_yes_changes_it_once(talk):
    talk.says("refund order 4567 please")
    assert talk.says("yes please") == "Done. You get 129 dollars and 90 cents back within five days. Anything else?"
    talk.says("yes")
    assert writes(talk) == ["orders_db.refund"]


@pytest.mark.parametrize("words", ["yes no wait", "yes but not now", "yeah maybe", "yes, don't"])
def test_a_yes_with_a_no_beside_it_changes_nothing(talk, words):
    talk.says("refund order 4567 please")
    talk.says(words)
    assert writes(talk) == []


def test_a_doubtful_yes_is_asked_about_again(talk):
    talk.says("refund order 4567 please")
    assert "Please say yes or no" in talk.says("yes", confidence=0.2)
    assert writes(talk) == []


def test_a_yes_with_another_value_is_confirmed_anew(talk):
    talk.says("refund order 4567 please")
    said = talk.says("yes, but order 4568")
    assert "34 dollars and 50 cents" in said
    assert "4 5 6 8" in said
    assert writes(talk) == []
    talk.says("yes")
    assert [request.arguments for request in talk.requests if request.tool == "orders_db.refund"] == [
        {"order_id": "4568"}
    ]


def test_a_question_instead_of_a_yes_is_answered_and_nothing_is_changed(talk):
    talk.says("refund order 4567 please")
    said = talk.says("yes but are you open tomorrow")
    assert said.startswith("We're open")
    assert "refund" in said
    assert writes(talk) == []


def test_a_rule_that_forbids_it_is_said_and_a_person_offered(talk):
    said = talk.says("refund for order 7788")
    assert "can't be refunded any more" in said
    assert "talk to somebody" in said
    assert talk.says("no") == "Anything else?"
    assert writes(talk) == []


def test_two_tasks_in_one_sentence_are_done_one_after_the_other(talk):
    said = talk.says("where is order 4567 and I want a refund")
    assert "has shipped" in said
    assert said.endswith("Shall I refund it?")


def test_changing_task_in_the_middle_comes_back_to_the_first(talk):
    talk.says("refund order 4567")
    said = talk.says("where is it, what's the status")
    assert "has shipped" in said
    assert "Back to sending an order back." in said
    assert said.rstrip().endswith("Please say yes or no.")


def test_a_person_can_be_had_at_any_time(talk):
    talk.says("where is my order")
    assert talk.says("let me talk to a person") == "Sure, I'll put you through."
    assert talk.ended == Transfer("sip:service@pbx.acme.example", "the caller asked for a person", "order_status")
    assert talk.dialog.disposition == "handed_over"


def test_a_transfer_that_fails_comes_back(talk):
    talk.says("person")
    said = talk.happens(TransferFailed(486))
    assert said.startswith("I'm sorry, nobody is free right now.")
    assert "has shipped" in talk.says("where is order 4567")


@pytest.mark.parametrize(
    ("sip_status", "why"),
    [(486, "busy"), (600, "busy"), (408, "no_answer"), (480, "no_answer"), (603, "refused"), (403, "refused"),
     (405, "refused"), (404, "unreachable"), (503, "unreachable")],
)  # fmt: skip
def test_the_agent_knows_why_a_transfer_failed(talk, sip_status, why):
    talk.says("person")
    talk.happens(TransferFailed(sip_status))
    assert talk.dialog.state()["values"]["handoff_failed"] == why
    assert ("note", f"nobody took the call: {why}") in talk.dialog.lines


def test_a_caller_who_hangs_up_while_it_rings_was_not_handed_over(talk):
    talk.says("person")
    talk.happens(CallerHungUp())
    assert talk.dialog.disposition == "abandoned"


def test_a_caller_who_is_gone_to_a_person_was_handed_over(talk):
    talk.says("person")
    talk.happens(CallerHungUp(transferred=True))
    assert talk.dialog.disposition == "handed_over"


def test_a_worker_that_takes_over_during_a_transfer_waits_for_it_or_begins_it_again(talk):
    talk.says("person")
    assert talk.begins(resumed=True, transferring=True) == ""
    assert talk.begins(resumed=True) == "Sorry about that. Sure, I'll put you through."
    assert isinstance(talk.ended, Transfer)
    talk.happens(TransferFailed(486))
    talk.says("person")
    assert isinstance(talk.ended, Transfer), "a transfer that a lost worker began does not count twice"


def test_a_caller_hears_that_a_person_is_still_being_called(talk):
    talk.says("person")
    first, second = talk.happens(TransferLasted()), talk.happens(TransferLasted())
    assert first != second
    talk.happens(TransferFailed(486))
    assert talk.happens(TransferLasted()) == ""


def test_a_person_learns_what_was_tried(talk):
    talk.says("where is order 4567")
    assert talk.dialog.tried == ("task order_status: done", "orders_db.order_status: found")


def test_after_two_failed_transfers_the_call_ends_with_an_honest_word(talk):
    for _ in range(2):
        talk.says("person")
        talk.happens(TransferFailed(486))
    talk.says("person")
    assert talk.ended == Hangup("failed")


def test_repeat_says_the_last_reply_again(talk):
    first = talk.says("where is order 4567")
    assert talk.says("say that again") == first


def test_silence_is_met_with_other_words_each_time_then_a_way_out(talk):
    said = [talk.is_silent() for _ in range(3)]
    assert len(set(said)) == 3
    assert said[2].startswith("I can't hear you.")
    assert talk.ended == Hangup("abandoned")


def test_not_understanding_is_met_with_other_words_each_time_then_a_person(talk):
    said = [talk.says("blah") for _ in range(3)]
    assert len(set(said)) == 3
    assert isinstance(talk.ended, Transfer)


def test_a_slot_is_asked_as_often_as_it_says_with_help_in_between(talk):
    talk.says("where is my order")
    first = talk.says("blah")
    second = talk.says("blah")
    assert "Which order is it?" in first
    assert "confirmation e-mail" in second
    talk.says("blah")
    assert isinstance(talk.ended, Transfer)


def test_slow_down_says_it_again_at_an_easier_pace_and_keeps_to_it(plan):
    talk = Talk(plan, KeywordReader({"talk.slower": ["slow"], "task.order_status": ["where"]}))
    talk.begins()
    talk.says("where is my order")
    assert talk.says("slow down please") == "What's the order number?"
    assert [command.speed for command in talk.commands if isinstance(command, Say)] == [0.85]
    assert [command.speed for command in talk.dialog.on(SilenceLasted(6.0), 20.0) if isinstance(command, Say)] == [
        0.85,
        0.85,
    ]


def test_a_tool_call_carries_what_to_say_if_it_takes_long(talk):
    talk.says("where is order 4567")
    started = next(command for command in talk.commands if isinstance(command, StartAction))
    assert started.while_waiting == "Let me look that up."


def test_hold_on_rests_the_timers_until_the_caller_is_back(talk):
    talk.says("where is my order")
    talk.says("hold on a second")
    assert talk.listening is not None
    assert talk.listening.no_input_s == HOLD_S
    assert talk.listening.question == "order_id"
    talk.says("so, what did you need")
    assert talk.listening.no_input_s == talk.dialog.plan.limits.no_input.after_s


def test_never_mind_drops_the_task(talk):
    talk.says("where is my order")
    assert talk.says("never mind") == "Okay, never mind. Anything else?"


def test_anger_is_met_with_an_offer_of_a_person(talk):
    assert "person?" in talk.says("this is ridiculous")
    talk.says("yes")
    assert isinstance(talk.ended, Transfer)


def test_what_can_you_do_is_answered_with_the_titles(talk):
    assert talk.says("what can you do").startswith("I can help with where an order is and sending an order back.")


def test_no_after_anything_else_is_goodbye(talk):
    talk.says("where is order 4567")
    assert talk.says("no thanks") == "Thanks for calling Acme. Goodbye!"
    assert talk.ended == Hangup("completed")
    assert talk.says("hello?") == ""


def test_a_tool_that_fails_is_admitted_and_a_person_offered(plan):
    talk = Talk(plan, READER, {"orders_db.order_status": lambda arguments: ("failed", {})})
    talk.begins()
    assert "can't see the orders" in talk.says("where is order 4567")
    talk.says("yes")
    assert isinstance(talk.ended, Transfer)


def test_speech_while_a_tool_works_loses_nothing(plan):
    talk = Talk(plan, READER)
    talk.begins()
    talk.says("where is order 4567")
    assert talk.says("hello, are you there") == "I'm still on it."
    result = ActionResult(talk.requests[0].id, "orders_db.order_status", "found", ORDERS["4567"])
    assert "has shipped" in talk.happens(ActionFinished(result))


def test_a_result_that_comes_too_late_is_not_spoken(plan):
    talk = Talk(plan, READER)
    talk.begins()
    talk.says("where is order 4567")
    for _ in range(5):
        talk.is_silent()
    result = ActionResult(talk.requests[0].id, "orders_db.order_status", "found", ORDERS["4567"])
    assert talk.happens(ActionFinished(result)) == ""


def test_a_copy_runs_ahead_without_changing_the_dialog(talk):
    before = talk.dialog.state()
    copy = talk.dialog.copy()
    ahead = copy.on(TranscriptFinal("where is order 4567"), 9.0)
    assert talk.dialog.state() == before
    assert talk.dialog.on(TranscriptFinal("where is order 4567"), 9.0) == ahead


def test_a_dialog_goes_on_in_another_process_where_it_was(talk, plan):
    talk.says("refund order 4567")
    other = Talk(plan, READER, talk.tools)
    other.dialog = other.dialog.restored(talk.dialog.state())
    said = other.happens(CallBegan(resumed=True))
    assert said.startswith("Sorry about that.")
    assert "refund" in said
    assert other.says("yes").startswith("Done.")


def test_a_tool_in_flight_is_asked_for_again_by_the_same_id(plan):
    talk = Talk(plan, READER)
    talk.begins()
    talk.says("where is order 4567")
    other = Talk(plan, READER)
    other.dialog = other.dialog.restored(talk.dialog.state())
    other.happens(CallBegan(resumed=True))
    assert StartAction(talk.requests[0]) in other.commands


def test_a_call_that_is_too_long_is_given_to_a_person_then_ends(plan):
    talk = Talk(plan, READER)
    talk.begins()
    talk.now = 3600.0
    talk.says("where is my order")
    assert isinstance(talk.ended, Transfer)
    talk.happens(TransferFailed(486))
    assert isinstance(talk.ended, Hangup)


def test_constant_prompts_are_marked_for_the_cache_and_others_are_not(talk):
    talk.says("where is order 4567")
    marked = {command.text: command.repeats for command in talk.commands if isinstance(command, Say)}
    assert marked == {
        "Order 4 5 6 7 has shipped. It should arrive on Thursday.": False,
        "Anything else?": True,
    }


def test_a_caller_who_hangs_up_served_counts_as_completed(talk):
    talk.says("where is order 4567")
    talk.happens(CallerHungUp())
    assert talk.dialog.disposition == "completed"


def test_a_caller_who_hangs_up_at_once_counts_as_abandoned(talk):
    talk.happens(CallerHungUp())
    assert talk.dialog.disposition == "abandoned"
