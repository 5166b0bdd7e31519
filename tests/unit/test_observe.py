"""What is counted of calls: once, whoever tells it, and only of this machine's calls."""

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from voicegw.call.easing import Easing
from voicegw.observe.machine import CellUp, MachineState
from voicegw.observe.metrics import MachineGauges, Metrics
from voicegw.observe.own_calls import STRAGGLERS_S, OwnCalls
from voicegw.outcomes.record import (
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    ToolAnswered,
    TransferTried,
    TurnTaken,
    Waterfall,
    WorkerReplaced,
)

OPENED = CallOpened("c1", 100.0, "+15550123", "5000", "acme", 3)
PICKED_UP = CallPickedUp("c1", 100.1, 32.0, "PCMU")
TURN = TurnTaken(
    "c1", 1, 104.0, "where is my order", "Your number, please?", confidence=0.9, speculated=True, interrupted=True,
    waterfall=Waterfall(1000, 1200, 1300, 1400, 1405, 1450, 1480),
)  # fmt: skip
TOOL = ToolAnswered("c1", 106.0, "t1", "orders_db.order_status", "reads", "found", 40.0)
CONCLUDED = CallConcluded("c1", 110.0, "completed")
CLOSED = CallClosed("c1", 110.2, "agent", 200, "OK", {"rtp_sent": 500, "rtp_received": 490, "rtp_lost": 10,
                                                      "jitter_ms": 12.0, "late_frames": 2})  # fmt: skip


@pytest.fixture
def counted():
    """Own calls, and a look at the value of a sample."""
    metrics = Metrics()

    def value(name: str, **labels: str) -> float | None:
        families = text_string_to_metric_families(metrics.text())
        samples = [sample for family in families for sample in family.samples if sample.name == f"voicegw_{name}"]
        return next((sample.value for sample in samples if sample.labels == labels), None)

    return OwnCalls(metrics), value


def test_a_whole_call_is_counted(counted):
    calls, value = counted
    calls.opened(OPENED)
    for fact in (PICKED_UP, TURN, TOOL, CONCLUDED, CLOSED):
        calls.take(fact)
    by = {"dialplan": "acme", "version": "3"}
    assert value("calls_started_total", **by) == 1
    assert value("calls_ended_total", outcome="completed", **by) == 1
    assert value("call_setup_seconds_bucket", le="0.05") == 1
    assert value("turn_latency_seconds_sum", **by) == pytest.approx(0.48)
    assert value("turn_stage_seconds_sum", stage="transcript") == pytest.approx(0.1)
    assert value("barge_ins_total", **by) == value("turns_speculated_total", **by) == 1
    assert value("turns_no_match_total", **by) == 0
    assert value("tool_results_total", tool="orders_db.order_status", effect="reads", status="found") == 1
    assert value("line_packets_total", what="lost") == 10
    assert value("line_loss_ratio_sum") == pytest.approx(0.02)


def test_what_is_told_twice_is_counted_once(counted):
    calls, value = counted
    for _ in range(2):
        calls.opened(OPENED)
        for fact in (PICKED_UP, TURN, TOOL, CONCLUDED, CLOSED):
            calls.take(fact)
    calls.settle(200.0)
    by = {"dialplan": "acme", "version": "3"}
    assert value("calls_started_total", **by) == value("calls_ended_total", outcome="completed", **by) == 1
    assert value("turns_total", decided_by="reflex", **by) == 1


def test_calls_of_other_machines_are_passed_over(counted):
    calls, value = counted
    for fact in (PICKED_UP, TURN, CONCLUDED, CLOSED):
        calls.take(fact)
    assert value("calls_ended_total", dialplan="acme", version="3", outcome="completed") is None
    assert not calls.histories


def test_a_call_whose_worker_says_nothing_more_is_counted_when_nothing_more_can_come(counted):
    calls, value = counted
    calls.opened(OPENED)
    for fact in (PICKED_UP, WorkerReplaced("c1", 103.0, hung=True), TransferTried("c1", 104.0, 1, "100", "asked", 486)):
        calls.take(fact)
    calls.take(CLOSED)
    failed = {"dialplan": "acme", "version": "3", "outcome": "failed"}
    calls.settle(CLOSED.at + STRAGGLERS_S - 1)
    assert value("calls_ended_total", **failed) is None
    calls.settle(CLOSED.at + STRAGGLERS_S + 1)
    assert value("calls_ended_total", **failed) == 1
    assert value("workers_lost_total", how="hung") == value("transfers_total", dialplan="acme", result="failed") == 1
    assert not calls.knows("c1")


STATE = MachineState(
    "here", (CellUp(0, 1, 4), CellUp(1, 4, 4)), cells_wanted=3, workers_ready=2, workers_busy=5, workers_most=16
)


def test_a_machine_is_full_when_either_its_cells_or_its_workers_are():
    assert STATE.free_slots == 3
    assert not STATE.not_ready_for
    full = MachineState("here", (CellUp(0, 1, 4),), workers_ready=1, workers_busy=16, workers_most=16)
    assert full.not_ready_for == ("all calls are taken",)
    assert replace(STATE, capacity=7).free_slots == 2, "beyond, the promise would not be kept"
    assert replace(STATE, easing=int(Easing.CALLS)).free_slots == 0
    assert MachineState("here", STATE.cells, workers_ready=1, workers_most=4, draining=True).free_slots == 0


def test_gauges_tell_the_machine_as_it_is_at_each_look():
    metrics, gauges = Metrics(), MachineGauges()
    metrics.watch(gauges)
    gauges.state = STATE
    lines = metrics.text().splitlines()
    assert "voicegw_free_slots 3.0" in lines
    assert 'voicegw_cells{state="missing"} 1.0' in lines
    assert 'voicegw_cell_calls{cell="1"} 4.0' in lines
