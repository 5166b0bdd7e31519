"""The shipped dialplan in conversation, with the real sentence vectors and the real order system."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicegw.commands.dialplan import command
from voicegw.config import Settings
from voicegw.errors import ModelMissing
from voicegw.models import catalogue

pytestmark = pytest.mark.servers
ROOT = Path(__file__).parents[2]
ACME = "dialplans/acme-orders.yaml"


@pytest.fixture
def run(monkeypatch, tmp_path):
    try:
        catalogue.path(Settings().models_dir, "minilm")
    except ModelMissing as error:
        pytest.skip(str(error))
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("VOICEGW_DATA_DIR", str(tmp_path))
    return lambda *arguments, **options: CliRunner().invoke(command, arguments, **options)


def test_the_order_is_found_in_one_sentence(run):
    result = run("chat", ACME, "--say", "Hi, where is my order 4 5 6 7?", "--say", "no thanks")
    assert "Order 4 5 6 7 has shipped. It should arrive" in result.output
    assert "the call is over: completed" in result.output


def test_lines_can_be_typed_and_keys_pressed(run):
    result = run("chat", ACME, input="where is my order\n#4567\n\nlet me talk to a person\n")
    assert "What's the order number?" in result.output
    assert "Order 4 5 6 7 has shipped." in result.output
    assert "Are you still there?" in result.output
    assert "the caller is given to sip:service@pbx.acme.example" in result.output


def test_why_shows_what_was_understood(run):
    result = run("chat", ACME, "--why", "--say", "where is order 4567")
    assert "reflex, sure: task.order_status" in result.output
    assert "digits '4567' from '4567'" in result.output
    assert "orders_db.order_status(order_id='4567') → found" in result.output


def test_understanding_can_be_read_by_programs(run):
    values = json.loads(run("understand", ACME, "where is order 4567", "--json").output)
    assert values["intents"][0]["name"] == "task.order_status"
    assert values["slots"][0] | {"start": 0, "end": 0} == {
        "slot": "digits", "kind": "digits", "value": "4567", "text": "4567", "start": 0, "end": 0, "corrected": False,
    }  # fmt: skip
    assert values["decided_by"] == "reflex"


def test_a_slot_that_was_asked_is_listened_for(run):
    values = json.loads(run("understand", ACME, "double four oh nine", "--asked", "order_id", "--json").output)
    assert values["slots"][0]["value"] == "4409"
    assert values["slots"][0]["slot"] == "order_id"
    assert run("understand", ACME, "x", "--asked", "ordr_id").exception is not None


def test_the_conversations_of_a_dialplan_come_out_as_they_say(run, tmp_path):
    result = run("test", ACME, "--junit", str(tmp_path / "report.xml"))
    assert result.exit_code == 0, result.output
    assert "none failed" in result.output
    assert "<testsuite " in (tmp_path / "report.xml").read_text()


def test_a_conversation_that_comes_out_otherwise_is_shown_with_its_place(run, tmp_path):
    file = tmp_path / "acme.yaml"
    file.write_text((ROOT / ACME).read_text().replace("agent: Are you still there?", "agent: Hello?"))
    result = run("test", str(file))
    assert result.exit_code == 1
    assert "silence ends politely: the agent must say 'Hello?', but said 'Are you still there?'" in result.output
    assert "caller: (silence)" in result.output
    assert json.loads(run("test", str(file), "--json").output)[-1]["ok"] is False
