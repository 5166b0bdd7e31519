"""Workers are killed, or hang, in the middle of spoken calls: the callers stay, and the agent goes on."""

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest

from tests.calls.services import light
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.caller import place_call
from voicegw.qa.script import SayLine, Script, WaitSeconds
from voicegw.qa.service import RunningService, start_service

pytestmark = [pytest.mark.calls, pytest.mark.timeout(180)]
SIGNS = (signal.SIGKILL, signal.SIGSTOP)


async def busy(service: RunningService, workers: int) -> list[psutil.Process]:
    while len(found := service.busy_workers()) < workers:
        await asyncio.sleep(0.05)
    return found


async def test_callers_hear_the_agent_again_and_the_calls_go_on(tmp_path: Path) -> None:
    service = await start_service(light(tmp_path, workers={"warm": 4}))
    try:
        await service.until_warm(4)
        script = Script((WaitSeconds(4.0), SayLine("What are your opening hours?")))
        uri = f"sip:5000@127.0.0.1:{service.sip_port}"
        calling = [asyncio.create_task(place_call(uri, script, timeout_s=60, transcribe=True)) for _ in SIGNS]
        workers = await busy(service, len(SIGNS))
        await asyncio.sleep(2.5)  # into the calls: the greeting is over
        for worker, sign in zip(workers, SIGNS, strict=True):
            os.kill(worker.pid, sign)
        reports = await asyncio.gather(*calling)
    finally:
        await service.stop()
    for report in reports:
        assert report.ok, report.problem
        heard = " ".join([report.greeting, *report.answers]).lower()
        assert "sorry" in heard
        assert "nine" in heard or "9" in heard
    outcomes = OutcomeStore(service.database_url)
    calls = await outcomes.list_calls()
    await outcomes.close()
    assert [call.workers_lost for call in calls] == [1, 1]
    assert sorted(hung for call in calls for _, hung in call.worker_losses) == [False, True]
    assert {call.disposition for call in calls} <= {"completed", "abandoned"}
