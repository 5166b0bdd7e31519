"""Which version of a dialplan answers whom."""

from pathlib import Path

import pytest

from voicegw.dialplan.parse import parse
from voicegw.publishing.record import InForce
from voicegw.publishing.routes import Routes, Served, gets_trial

ACME = (Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml").read_text()
NUMBERS = 'numbers: ["5000", "+15550100"]'
PLAN = parse(ACME)
FOR_ALL = parse(ACME.replace("name: acme-orders", "name: rest").replace(NUMBERS, 'numbers: ["*"]'))
CALLERS = [f"+1555{number:07}" for number in range(2000)]


def routes(percent: int = 0, trial: int | None = None, trial_plan=PLAN) -> Routes:
    in_force = InForce("acme-orders", 3, trial, percent)
    return Routes([Served(in_force, PLAN, trial_plan if trial else None), Served(InForce("rest"), FOR_ALL)])


def test_the_test_edits_what_it_means_to():
    assert NUMBERS in ACME


def test_a_number_finds_its_dialplan_else_the_one_for_all():
    assert routes().find("5000", "200", "c1") == ("acme-orders", 3)
    assert routes().find("7000", "200", "c1") == ("rest", 0)
    assert Routes([Served(InForce("acme-orders", 3), PLAN)]).find("7000", "200", "c1") is None


def test_where_two_claim_a_number_the_first_has_it():
    other = parse(ACME.replace("name: acme-orders", "name: late"))
    both = Routes([Served(InForce("acme-orders", 3), PLAN), Served(InForce("late"), other)])
    assert both.find("5000", "200", "c1") == ("acme-orders", 3)


@pytest.mark.parametrize("percent", [5, 20, 50])
def test_a_share_of_the_callers_gets_the_trial(percent):
    answered = [routes(percent, 4).find("5000", caller, "c1") for caller in CALLERS]
    share = 100 * answered.count(("acme-orders", 4)) / len(CALLERS)
    assert abs(share - percent) < 3


def test_a_caller_who_calls_again_gets_the_same_and_keeps_it_while_the_share_grows():
    small, large = routes(10, 4), routes(50, 4)
    for caller in CALLERS:
        first = small.find("5000", caller, "c1")
        assert small.find("5000", caller, "c2") == first
        assert small.find("5000", caller.removeprefix("+"), "c3") == first
        if first == ("acme-orders", 4):
            assert large.find("5000", caller, "c4") == first


def test_the_next_trial_meets_other_callers():
    first = {caller for caller in CALLERS if gets_trial(InForce("acme-orders", 3, 4, 10), caller)}
    second = {caller for caller in CALLERS if gets_trial(InForce("acme-orders", 4, 5, 10), caller)}
    assert len(first & second) < len(first) / 3


def test_callers_who_withhold_their_number_are_dealt_out_by_call():
    answered = {routes(50, 4).find("5000", "", f"call-{number}") for number in range(50)}
    assert answered == {("acme-orders", 3), ("acme-orders", 4)}
    assert len({routes(50, 4).find("5000", "", "call-1") for _ in range(5)}) == 1


def test_a_trial_that_does_not_know_a_number_does_not_answer_it():
    narrower = parse(ACME.replace(NUMBERS, 'numbers: ["5000"]'))
    answered = {routes(50, 4, narrower).find("+15550100", caller, "c1") for caller in CALLERS}
    assert answered == {("acme-orders", 3)}
