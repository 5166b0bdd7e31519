"""``voicegw users``: people are added, and let in again, from a shell on the machine."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicegw.accounts.audit import AuditLog
from voicegw.commands.users import command
from voicegw.config import Settings
from voicegw.errors import SetupError
from voicegw.outcomes.migrate import migrate

pytestmark = pytest.mark.servers


@pytest.fixture
async def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("VOICEGW_DATA_DIR", str(tmp_path))
    made = Settings(data_dir=tmp_path)
    await migrate(made.resolved_database_url)
    return made


def run(*arguments: str) -> str:
    return CliRunner().invoke(command, arguments, catch_exceptions=False).output


def test_somebody_is_added_listed_and_given_another_link(settings: Settings) -> None:
    assert "/welcome/" in run("add", "Ann@example.com", "--role", "qa")
    assert "ann@example.com" in run("list")
    assert "no password yet" in run("list")
    assert run("link", "ann@example.com") != run("link", "ann@example.com")


async def test_what_is_done_in_a_shell_is_in_the_audit_log(settings: Settings) -> None:
    await asyncio.to_thread(run, "add", "joe")
    log = AuditLog(settings.resolved_database_url)
    assert [(line.who, line.action) for line in await log.lines()] == [
        ("(terminal)", "link.made"),
        ("(terminal)", "user.added"),
    ]
    await log.close()


@pytest.mark.parametrize(("arguments", "told"), [(("add", "../x"), "no name"), (("link", "nobody"), "no user nobody")])
def test_what_cannot_be_is_told(settings: Settings, arguments: tuple[str, ...], told: str) -> None:
    with pytest.raises(SetupError, match=told):
        run(*arguments)
