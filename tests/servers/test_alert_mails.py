"""A trunk goes down: a mail is in somebody's mailbox, by the real action runner and a real SMTP server, once."""

from pathlib import Path

import pytest

from integrations.notify.tests import mail_server
from integrations.notify.tests.mail_server import Mailbox
from voicegw.actions import inbox
from voicegw.config import from_values
from voicegw.gateway.actions import ActionRunnerProcess
from voicegw.gateway.alerting import Alarm
from voicegw.observe.machine import MachineState
from voicegw.outcomes.migrate import migrate
from voicegw.outcomes.trends import Trends
from voicegw.publishing.store import VersionStore

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]
ROOT = Path(__file__).parents[2]
DOWN = MachineState("here", trunks={"203.0.113.10": False})


async def test_who_is_on_duty_gets_one_mail_for_a_trunk_that_is_down(tmp_path, eventually):
    with mail_server.serving(Mailbox()) as mailbox:
        smtp = {"host": "127.0.0.1", "port": mailbox.port, "security": "none", "sender": "voicegw@example.com"}
        settings = from_values(
            {
                "database_url": f"sqlite:///{tmp_path / 'calls.sqlite'}",
                "integrations": ROOT / "integrations",
                "data_dir": tmp_path / "data",
                "integration": {"notify": {"smtp": smtp}},
                "alerts": {"to": ["duty@example.com"], "console_url": "https://voice.example.com"},
            }
        )
        await migrate(settings.resolved_database_url)
        trends, versions = Trends(settings.resolved_database_url), VersionStore(settings.resolved_database_url)
        folder = settings.data_dir / inbox.FOLDER / inbox.INBOX
        runner = ActionRunnerProcess(settings)
        await runner.start()
        try:
            for _ in range(2):  # another machine, or the same one after it was started again, sees it, too
                alarm = Alarm(settings.alerts, trends, versions, lambda: DOWN, folder, settings.alerts.console_url)
                await alarm.look()
            await eventually(lambda: mailbox.arrived, 60)
            await eventually(lambda: not list(inbox.entries(folder)), 60)
        finally:
            await runner.stop()
            await trends.close()
            await versions.close()
    (mail,) = mailbox.arrived
    assert mail["To"] == "duty@example.com"
    assert mail["Subject"] == "voicegw: trunk 203.0.113.10 does not answer here, or refuses it"
    body = mail.get_content()
    assert "ask the provider" in body
    assert "https://voice.example.com/status" in body
