"""The page of health says what is up and what to do."""

from dataclasses import asdict, replace

import pytest

from voicegw.accounts.record import Role
from voicegw.gateway.finding import Verdict
from voicegw.observe.machine import CellUp, MachineState
from voicegw.web.desk import Report
from voicegw.web.pages.health import service_findings

WELL = MachineState("here", (CellUp(0, 1, 4),), 1, workers_ready=2, workers_busy=1, workers_most=4, talking=1)


def report(state: MachineState) -> Report:
    return Report("", state.free_slots, state.not_ready_for, asdict(state))


def test_a_service_that_is_well_says_so():
    assert {finding.verdict for finding in service_findings(report(WELL))} == {Verdict.OK}


@pytest.mark.parametrize(
    ("change", "about", "told"),
    [
        ({"cells": ()}, "calls", "no cell is up"),
        ({"easing": 1}, "capacity", "step 1"),
        ({"trunks": {"carrier": False}}, "trunk carrier", "does not answer"),
        ({"redis_up": False, "spool_bytes": 1200}, "records", "1,200 bytes wait on disk"),
        ({"lag_s": 30.0}, "records", "30 s late"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(change, about, told):
    findings = {finding.about: finding for finding in service_findings(report(replace(WELL, **change)))}
    assert told in findings[about].found
    assert findings[about].verdict is not Verdict.OK
    assert findings[about].to_do


async def test_the_page_shows_what_doctor_finds(signed_in):
    page = (await (await signed_in(Role.VIEWER)).get("/status")).text
    assert "SIP stack" in page
    assert "database" in page
