"""A version is published into a running service: new calls get it, a call in progress keeps its own to the end."""

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest

from tests.calls.services import light
from voicegw.dialplan.parse import parse
from voicegw.outcomes.store import OutcomeStore
from voicegw.publishing.record import Bundle
from voicegw.publishing.store import Author, VersionStore
from voicegw.qa.bench_publish import seconds_until_in_force
from voicegw.qa.caller import place_call
from voicegw.qa.script import SayLine, Script, WaitSeconds
from voicegw.qa.service import RunningService, start_service

pytestmark = [pytest.mark.calls, pytest.mark.timeout(240)]

ACME = (Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml").read_text()
CHANGED = ACME.replace("Hi, this is Acme. How can I help?", "Good day from the warehouse.")
LIMIT_S = 15.0
"""The promise is 2 s (`voicegw bench publish`); a machine busy with tests gets more."""


def logged(service: RunningService, event: str) -> list[dict[str, object]]:
    lines = (line for line in service.log_file.read_text(encoding="utf-8").splitlines() if line.startswith("{"))
    return [entry for entry in map(json.loads, lines) if entry.get("event") == event]


async def kill_worker_of_first_call(service: RunningService) -> None:
    worker = logged(service, "call.assigned")[0]["worker"]
    pid = next(int(str(entry["pid"])) for entry in logged(service, "worker.ready") if entry["worker"] == worker)
    os.kill(pid, signal.SIGKILL)


async def test_new_calls_get_the_new_version_and_a_call_in_progress_keeps_its_own(tmp_path: Path) -> None:
    service = await start_service(light(tmp_path))
    uri = f"sip:5000@127.0.0.1:{service.sip_port}"
    versions = VersionStore(service.database_url)
    try:
        script = Script((WaitSeconds(9.0), SayLine("What are your opening hours?")))
        first = asyncio.create_task(place_call(uri, script, timeout_s=90, transcribe=True))
        while not logged(service, "call.assigned"):
            await asyncio.sleep(0.05)
        change = await versions.publish(parse(CHANGED), Bundle(CHANGED), Author("ann"))
        assert await seconds_until_in_force(service, change) < LIMIT_S
        second = await place_call(uri, Script((WaitSeconds(0.5),)), timeout_s=60, transcribe=True)
        await kill_worker_of_first_call(service)  # a worker that never saw its version takes over
        old = await first
    finally:
        await versions.close()
        await service.stop()
    assert second.ok, second.problem
    assert "warehouse" in second.greeting.lower()
    assert old.ok, old.problem
    heard = " ".join([old.greeting, *old.answers]).lower()
    assert "warehouse" not in heard
    assert "sorry" in heard, "the worker that took over speaks"
    outcomes = OutcomeStore(service.database_url)
    rows = {call.version: call for call in await outcomes.list_calls()}
    await outcomes.close()
    assert set(rows) == {0, 1}
    assert rows[0].workers_lost == 1
    assert [entry["version"] for entry in logged(service, "call.assigned")].count(0) == 2
