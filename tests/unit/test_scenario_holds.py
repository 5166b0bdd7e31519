"""What must hold of a scenario, against what was seen: every way to fail is found, at its place."""

from typing import Any

import pytest

from voicegw.qa.scenarios.evidence import Changes, Evidence, Reply, Sip, SippResult, ToolCall
from voicegw.qa.scenarios.holds import Failure, failures
from voicegw.qa.scenarios.model import Runner, Scenario

REFUND = ToolCall("orders.refund", {"order_id": "1234"}, "done", writes=True)
OTHER = ToolCall("orders.refund", {"order_id": "9"}, "done", writes=True)
STATUS = ToolCall("orders.status", {"order_id": "1234"}, "found")


def scenario(line: dict[str, Any] | None = None, **holds: Any) -> Scenario:
    return Scenario.model_validate({"name": "x", "talk": [{"caller": "hello", **(line or {})}], "holds": holds})


def failed(wanted: Scenario, evidence: Evidence, runner: Runner = "text") -> list[Failure]:
    return failures(wanted, runner, evidence, lambda meaning, said: 1.0 if meaning == said else 0.0)


def one(**values: Any) -> Evidence:
    return Evidence(replies=(Reply(**values),))


@pytest.mark.parametrize(
    ("line", "good", "bad"),
    [
        ({"agent": "has shipped"}, {"said": "It HAS shipped."}, {"said": "It was lost."}),
        ({"agent": "/ship(ped)?$/"}, {"said": "shipped"}, {"said": "shipped today"}),
        ({"never": "Done"}, {"said": "Not yet."}, {"said": "All done."}),
        ({"means": "We are open."}, {"said": "We are open."}, {"said": "We are closed."}),
        ({"slots": {"order_id": "1234"}}, {"slots": {"order_id": "1234"}}, {"slots": {"order_id": "1235"}}),
        ({"calls": {"orders.refund": {"order_id": "1234"}}}, {"calls": (REFUND,)}, {"calls": ()}),
        ({"calls": {"orders.refund": {"order_id": "9"}}}, {"calls": (OTHER,)}, {"calls": (REFUND,)}),
        ({"calls": ["orders.status"]}, {"calls": (STATUS,)}, {"calls": (STATUS, REFUND)}),
        ({"calls": []}, {"calls": ()}, {"calls": (STATUS,)}),
        ({"task": "refund"}, {"task": "refund"}, {"task": "status"}),
        ({"ends": "completed"}, {"ended": "completed"}, {"ended": ""}),
        ({}, {"ended": ""}, {"ended": "person"}),
    ],
)  # fmt: skip
def test_what_a_line_wants_holds_or_is_told_at_its_place(
    line: dict[str, Any], good: dict[str, Any], bad: dict[str, Any]
) -> None:
    wanted = scenario(line)
    assert failed(wanted, one(**good)) == []
    (failure,) = failed(wanted, one(**bad))
    assert failure.loc == ("talk", 0, next(iter(line), "ends"))


@pytest.mark.parametrize(
    ("line", "good", "bad"),
    [
        ({"within_ms": 800}, {"latency_ms": 790.0}, {"latency_ms": 810.0}),
        ({"within_ms": 800}, {"latency_ms": 1.0}, {"latency_ms": None}),
        ({"over_ms": 500, "stops_within_ms": 300}, {"stop_ms": 200.0}, {"stop_ms": 400.0}),
        ({"over_ms": 500, "aside": True}, {"silenced": False}, {"silenced": True}),
    ],
)
def test_times_are_looked_at_where_there_is_sound(
    line: dict[str, Any], good: dict[str, Any], bad: dict[str, Any]
) -> None:
    wanted = scenario(line)
    assert failed(wanted, one(**good), "sip") == []
    assert len(failed(wanted, one(**bad), "sip")) == 1
    assert failed(wanted, one(**bad), "text") == []


