"""A message that a caller was promised goes out by the real action runner, also if the receiver and the runner die."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.notify.tests import hook_server
from integrations.notify.tests.hook_server import SECRET, Receiver
from tests.servers.shop import call_of
from voicegw.call.commands import ActionRequest, Consent, Effect
from voicegw.call.events import ActionResult
from voicegw.config import Settings, from_values
from voicegw.gateway.actions import ActionRunnerProcess
from voicegw.outcomes.migrate import migrate

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with hook_server.serving() as receiver:
        yield receiver


@pytest.fixture
async def settings(receiver: Receiver, tmp_path: Path) -> Settings:
    """Of a service that can send to the receiver."""
    notify = {"first_retry_s": 0.3, "webhooks": {"crm": {"url": receiver.url, "secret": SECRET}}}
    database = f"sqlite:///{tmp_path / 'calls.sqlite'}"
    await migrate(database)
    return from_values(
        {
            "database_url": database,
            "integrations": ROOT / "integrations",
            "data_dir": tmp_path / "data",
            "integration": {"notify": notify},
        }
    )


async def send(settings: Settings, body: str) -> ActionResult:
    """A caller says yes to a message."""
    consent = Consent("Shall I send it?", "yes", {}, {})
    message = {"to": "crm", "subject": "Your order", "body": body}
    return await call_of(settings.data_dir).run(ActionRequest(body, "notify.send", message, Effect.WRITES, consent))


async def test_a_message_goes_out_at_last(settings: Settings, receiver: Receiver) -> None:
    receiver.answers = [503] * 3
    runner = ActionRunnerProcess(settings)
    await runner.start()
    assert (await send(settings, "first")).status == "queued"
    os.kill(runner.pid, signal.SIGKILL)  # another is started, which finds the message in the outbox
    async with asyncio.timeout(60):
        while len(receiver.events) < 4:
            await asyncio.sleep(0.05)
    assert (await send(settings, "second")).status == "done"
    await runner.stop()
    ids = {event for event, _ in receiver.events}
    assert len(ids) == 2
    assert [json.loads(body)["data"]["body"] for _, body in receiver.events][-1] == "second"
