"""What so many calls need, against what was measured."""

import json

import pytest
from click.testing import CliRunner

from voicegw.commands.capacity import command
from voicegw.qa.capacity_model import CONVERSATION, MEASURED, Costs, Machine, most_calls, need, simulate
from voicegw.qa.figures import percentile

CORES = 2
"""Of the machine on which all was measured."""


@pytest.mark.parametrize(("calls", "percent", "measured_ms"), [(1, 50, 236.0), (10, 50, 241.0), (10, 95, 360.0)])
def test_the_simulation_comes_within_a_tenth_of_what_was_measured(calls: int, percent: int, measured_ms: float) -> None:
    """``voicegw bench capacity``."""
    assert percentile(simulate(calls, CORES), percent) == pytest.approx(measured_ms, rel=0.1)


def test_it_holds_at_least_as_many_as_were_measured() -> None:
    """16 were: more callers the load generator did not place."""
    assert 16 <= most_calls(1200.0, CORES) <= 30


def test_more_calls_are_never_answered_sooner_and_more_cores_never_later() -> None:
    p95 = [percentile(simulate(calls, CORES), 95) or 0.0 for calls in (1, 10, 20, 26)]
    assert p95 == sorted(p95)
    assert (percentile(simulate(20, 2 * CORES), 95) or 0.0) < p95[2]


@pytest.mark.parametrize("calls", [50, 500, 5000])
def test_sums_and_simulation_agree_that_a_machine_holds_what_it_is_given(calls: int) -> None:
    machine = Machine(16, 64 * 1024)
    found = need(calls, machine)
    assert found.machines * found.calls_per_machine >= calls
    assert (percentile(simulate(found.calls_per_machine, machine.cores, seconds=120.0), 95) or 0.0) < 1200.0
    assert found.cores == pytest.approx(sum(found.by_role.values()), rel=0.05)


def test_memory_can_be_what_there_is_too_little_of() -> None:
    assert need(100, Machine(64, 4096)).calls_per_machine == 39
    assert need(100, Machine(2, 24 * 1024), measured_per_machine=16).machines == 7


def test_without_models_a_machine_holds_more() -> None:
    lean = Costs(MEASURED.cells, MEASURED.workers, MEASURED.supervisor, 0.5)
    assert most_calls(1200.0, CORES, lean, CONVERSATION) > most_calls(1200.0, CORES)


def test_the_command_says_it_to_people_and_programs() -> None:
    for_programs = CliRunner().invoke(command, ["--calls", "500", "--cores", "16", "--memory-gb", "64", "--json"])
    found = json.loads(for_programs.output)
    assert found["calls"] == 500
    assert found["machines"] * found["calls_per_machine"] >= 500
    for_people = CliRunner().invoke(command, ["--calls", "500", "--cores", "16", "--memory-gb", "64"])
    assert f"{found['machines']}" in for_people.output