def test_a_write_that_runs_twice_or_unasked_is_told() -> None:
    assert failed(scenario(calls={"orders.refund": 1}), Evidence(replies=(Reply(),), calls=(REFUND,))) == []
    (twice,) = failed(scenario(calls={"orders.refund": 1}), Evidence(replies=(Reply(),), calls=(REFUND, REFUND)))
    assert "must run once, but ran twice" in twice.message
    (unasked,) = failed(scenario(calls={"orders.status": 1}), Evidence(replies=(Reply(),), calls=(STATUS, REFUND)))
    assert "must not run" in unasked.message


def test_the_backend_must_have_changed_so_and_not_otherwise() -> None:
    wanted = scenario(backend={"shop.refunds": {"added": [{"id": "1234", "amount": 18}]}})
    row = {"id": "1234", "amount": 18.0, "at": "today"}
    assert failed(wanted, Evidence(replies=(Reply(),), backend={"shop.refunds": Changes(added=(row,))})) == []
    for backend in (
        {},
        {"shop.refunds": Changes(added=(row, row))},
        {"shop.refunds": Changes(added=({**row, "amount": 19},))},
        {"shop.refunds": Changes(added=(row,)), "shop.orders": Changes(removed=({"id": "1"},))},
    ):
        assert failed(wanted, Evidence(replies=(Reply(),), backend=backend))


def test_a_call_that_ends_early_fails_at_the_line_it_did_not_come_to() -> None:
    wanted = Scenario.model_validate({"name": "x", "talk": [{"caller": "a"}, {"caller": "b"}]})
    (failure,) = failed(wanted, one())
    assert failure.loc == ("talk", 1)


def test_what_is_wrong_on_the_wire_or_in_the_row_is_told() -> None:
    wanted = scenario(
        {"slots": {"order_id": "1234"}},
        sip={"status": 200, "ended_by": "agent", "codec": "PCMA", "setup_within_ms": 100},
        outcome={"disposition": "completed", "least_turns": 2},
        slowest_ms=1000,
        talked_over_ms=0,
        cut_offs=0,
        holes=0,
    )
    row = {"disposition": "completed", "task": "", "ended_by": "agent", "slots": {"order_id": "1234"}, "turns": 2}
    good = Evidence(
        replies=(Reply(latency_ms=900.0),), outcome=row, sip=Sip(200, "agent", "PCMA", setup_ms=50.0, holes=0)
    )
    assert failed(wanted, good, "sip") == []
    bad = Evidence(
        replies=(Reply(latency_ms=1100.0, talked_over_ms=300.0, cut_off=True),),
        outcome={**row, "disposition": "failed", "turns": 1, "slots": {}},
        sip=Sip(500, "network", "PCMU", setup_ms=None, holes=2),
    )
    assert {failure.loc[-1] for failure in failed(wanted, bad, "sip")} == {
        "status", "ended_by", "codec", "setup_within_ms", "disposition", "least_turns", "slots", "slowest_ms",
        "talked_over_ms", "cut_offs", "holes",
    }  # fmt: skip


def test_a_masked_value_in_the_row_is_not_compared() -> None:
    row = {"disposition": "", "task": "", "ended_by": "", "slots": {"order_id": "***"}, "turns": 1}
    assert failed(scenario({"slots": {"order_id": "1234"}}), Evidence(replies=(Reply(),), outcome=row), "sip") == []


@pytest.mark.parametrize(
    ("result", "holds"),
    [(SippResult(0, 2, 0), True), (SippResult(1, 1, 1), False), (SippResult(0, 1, 0), False), (None, False)],
)
def test_sipp_must_count_as_many_calls_as_it_was_to_make(result: SippResult | None, holds: bool) -> None:
    wanted = Scenario.model_validate({"name": "x", "sipp": {"file": "a.xml", "calls": 2}})
    assert (failed(wanted, Evidence(sipp=result), "sip") == []) is holds
