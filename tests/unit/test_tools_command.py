"""``voicegw tools``, with the demo's order system."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from voicegw import log
from voicegw.commands import tools

ROOT = Path(__file__).parents[2]
Shell = Callable[..., Result]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Runs the command in this process."""
    file = tmp_path / "voicegw.toml"
    file.write_text(f'integrations = "{ROOT / "integrations"}"\ndata_dir = "{tmp_path / "data"}"\n')
    monkeypatch.setattr(log, "configure", lambda **_: None)
    return lambda *arguments: CliRunner().invoke(tools.command, [*arguments, "--settings", str(file)])


def test_the_list_says_what_each_takes_and_gives(shell: Shell) -> None:
    (status, refund) = json.loads(shell("list", "orders_db", "--json").stdout)
    assert status["takes"] == [{"name": "order_id", "type": "text", "needed": True}]
    assert status["gives"]["arrives"] == "date"
    assert (refund["writes"], "already" in refund["results"]) == (True, True)
    text = shell("list", "orders_db").stdout
    assert "takes    order_id (text)" in text
    assert "orders_db.refund  writes" in text


def test_the_list_has_all_that_is_set_up(shell: Shell) -> None:
    names = {row["name"] for row in json.loads(shell("list", "--json").stdout)}
    assert "orders_db.order_status" in names
    assert "notify.send" not in names, "it has no settings"


def test_a_read_is_tried_at_once(shell: Shell) -> None:
    read = shell("try", "orders_db.order_status", "order_id=4567")
    assert (read.exit_code, "a coffee machine" in read.stdout) == (0, True)


def test_a_write_needs_a_yes_and_is_done_once_for_a_key(shell: Shell) -> None:
    assert "add --yes" in str(shell("try", "orders_db.refund", "order_id=4567").exception)
    keys = ("a", "a", "b")
    results = [shell("try", "orders_db.refund", "order_id=4567", "--yes", "--json", "--key", key) for key in keys]
    assert [json.loads(result.stdout)["status"] for result in results] == ["done", "done", "already"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["orders_db.order_state", "order_id=1"], "did you mean 'orders_db.order_status'?"),
        (["orders_db.order_status"], "order_id: Field required"),
        (["orders_db.order_status", "order_id=x y"], "order_id: String should match pattern"),
        (["orders_db.order_status", "order=1"], "did you mean 'order_id'?"),
        (["orders_db.order_status", "4567"], "NAME=VALUE"),
        (["nothing.at_all"], "no such integration"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_write(shell: Shell, arguments: list[str], said: str) -> None:
    assert said in str(shell("try", *arguments).exception)
