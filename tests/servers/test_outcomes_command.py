"""``voicegw outcomes`` as a person runs it."""

import asyncio
import csv
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from voicegw.commands.moment import Moment
from voicegw.commands.outcomes import command
from voicegw.errors import SetupError
from voicegw.outcomes.record import (
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    Fact,
    SlotFilled,
    ToolAnswered,
    TransferTried,
    TurnTaken,
    Waterfall,
)
from voicegw.outcomes.store import OutcomeStore

pytestmark = pytest.mark.servers

NOW = time.time()
FACTS: list[Fact] = [
    CallOpened("ab12-first", NOW - 7200, "+15551234567", "100", "acme-orders", 3),
    CallClosed("ab12-first", NOW - 7190, "caller", 487, "Request Terminated"),
    CallOpened("ab34-second", NOW - 60, "+49301234567", "200", "hotel"),
    CallPickedUp("ab34-second", NOW - 59.9, 31.0, "PCMA"),
    TurnTaken("ab34-second", 1, NOW - 50, "a room for Mr Smith", "Gladly.", waterfall=Waterfall(900.0, 1080.0)),
    SlotFilled("ab34-second", NOW - 49, "name", "Smith"),
    ToolAnswered("ab34-second", NOW - 48, "a1", "hotel.book", "writes", "done", 12.4),
    TransferTried("ab34-second", NOW - 47, 1, "sip:desk@pbx.example", "asked for", 486),
    CallConcluded("ab34-second", NOW - 35, "completed", "book", {"name": "Smith"}),
    CallClosed("ab34-second", NOW - 30, "agent", 200, "OK"),
]


@pytest.fixture
def recorded(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    async def record() -> None:
        store = OutcomeStore(database)
        await store.apply(FACTS)
        await store.close()

    asyncio.run(record())
    monkeypatch.setenv("VOICEGW_DATABASE_URL", database)
    monkeypatch.setenv("COLUMNS", "160")
    return database


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_list_shows_how_calls_ended_and_masks_numbers(recorded: str) -> None:
    text = run("list")
    assert text.index("completed") < text.index("abandoned")
    assert "+49·······67" in text
    assert "1234567" not in text
    assert "+49301234567" in run("list", "--personal-data")


def test_a_list_is_narrowed(recorded: str) -> None:
    assert "abandoned" not in run("list", "--since", "1h")
    assert "completed" not in run("list", "--until", "1h")
    assert "completed" not in run("list", "--dialplan", "acme-orders")
    assert "abandoned" in run("list", "--dialplan", "acme-orders", "--version", "3")
    assert "abandoned" not in run("list", "--dialplan", "acme-orders", "--version", "2")
    assert "completed" not in run("list", "--disposition", "abandoned")
    assert "abandoned" not in run("list", "--number", "49 30 1234567")
    assert "abandoned" not in run("list", "--limit", "1")


def test_a_list_for_programs_is_json(recorded: str) -> None:
    first, second = json.loads(run("list", "--json"))
    assert first["call_id"] == "ab34-second"
    assert first["slots"] == {"name": "***"}
    assert second["disposition"] == "abandoned"


def test_an_empty_list_says_so_and_nothing_on_standard_output(recorded: str) -> None:
    assert run("list", "--dialplan", "nobody") == ""
    assert json.loads(run("list", "--dialplan", "nobody", "--json")) == []


@pytest.mark.parametrize("name", ["last", "ab34-second", "ab34"])
def test_a_call_is_shown_by_id_its_beginning_or_as_the_last(recorded: str, name: str) -> None:
    text = run("show", name)
    assert "a room for Mr Smith" in text
    assert "pause 180" in text
    assert "+49301234567" in text
    assert "hotel.book (writes): done, 12 ms" in text
    assert "transfer 1 to sip:desk@pbx.example, asked for: failed with 486" in text


def test_a_call_for_programs_is_json_with_turns(recorded: str) -> None:
    story = json.loads(run("show", "last", "--json"))
    assert story["turns"][0]["waterfall"]["pause_noticed"] == 1080.0


def test_a_beginning_of_several_calls_names_them(recorded: str) -> None:
    with pytest.raises(SetupError, match="ab begins several calls: ab34-second, ab12-first"):
        run("show", "ab")


def test_a_call_that_is_not_there_tells_where_to_look(recorded: str) -> None:
    with pytest.raises(SetupError, match="no call zz: `voicegw outcomes list`"):
        run("show", "zz")


def test_csv_goes_to_a_file_masked_unless_asked_for(recorded: str, tmp_path: Path) -> None:
    run("export", "-o", str(tmp_path / "calls.csv"))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "calls.csv").read_text())))
    assert [row["disposition"] for row in rows] == ["completed", "abandoned"]
    assert rows[0]["caller"] == "'+49·······67", "a spreadsheet would take it for a formula"
    full = list(csv.DictReader(io.StringIO(run("export", "--personal-data", "--since", "1h"))))
    assert [row["caller"] for row in full] == ["+49301234567"]


def test_json_exports_have_turns_with_words_masked(recorded: str) -> None:
    first, _ = json.loads(run("export", "--format", "json"))
    assert first["turns"][0]["caller_text"] == "*** 5 words"
    assert [event["kind"] for event in first["events"]] == ["SlotFilled", "ToolAnswered", "TransferTried"]
    assert "Smith" not in run("export", "--format", "json")
    assert "Smith" in run("export", "--format", "json", "--personal-data")


def test_a_file_that_cannot_be_written_is_named(recorded: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot write"):
        run("export", "-o", str(tmp_path / "nowhere" / "calls.csv"))


@pytest.mark.parametrize("text", ["yesterday", "12", "2026-13-45", "-1h", "99999999h"])
def test_what_is_no_time_is_told_with_what_would_be(text: str) -> None:
    result = CliRunner().invoke(command, ["list", "--since", text])
    assert result.exit_code == 2
    assert "2026-03-15T18:35" in result.output


def test_times_are_understood() -> None:
    moment = Moment()
    assert abs(moment.convert("2h", None, None) - (time.time() - 7200)) < 5
    assert moment.convert("today", None, None) <= time.time()
    assert moment.convert("2026-03-15T00:00:00+00:00", None, None) == 1773532800.0


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////tmp/voicegw-there-is-none/calls.sqlite", "holds no calls yet: `voicegw serve`"),
        ("postgresql://u:secret@127.0.0.1:1/calls", "does not answer"),
        ("mysql://u:secret@127.0.0.1/calls", "use sqlite or postgresql"),
    ],
)
def test_trouble_with_the_database_is_one_line_and_exit_code_2(url: str, told: str) -> None:
    command = [sys.executable, "-m", "voicegw", "outcomes", "list"]
    environment = {"VOICEGW_DATABASE_URL": url, "PATH": "/usr/bin:/bin", "HOME": "/tmp"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr
