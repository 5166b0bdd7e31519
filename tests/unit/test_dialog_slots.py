"""Slots of every type in conversation: asked, confirmed, corrected, refused; tasks that run tasks."""

from dataclasses import replace
from pathlib import Path

import pytest

from voicegw.call.commands import Hangup, Transfer
from voicegw.call.dialog_slots import expecting, option
from voicegw.call.dialog_state import Question, State
from voicegw.call.patience import PATIENCE, patience_of
from voicegw.dialplan import files
from voicegw.dialplan.parse import parse
from voicegw.dialplan.slots import Choice
from voicegw.testing import KeywordReader, Talk

PLAN = parse((Path(__file__).parent / "dialplans" / "everything.yaml").read_text())
READER = KeywordReader(
    {
        "task.book": ["table"],
        "task.pay": ["pay"],
        "task.report": ["broken", "leak"],
        "talk.back": ["go back"],
        "talk.help": ["help"],
        "answer.hours": ["open"],
    }
)


def done(arguments):
    return "done", {}


@pytest.fixture
def talk() -> Talk:
    found = {"crm.find": lambda arguments: ("found", {}) if arguments["account"] == "123456" else ("not_found", {})}
    caller = Talk(PLAN, READER, found | {"desk.book": done, "bank.pay": done, "desk.report": done})
    caller.begins()
    return caller


def arguments_of(talk: Talk, tool: str) -> list[dict[str, object]]:
    return [dict(request.arguments) for request in talk.requests if request.tool == tool]


def test_a_notice_comes_first_and_cannot_be_cut_short():
    caller = Talk(PLAN, READER)
    assert caller.begins().startswith("This call is recorded. ")
    assert [command.interruptible for command in caller.commands[:2]] == ["no", "voice"]


def test_a_task_runs_another_first_and_goes_on(talk):
    assert talk.says("I want a table") == "Which account?"
    assert talk.says("1 2 3 4 5 6") == "That's 1 2 3, 4 5 6, right?"
    assert talk.says("yes") == "How many?"


def test_what_was_done_once_in_a_call_is_not_done_again(talk):
    talk.says("I want to pay account 123456")
    assert talk.says("yes") == "How much?"
    talk.says("twenty dollars")
    talk.says("never mind")
    assert talk.says("I want a table") == "How many?"
    assert len(arguments_of(talk, "crm.find")) == 1


def test_a_value_that_was_heard_wrong_is_asked_for_again(talk):
    talk.says("I want a table, account 123457")
    assert talk.says("no") == "Okay, let's try again. Which account?"
    assert talk.says("123456") == "I have 1 2 3, 4 5 6. Is that right?"


def test_a_wrong_value_is_replaced_in_the_same_breath(talk):
    talk.says("I want a table, account 123457")
    assert talk.says("no, 123456") == "I have 1 2 3, 4 5 6. Is that right?"
    assert talk.says("yes") == "How many?"


def test_an_account_that_is_not_found_is_asked_for_again_in_the_inner_task(talk):
    talk.says("I want a table, account 999999")
    assert talk.says("yes") == "I can't find 9 9 9, 9 9 9. Which account?"


def test_a_booking_is_filled_in_one_sentence_and_confirmed(talk):
    talk.says("a table for two people on Friday at 7 pm")
    talk.says("123456")
    said = talk.says("yes")
    assert said.endswith("2 on Friday, March 20th at 7 PM?")
    assert "Okay, 2." in said
    assert talk.says("yes").startswith("Booked.")
    assert arguments_of(talk, "desk.book") == [{"people": 2, "at": "2026-03-20 19:00"}]


def test_a_value_corrected_at_the_confirmation_is_confirmed_anew(talk):
    talk.says("a table for two people on Friday at 7 pm")
    talk.says("123456")
    talk.says("yes")
    assert "Thursday" in talk.says("no, on Thursday")
    assert arguments_of(talk, "desk.book") == []
    talk.says("yes")
    assert arguments_of(talk, "desk.book")[0]["at"] == "2026-03-19 19:00"


def test_a_number_out_of_range_is_not_taken(talk):
    talk.says("a table, account 123456")
    talk.says("yes")
    assert talk.says("forty people") == "I got 40, and that can't be right. For how many?"


def test_a_day_in_the_past_is_not_taken(talk):
    talk.says("a table for two people, account 123456")
    talk.says("yes")
    assert "can't be right" in talk.says("the tenth of March 2026")


