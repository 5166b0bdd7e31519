"""A worker is killed, or hangs, in the middle of a spoken call: the caller stays, and the agent goes on."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.caller import place_call
from voicegw.qa.script import SayLine, Script, WaitSeconds
from voicegw.qa.service import RunningService, start_service

pytestmark = [pytest.mark.calls, pytest.mark.timeout(180)]


async def busy_worker_pid(service: RunningService) -> int:
    while not (busy := service.busy_workers()):
        await asyncio.sleep(0.05)
    return busy[-1].pid


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP], ids=["dies", "hangs"])
async def test_the_caller_hears_the_agent_again_and_the_call_goes_on(sign: signal.Signals, tmp_path: Path) -> None:
    service = await start_service({"data_dir": str(tmp_path), "sip": {"host": "127.0.0.1", "port": 0}})
    try:
        script = Script((WaitSeconds(4.0), SayLine("What are your opening hours?")))
        uri = f"sip:5000@127.0.0.1:{service.sip_port}"
        calling = asyncio.create_task(place_call(uri, script, timeout_s=60, transcribe=True))
        pid = await busy_worker_pid(service)
        await asyncio.sleep(2.5)  # into the call: the greeting is over
        os.kill(pid, sign)
        report = await calling
    finally:
        await service.stop()
    assert report.ok, report.problem
    heard = " ".join([report.greeting, *report.answers]).lower()
    assert "sorry" in heard
    assert "nine" in heard or "9" in heard
    outcomes = OutcomeStore(service.database_url)
    call = (await outcomes.list_calls())[0]
    await outcomes.close()
    assert call.workers_lost == 1
    assert call.disposition in ("completed", "abandoned")
