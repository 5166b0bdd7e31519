"""A refund asked for by voice is done once, and told, also when the runner and the worker are killed on the way."""

import asyncio
import os
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.calls.services import light
from voicegw.outcomes.ledger import Ledger
from voicegw.qa.caller import place_call
from voicegw.qa.script import PressKeys, SayLine, Script, WaitSeconds
from voicegw.qa.service import RunningService, start_service

pytestmark = [pytest.mark.calls, pytest.mark.timeout(240)]

SCRIPT = Script(
    (SayLine("I would like my money back."), PressKeys("1234"), SayLine("Yes, please."), WaitSeconds(3.0)),
    patience_s=15.0,
)


def refunds(service: RunningService) -> list[tuple[str]]:
    with sqlite3.connect(service.data_dir / "orders.sqlite") as database:
        return database.execute("SELECT order_id FROM order_refunds").fetchall()


async def kill_when_stored(service: RunningService) -> None:
    """Runner and worker, as soon as the caller's yes is on disk."""
    inbox = service.data_dir / "actions" / "inbox"
    (runner,) = service.runners()
    os.kill(runner.pid, signal.SIGSTOP)  # so that nothing is done before both are gone
    async with asyncio.timeout(60):
        while not (inbox.is_dir() and list(inbox.glob("*.json"))):
            await asyncio.sleep(0.01)
    for process in (*service.busy_workers(), runner):
        os.kill(process.pid, signal.SIGKILL)


async def test_a_refund_survives_the_death_of_runner_and_worker(tmp_path: Path) -> None:
    service = await start_service(light(tmp_path))
    try:
        uri = f"sip:5000@127.0.0.1:{service.sip_port}"
        killing = asyncio.create_task(kill_when_stored(service))
        report = await place_call(uri, SCRIPT, timeout_s=90, transcribe=True)
        await killing
        ledger = Ledger(service.database_url)
        rows = await ledger.all()
        await ledger.close()
        done = refunds(service)
    finally:
        await service.stop()
    assert report.ok, report.problem
    assert done == [("1234",)]
    assert [(row.tool, row.state, row.status) for row in rows] == [("orders_db.refund", "changed", "done")]
    heard = " ".join(report.answers).lower()
    assert "orry" in heard  # of "sorry about that" Whisper may make "so, worry about that"
    assert "18" in heard.partition("orry")[2]