def test_a_card_with_a_wrong_check_digit_is_asked_for_again_then_got_around(talk):
    talk.says("I want to pay account 123456")
    talk.says("yes")
    talk.says("twenty dollars")
    assert talk.keys("4539578763621487") == "Sorry? The card number?"
    talk.keys("4539578763621487")
    assert talk.keys("4539578763621487") == "Then we do it by mail. Anything else?"


def test_a_card_is_keyed_in_and_stays_hidden(talk):
    talk.says("I want to pay account 123456")
    talk.says("yes")
    talk.says("twenty dollars")
    assert talk.keys("4539578763621486") == "Pay 20 dollars?"
    assert talk.dialog.spoken_slots()["card"] == "***"
    assert talk.says("yes") == "All paid."
    assert talk.listening is not None


def test_a_no_to_a_payment_is_followed_by_what_the_dialplan_offers(talk):
    talk.says("I want to pay account 123456")
    talk.says("yes")
    talk.says("twenty dollars")
    talk.keys("4539578763621486")
    assert talk.says("no") == "Not paid. Shall I ask for another amount?"
    assert talk.says("yes") == "What amount?"
    assert talk.says("thirty dollars") == "Pay 30 dollars?"
    talk.says("yes")
    assert [paid["card"] for paid in arguments_of(talk, "bank.pay")] == ["4539578763621486"]


def test_keys_answer_yes_and_no(talk):
    talk.says("I want a table, account 123456")
    assert talk.keys("1") == "How many?"


def test_a_choice_is_taken_from_the_first_sentence_and_a_condition_goes_by_it(talk):
    assert talk.says("there is a leak, I think a smell of gas") == "Is it urgent?"
    talk.says("yes")
    talk.says("12 Main Street")
    talk.says("for two hours")
    assert "Please leave the house." in talk.says("between nine and noon")
    assert isinstance(talk.ended, Transfer)


SERVICES = Choice(
    type="choice",
    ask=("What is it for?",),
    options={"cleaning": ("teeth cleaned",), "filling": (), "gas": (), "toothache": ()},
)


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("I need a fill in tomorrow", "filling"),
        ("I'd like to get my teeth clean", "cleaning"),
        ("I have a tooth ache", "toothache"),
        ("a cleaning, not a filling", "cleaning"),
        ("I have a feeling that it hurts", None),
        ("it's good", None),
    ],
)
def test_an_option_is_known_when_a_letter_or_two_was_misheard(heard, meant):
    assert option(SERVICES, heard) == meant


def test_the_ear_is_told_what_callers_are_likely_to_say():
    (plan,) = files.load(Path(__file__).parents[2] / "dialplans" / "riverside-dental.yaml")
    hint = expecting(plan, State(question=Question("open"))).hint
    assert "I'd like to make an appointment" in hint
    assert "checkup, cleaning, filling, toothache" in hint


def test_a_question_that_comes_with_an_answer_is_answered(talk):
    talk.says("it is broken")
    assert talk.says("gas, and when are you open?") == "Always. Is it urgent?"


def test_a_choice_can_be_keyed_in(talk):
    assert talk.says("it is broken") == "Gas or water?"
    assert talk.keys("2") == "Is it urgent?"


def test_text_is_taken_as_it_is_said_and_the_call_ends_after_the_task(talk):
    talk.says("it is broken")
    for answer in ("water", "no", "12 Main Street", "two hours", "from 9 to 12"):
        talk.says(answer)
    assert talk.says("The cellar is full and it keeps coming") == "Your name?"
    talk.says("Joe Miller")
    talk.says("yes")
    talk.says("555 010 0199")
    talk.says("joe at example dot com")
    talk.says("yes")
    assert talk.says("A B 1 2 C D") == "Shall I send somebody?"
    talk.says("yes")
    assert talk.ended == Hangup("completed")
    assert arguments_of(talk, "desk.report") == [{"kind": "water", "story": "The cellar is full and it keeps coming"}]


def test_a_question_can_have_figures_of_its_own():
    slot = PLAN.slots["country"]
    assert patience_of(slot.patience) == replace(PATIENCE["normal"], complete_ms=250)


def test_long_answers_are_given_time_and_short_ones_are_not_kept_waiting(talk):
    talk.says("it is broken, no water")
    assert talk.listening.patience == PATIENCE["normal"]
    talk.says("no")
    assert (talk.listening.question, talk.listening.patience) == ("place", PATIENCE["patient"])


def test_going_back_asks_for_the_last_value_again(talk):
    talk.says("a table for two people, account 123456")
    talk.says("yes")
    talk.says("Friday")
    assert talk.says("go back please").endswith(("Which day?", "When?"))
