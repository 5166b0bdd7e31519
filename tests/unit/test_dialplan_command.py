"""``voicegw dialplan check`` and ``schema``, as people and programs call them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicegw.commands.dialplan import command

ROOT = Path(__file__).parents[2]
ACME = ROOT / "dialplans" / "acme-orders.yaml"


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("VOICEGW_DATA_DIR", str(tmp_path))
    return lambda *arguments: CliRunner().invoke(command, arguments)


def test_good_dialplans_exit_with_0(run):
    result = run("check")
    assert result.exit_code == 0, result.output
    assert "no errors, no warnings" in result.output


def test_errors_are_listed_with_their_place_and_exit_with_2(run, tmp_path):
    file = tmp_path / "acme.yaml"
    file.write_text(ACME.read_text().replace("orders_db.order_status", "orders_db.order_statsu", 1))
    result = run("check", str(file))
    assert result.exit_code == 2
    assert f"{file}:39:15: error: no integration has a tool 'orders_db.order_statsu'" in result.output
    assert "did you mean 'orders_db.order_status'?" in result.output


def test_problems_can_be_read_by_programs(run, tmp_path):
    file = tmp_path / "acme.yaml"
    file.write_text("name: acme\n")
    result = run("check", "--json", str(file))
    assert result.exit_code == 2
    problem = json.loads(result.output)[0]
    assert problem["file"] == str(file)
    assert (problem["line"], problem["severity"]) == (1, "error")


def test_a_file_that_is_not_there_is_one_line(run):
    result = run("check", "nothing.yaml")
    assert result.exit_code == 2
    assert "nothing.yaml:1:1: error: no such file" in result.output


def test_the_schema_describes_every_key(run):
    schema = json.loads(run("schema").output)
    assert schema["properties"]["greeting"]["description"] == "The first words."
    assert "Digits" in schema["$defs"]
