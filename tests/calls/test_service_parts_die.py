"""A part of the running service is killed: it is there again, and calls go on being answered."""

import asyncio
import json
import os
import shutil
import signal
from pathlib import Path

import httpx
import pytest

from tests.calls.services import light
from voicegw.gateway.edge import kamailio
from voicegw.qa.caller import place_call
from voicegw.qa.script import SayLine, Script
from voicegw.qa.service import RunningService, start_service

pytestmark = [pytest.mark.calls, pytest.mark.timeout(240)]

ASKED = Script((SayLine("What are your opening hours?"),))


async def logged(service: RunningService, event: str, times: int = 1) -> list[dict[str, object]]:
    """Its log lines of that name, once there are so many."""
    async with asyncio.timeout(60):
        while True:
            lines = [line for line in service.log_file.read_text(encoding="utf-8").splitlines() if line[:1] == "{"]
            found = [entry for entry in map(json.loads, lines) if entry["event"] == event]
            if len(found) >= times:
                return found
            await asyncio.sleep(0.1)


async def answers(service: RunningService) -> bool:
    report = await place_call(f"sip:5000@127.0.0.1:{service.sip_port}", ASKED, timeout_s=60, transcribe=True)
    return report.ok and ("nine" in " ".join(report.answers).lower() or "9" in " ".join(report.answers))


async def test_calls_are_answered_after_the_nursery_and_the_embedded_servers_were_killed(tmp_path: Path) -> None:
    service = await start_service(light(tmp_path, workers={"warm": 1}))
    try:
        await logged(service, "worker.ready")
        valkey = (await logged(service, "valkey.started"))[0]["pid"]
        os.kill(service.nursery().pid, signal.SIGKILL)
        os.kill(int(str(valkey)), signal.SIGKILL)
        await logged(service, "nursery.starts_again")
        await logged(service, "valkey.started", 2)
        assert await answers(service), "by the worker that had waited since before"
        await logged(service, "worker.ready", 2)
        assert await answers(service), "by one of the new nursery"
    finally:
        await service.stop()


async def test_a_console_that_was_killed_is_there_again_at_the_same_port_and_calls_do_not_notice(
    tmp_path: Path,
) -> None:
    service = await start_service(light(tmp_path, web={"console": True, "port": 0}, workers={"warm": 1}))
    try:
        (ready,) = await logged(service, "web.ready")
        calling = asyncio.create_task(answers(service))
        await logged(service, "call.assigned")
        os.kill(int(str(ready["pid"])), signal.SIGKILL)
        _, again = await logged(service, "web.ready", 2)
        assert again["url"] == ready["url"]
        async with httpx.AsyncClient(base_url=str(ready["url"])) as client:
            assert (await client.get("/health")).json() == {"status": "ok"}
            assert "voicegw_calls" in (await client.get("/metrics")).text, "it asks the service"
        assert await calling
    finally:
        await service.stop()


async def test_a_caller_is_heard_though_the_listener_was_killed_in_the_call(tmp_path: Path) -> None:
    service = await start_service(light(tmp_path, workers={"warm": 1}))
    try:
        (ready,) = await logged(service, "listener.ready")
        calling = asyncio.create_task(answers(service))
        await logged(service, "call.answered")
        os.kill(int(str(ready["pid"])), signal.SIGKILL)
        assert await calling
        await logged(service, "listener.ready", 2)
    finally:
        await service.stop()


@pytest.mark.skipif(not shutil.which(kamailio.PROGRAM), reason="Kamailio is not installed")
async def test_behind_an_edge_a_call_is_answered_also_after_a_cell_was_killed(tmp_path: Path) -> None:
    service = await start_service(light(tmp_path, sip={"cells": 2}))
    try:
        await logged(service, "edge.ready")
        assert await answers(service)
        os.kill(service.cells()[0].pid, signal.SIGKILL)
        await logged(service, "cell.ready", 3)
        assert await answers(service)
    finally:
        await service.stop()
    assert not [line for line in service.log_file.read_text().splitlines() if "Traceback" in line]
