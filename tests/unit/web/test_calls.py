"""Calls are found by what people ask; a call's page shows it as far as one may see, and every look is noted."""

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from voicegw.accounts.record import Role
from voicegw.audio import wav
from voicegw.dialplan.conversations import Conversation
from voicegw.outcomes import words
from voicegw.outcomes.record import (
    CallClosed,
    CallConcluded,
    CallOpened,
    CallPickedUp,
    Fact,
    SlotFilled,
    ToolAnswered,
    TurnTaken,
    Waterfall,
)
from voicegw.qa.scenarios.model import Scenario
from voicegw.recording.files import RecordingFile
from voicegw.recording.format import Chunk
from voicegw.session.vault import key_bytes

AT = 1_789_000_000.0


def call(call_id: str, at: float, words: str = "where is my order", task: str = "order_status") -> list[Fact]:
    heard = Waterfall(1000.0, 1100.0, 1250.0, 1300.0, 1400.0, 1600.0, 1640.0)
    return [
        CallOpened(call_id, at, "+15551234567", "5000", "acme-orders", 3),
        CallPickedUp(call_id, at + 0.1, 31.0, "PCMU"),
        TurnTaken(call_id, 0, at + 1, "", "Hello!", decided_by="greeting"),
        TurnTaken(call_id, 1, at + 5, words, "It <b>arrives</b> on Thursday.", task=task, waterfall=heard),
        SlotFilled(call_id, at + 5.1, "order_id", "4567"),
        ToolAnswered(call_id, at + 5.2, "a1", "orders_db.order_status", "reads", "found", 12.5),
        CallConcluded(call_id, at + 8, "completed", task, {"order_id": "4567"}),
        CallClosed(call_id, at + 9, "caller", 200, "OK", {"rtp_received": 450.0}),
    ]


@pytest.fixture
async def calls(console):
    for number in range(60):
        await console.outcomes.apply(call(f"c{number:02}", AT + number))
    odd = call("odd", AT + 100, "je voudrais un remboursement, s'il vous plaît", "refund")
    await console.outcomes.apply([fact for fact in odd if not isinstance(fact, CallConcluded)])


async def shown(client, query: str = "") -> list[str]:
    answer = await client.get(f"/api/calls?{query}")
    assert answer.status_code == 200, answer.text
    return [each["call_id"] for each in answer.json()["calls"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("words=remboursement", ["odd"]),
        ("words=REMBOURS+plait", ["odd"]),
        ("words=remboursement+thursday+order", []),
        ("task=refund", []),
        ("outcome=abandoned", ["odd"]),
        ("number=1+555+1234567&since=2026-09-11", []),
        ("slower_ms=641", []),
        ("words=%22)+OR+*xyz", []),
    ],
)
async def test_calls_are_found_by_what_is_asked(signed_in, calls, query, found):
    assert await shown(await signed_in(Role.EDITOR), query) == found


async def test_a_reply_that_took_long_is_found_and_pages_follow_one_another(signed_in, calls):
    client = await signed_in(Role.QA)
    first = (await client.get("/api/calls?slower_ms=640")).json()
    second = (await client.get(f"/api/calls?{first['next']}")).json()
    ids = [each["call_id"] for each in first["calls"] + second["calls"]]
    assert ids == ["odd", *(f"c{number:02}" for number in reversed(range(60)))]
    assert second["next"] == ""
    page = await client.get("/calls?slower_ms=640")
    assert f"/calls?{first['next']}".replace("&", "&amp;") in page.text


