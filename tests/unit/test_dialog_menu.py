"""A call that goes by keys, since the machine has no time to listen."""

from pathlib import Path

from voicegw.call.commands import StartAction, Transfer
from voicegw.dialplan.parse import parse
from voicegw.testing import KeywordReader, Talk

PLAN = parse((Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml").read_text())
FOUND = {"state": "delivered", "delivered": "2026-03-12", "amount": "10", "refundable": True}


def talk() -> Talk:
    return Talk(PLAN, KeywordReader({}), {"orders_db.order_status": lambda arguments: ("found", FOUND)})


def key_of(menu: str, title: str) -> str:
    return menu.partition(f"{title}, press ")[2][0]


def test_the_menu_names_every_task_and_a_person():
    menu = talk().begins(by_keys=True)
    assert all(task.title in menu for task in PLAN.tasks.values() if task.examples)
    assert menu.endswith("For a person, press 0.")


def test_a_whole_refund_goes_by_keys():
    caller = talk()
    menu = caller.begins(by_keys=True)
    assert "key it in" in caller.keys(key_of(menu, PLAN.tasks["refund"].title))
    assert "Press 1 for yes, 2 for no." in caller.keys("1234#")
    caller.keys("1")
    assert "orders_db.refund" in [c.request.tool for c in caller.commands if isinstance(c, StartAction)]


def test_after_something_is_done_the_menu_comes_again():
    caller = talk()
    menu = caller.begins(by_keys=True)
    caller.keys(key_of(menu, PLAN.tasks["order_status"].title))
    assert "For a person, press 0." in caller.keys("4567#")


def test_a_key_that_means_nothing_is_asked_again_and_0_is_a_person():
    caller = talk()
    caller.begins(by_keys=True)
    assert "For a person, press 0." in caller.keys("9")
    caller.keys("0")
    assert isinstance(caller.ended, Transfer)


def test_who_lost_a_worker_still_goes_by_keys():
    caller = talk()
    caller.begins(by_keys=True)
    other = caller.dialog.restored(caller.dialog.state())
    assert other.state()["by_keys"]
