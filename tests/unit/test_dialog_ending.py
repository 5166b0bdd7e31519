"""The service goes down in the middle of a call."""

from pathlib import Path

from voicegw.call.commands import Hangup, StartAction, Transfer
from voicegw.call.events import ActionFinished, ActionResult, PersonWanted, ServiceGoesDown, TransferFailed
from voicegw.dialplan.parse import parse
from voicegw.testing import KeywordReader, Talk

PLAN = parse((Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml").read_text())
READ = KeywordReader({"task.order_status": ["where"], "task.refund": ["refund"]})
FOUND = {"state": "shipped", "arrives": "2026-03-19", "amount": "10", "refundable": True}
LOOKED_UP = {"orders_db.order_status": lambda arguments: ("found", FOUND)}


def talk(tools=LOOKED_UP) -> Talk:
    conversation = Talk(PLAN, READ, tools)
    conversation.begins()
    return conversation


def test_the_caller_is_given_to_a_person():
    caller = talk()
    assert caller.happens(ServiceGoesDown()).startswith("I'm sorry, I have to stop here.")
    assert isinstance(caller.ended, Transfer)
    assert caller.dialog.disposition == "handed_over"


def test_it_is_said_only_once():
    caller = talk()
    caller.happens(ServiceGoesDown())
    assert caller.happens(ServiceGoesDown()) == ""
    assert caller.commands == []


def test_where_no_person_can_be_had_the_caller_is_asked_to_call_again():
    caller = talk()
    caller.happens(ServiceGoesDown())
    assert "Please call again in a few minutes." in caller.happens(TransferFailed(486))
    assert caller.ended == Hangup("failed")


def test_a_lookup_is_not_waited_for():
    caller = talk({})
    caller.says("where is my order")
    caller.says("4567")
    asked = [command.request for command in caller.commands if isinstance(command, StartAction)]
    assert asked
    caller.happens(ServiceGoesDown())
    assert isinstance(caller.ended, Transfer)
    assert caller.happens(ActionFinished(ActionResult(asked[0].id, asked[0].tool, "found", FOUND))) == ""


def test_what_is_being_changed_is_told_first():
    caller = talk()
    for words in ("a refund please", "4567", "yes"):
        caller.says(words)
    asked = [command.request for command in caller.commands if isinstance(command, StartAction)]
    assert [request.tool for request in asked] == ["orders_db.refund"]
    assert caller.happens(ServiceGoesDown()) == ""
    assert "10" in caller.happens(ActionFinished(ActionResult(asked[0].id, asked[0].tool, "done", FOUND)))
    caller.happens(ServiceGoesDown())
    assert isinstance(caller.ended, Transfer)


def test_whoever_looks_on_can_have_a_person_take_the_caller():
    caller = talk()
    caller.happens(PersonWanted())
    assert isinstance(caller.ended, Transfer)
    assert caller.ended.reason == "wanted from the console"
    assert caller.happens(PersonWanted()) == ""
    assert caller.commands == []


def test_a_person_who_is_wanted_while_something_is_being_changed_comes_when_it_is_known():
    caller = talk()
    for words in ("a refund please", "4567", "yes"):
        caller.says(words)
    asked = [command.request for command in caller.commands if isinstance(command, StartAction)]
    assert caller.happens(PersonWanted()) == ""
    assert caller.ended is None
    said = caller.happens(ActionFinished(ActionResult(asked[0].id, asked[0].tool, "done", FOUND)))
    assert said == "Done. You get 10 dollars back within five days. Sure, I'll put you through."
    assert isinstance(caller.ended, Transfer)


def test_a_person_who_is_wanted_is_remembered_by_the_worker_that_takes_over():
    caller = talk()
    for words in ("a refund please", "4567", "yes"):
        caller.says(words)
    asked = [command.request for command in caller.commands if isinstance(command, StartAction)]
    caller.happens(PersonWanted())
    caller.dialog = caller.dialog.restored(caller.dialog.state())
    caller.happens(ActionFinished(ActionResult(asked[0].id, asked[0].tool, "done", FOUND)))
    assert isinstance(caller.ended, Transfer)
