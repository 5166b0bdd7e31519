"""The service goes down with callers on the line: on request, and by kill -9 of everything."""

import asyncio
import contextlib
import signal
import socket
from pathlib import Path

import psutil
import pytest

from tests.calls.services import light
from voicegw.outcomes.rows import CallRow
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.caller import place_call
from voicegw.qa.script import SayLine, Script, WaitSeconds
from voicegw.qa.service import RunningService, start_service

pytestmark = [pytest.mark.calls, pytest.mark.timeout(240)]

LONG_WAIT = Script((WaitSeconds(40.0), SayLine("never said")))


async def only_call(url: str) -> tuple[CallRow, int]:
    """The row, and how many turns it has."""
    outcomes = OutcomeStore(url)
    try:
        (call,) = await outcomes.list_calls()
        story = await outcomes.show_call(call.call_id)
    finally:
        await outcomes.close()
    assert story is not None
    return call, len(story.turns)


async def until_logged(service: RunningService, event: str, within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while f'"{event}"' not in service.log_file.read_text(encoding="utf-8"):
            await asyncio.sleep(0.05)


def options_status(port: int) -> str:
    """What a load balancer sees."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(5)
        phone.connect(("127.0.0.1", port))
        here = f"127.0.0.1:{phone.getsockname()[1]}"
        lines = (
            f"OPTIONS sip:127.0.0.1:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK1;rport",
            f"From: <sip:lb@{here}>;tag=1",
            f"To: <sip:127.0.0.1:{port}>",
            f"Call-ID: options-{here}",
            "CSeq: 1 OPTIONS",
            "Max-Forwards: 70",
            "Content-Length: 0",
            "",
            "",
        )
        phone.send("\r\n".join(lines).encode())
        return phone.recv(2000).decode().split("\r\n")[0]


async def test_sigterm_drains_then_callers_are_told_and_given_to_a_person(tmp_path: Path) -> None:
    service = await start_service(light(tmp_path), drain_s=4.0, wrap_up_s=30.0)
    uri = f"sip:5000@127.0.0.1:{service.sip_port}"
    calling = asyncio.create_task(place_call(uri, LONG_WAIT, timeout_s=90, transcribe=True))
    try:
        await until_logged(service, "call.answered")
        before = await asyncio.to_thread(options_status, service.sip_port)
        service.process.send_signal(signal.SIGTERM)
        await until_logged(service, "cell.draining")
        while_draining = await asyncio.to_thread(options_status, service.sip_port)
        refused = await place_call(uri, Script((WaitSeconds(0.5),)), timeout_s=20)
        report = await calling
        await asyncio.wait_for(service.process.wait(), 60)
    finally:
        await service.stop()
    assert before == "SIP/2.0 200 OK"
    assert while_draining.startswith("SIP/2.0 503")
    assert refused.sip.sip_status == 503
    assert report.sip.answered
    assert report.sip.ended_by == "agent"
    assert "have to stop" in " ".join([report.greeting, *report.answers]).lower()
    assert service.process.returncode == 0
    outcomes = OutcomeStore(service.database_url)
    rows = await outcomes.list_calls()
    await outcomes.close()
    assert {row.disposition for row in rows} <= {"handed_over", "failed", "refused"}
    assert all(row.closed_at for row in rows)


async def test_kill_9_of_everything_loses_no_turn_and_leaves_no_call_open(tmp_path: Path) -> None:
    settings = light(tmp_path)
    service = await start_service(settings)
    script = Script((SayLine("What are your opening hours?"), *LONG_WAIT.steps))
    calling = asyncio.create_task(place_call(f"sip:5000@127.0.0.1:{service.sip_port}", script, timeout_s=90))
    async with asyncio.timeout(60):  # the greeting's turn is over once the caller's first words were understood
        while (await turns_so_far(service)) < 1:
            await asyncio.sleep(0.1)
    for process in [psutil.Process(service.pid), *psutil.Process(service.pid).children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    await service.stop()
    calling.cancel()
    again = await start_service(settings)
    try:
        call, turns = await only_call(again.database_url)
    finally:
        await again.stop()
    assert (call.disposition, call.ended_by, call.reason) == ("failed", "recovery", "the service stopped")
    assert turns >= 1


async def turns_so_far(service: RunningService) -> int:
    outcomes = OutcomeStore(service.database_url)
    try:
        calls = await outcomes.list_calls()
    finally:
        await outcomes.close()
    return calls[0].turns if calls else 0
