"""Calls that never come to a talk leave a record like any other, with the reason."""

import asyncio
import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.calls.services import light
from voicegw.outcomes.rows import CallRow
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.caller import place_call
from voicegw.qa.script import Script, WaitSeconds
from voicegw.qa.service import RunningService, start_service

pytestmark = [pytest.mark.calls, pytest.mark.timeout(180)]


async def recorded(service: RunningService, calls: int) -> list[CallRow]:
    """The closed calls' rows, newest first, waited for."""
    outcomes = OutcomeStore(service.database_url)
    try:
        async with asyncio.timeout(20):
            while len(rows := [call for call in await outcomes.list_calls() if call.closed_at]) < calls:
                await asyncio.sleep(0.1)
        return rows
    finally:
        await outcomes.close()


async def test_a_caller_who_hangs_up_in_the_greeting_has_abandoned(tmp_path: Path) -> None:
    service = await start_service(light(tmp_path))
    try:
        await place_call(f"sip:5000@127.0.0.1:{service.sip_port}", Script((WaitSeconds(30),)), timeout_s=1.0)
        (call,) = await recorded(service, 1)
    finally:
        await service.stop()
    assert (call.disposition, call.ended_by, call.sip_status) == ("abandoned", "caller", 200)


async def test_a_caller_whose_sound_never_comes_is_hung_up_and_that_is_the_reason(
    exchange, raw_phone, tmp_path: Path
) -> None:
    service = await start_service(light(tmp_path, sip={"media_timeout_s": 1.5}))
    try:
        phone = raw_phone(SimpleNamespace(port=service.sip_port))
        phone.number = "5000"
        assert phone.ask("INVITE", sdp=phone.sdp()).startswith("SIP/2.0 200 ")
        assert exchange.until(lambda: bool(phone.requests("BYE")), 15)
        (call,) = await recorded(service, 1)
    finally:
        await service.stop()
    assert (call.ended_by, call.reason) == ("network", "no audio from the other side")


async def test_a_call_whose_worker_dies_with_none_to_follow_has_failed(tmp_path: Path) -> None:
    service = await start_service(light(tmp_path, workers={"warm": 1, "most": 1}))
    try:
        script = Script((WaitSeconds(30),))
        calling = asyncio.create_task(place_call(f"sip:5000@127.0.0.1:{service.sip_port}", script, timeout_s=40))
        await asyncio.sleep(2.5)
        os.kill(service.workers()[0].pid, signal.SIGKILL)
        report = await calling
        (call,) = await recorded(service, 1)
    finally:
        await service.stop()
    assert report.sip.ended_by == "agent"
    assert (call.disposition, call.ended_by, call.workers_lost) == ("failed", "network", 1)