@pytest.mark.parametrize("query", ["since=yesterday", "slower_ms=soon", "slower_ms=nan", "version=x", "after=x,y"])
async def test_what_cannot_be_asked_is_told(signed_in, calls, query):
    client = await signed_in(Role.QA)
    assert (await client.get(f"/api/calls?{query}")).status_code == 422
    answer = await client.get(f"/calls?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.text


async def test_a_viewer_sees_no_words_numbers_or_values_and_cannot_search_them(signed_in, calls):
    client = await signed_in(Role.VIEWER)
    for path in ("/calls", "/calls/c01", "/api/calls", "/api/calls/c01", "/api/calls.json", "/api/calls.csv"):
        answer = await client.get(path)
        assert answer.status_code == 200
        for personal in ("15551234567", "where is my order", "4567"):
            assert personal not in answer.text.replace("1·······", ""), path
    assert (await client.get("/calls?words=order")).status_code == 403
    assert (await client.get("/calls/c01/made/test.yaml")).status_code == 403
    assert (await client.get("/calls/c01/recording.wav")).status_code == 403


async def test_a_calls_page_shows_turns_waterfall_and_tools_and_escapes_them(signed_in, calls):
    page = (await (await signed_in(Role.EDITOR)).get("/calls/c01")).text
    assert "It &lt;b&gt;arrives&lt;/b&gt; on Thursday." in page
    assert "640 ms" in page
    assert "orders_db.order_status" in page
    assert 'id="turn-1"' in page
    assert (await (await signed_in(Role.EDITOR)).get("/calls/nothing")).status_code == 404


async def test_exports_hold_all_calls_and_are_noted(signed_in, calls, console):
    client = await signed_in(Role.QA)
    rows = list(csv.DictReader(io.StringIO((await client.get("/api/calls.csv?task=order_status")).text)))
    assert len(rows) == 60
    assert rows[0]["slowest_ms"] == "640.0"
    assert len((await client.get("/api/calls.json")).json()) == 61
    noted = [(line.action, line.subject) for line in await console.audit.lines()]
    assert noted == [("calls.exported", ""), ("calls.exported", "task=order_status")]


async def test_a_label_is_put_found_and_taken(signed_in, calls):
    client = await signed_in(Role.QA)
    answer = await client.post("/calls/c07/labels", data={"label": "agent misheard", "note": "the number", "turn": "1"})
    assert "agent misheard · turn 1 · the number" in answer.text
    assert await shown(client, "label=agent+misheard") == ["c07"]
    assert (await client.get("/api/calls/c07/labels")).json()[0]["by"] == "qa"
    await client.post("/calls/c07/labels/taken", data={"label": "agent misheard"})
    assert await shown(client, "label=agent+misheard") == []
    assert (await client.put("/api/calls/c07/labels/slow", json={})).status_code == 204
    assert (await client.delete("/api/calls/c07/labels/slow")).status_code == 204
    viewer = await signed_in(Role.VIEWER)
    assert (await viewer.post("/calls/c07/labels", data={"label": "x"})).status_code == 403


async def test_a_call_becomes_a_test_of_its_dialplan_and_a_scenario(signed_in, calls):
    client = await signed_in(Role.EDITOR)
    (test,) = YAML(typ="safe").load((await client.get("/calls/c01/made/test.yaml")).text)
    read = Conversation.model_validate(test)
    assert read.talk[0].caller == ("where is my order",)
    assert read.talk[0].ends == "completed"
    scenario = Scenario.model_validate(YAML(typ="safe").load((await client.get("/calls/c01/made/scenario.yaml")).text))
    assert scenario.number == "5000"
    assert scenario.holds.outcome.task == "order_status"
    assert scenario.talk[0].caller == ("where is my order",)


async def test_a_recorded_call_becomes_a_scenario_with_the_callers_voice(signed_in, calls, console):
    file = RecordingFile(console.settings.recordings_dir, "c01", key_bytes(console.settings.privacy.key))
    file.append([Chunk(second * 1000, bytes([0x80, 0xFF] * 8000)) for second in range(12)])
    file.close()
    client = await signed_in(Role.QA)
    assert "made/scenario.zip" in (await client.get("/calls/c01")).text
    answer = await client.get("/calls/c01/made/scenario.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert {Path(name).suffix for name in packed.namelist()} == {".yaml", ".wav"}
        scenario = Scenario.model_validate(YAML(typ="safe").load(packed.read("scenario.yaml")))
    assert scenario.talk[0].wav
    assert [line.action for line in await console.audit.lines()] == ["scenario.made", "recording.heard"]
    assert (await client.get("/calls/c02/made/scenario.zip")).status_code == 404
    assert (await (await signed_in(Role.EDITOR)).get("/calls/c01/made/scenario.zip")).status_code == 403


async def test_a_recording_is_decrypted_for_qa_and_each_look_is_noted(signed_in, calls, console):
    key = console.settings.privacy.key
    file = RecordingFile(console.settings.recordings_dir, "c01", key_bytes(key))
    file.append([Chunk(0, bytes([0x80, 0xFF] * 8000))])
    file.close()
    client = await signed_in(Role.QA)
    assert "data-recording" in (await client.get("/calls/c01")).text
    answer = await client.get("/calls/c01/recording.wav")
    sound = wav.parse(answer.content)
    assert sound.samples.shape == (8000, 2)
    assert np.abs(sound.samples[:, 0]).min() > 8000 > np.abs(sound.samples[:, 1]).max()
    assert [(line.who, line.action, line.subject) for line in await console.audit.lines()] == [
        ("qa", "recording.heard", "c01")
    ]
    assert (await client.get("/calls/c02/recording.wav")).status_code == 404
    assert "data-recording" not in (await (await signed_in(Role.EDITOR)).get("/calls/c01")).text


async def test_words_that_many_said_are_found_as_well(signed_in, calls, monkeypatch):
    monkeypatch.setattr(words, "FEW", 5)
    assert len(await shown(await signed_in(Role.EDITOR), "words=WHERE+ord&task=order_status")) == 50
    assert await shown(await signed_in(Role.EDITOR), "words=thursday+remboursement") == ["odd"]
