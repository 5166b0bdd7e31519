"""What is past its time is deleted, on both kinds of database: words, values, numbers, recordings; counts stay."""

import time
from pathlib import Path

import pytest

from voicegw.outcomes import retention
from voicegw.outcomes.record import CallClosed, CallConcluded, CallOpened, SlotFilled, TurnTaken
from voicegw.outcomes.retention import DAY_S
from voicegw.recording.files import path_of

pytestmark = pytest.mark.servers
NOW = 1_800_000_000.0


async def call(outcomes, folder: Path, call_id: str, dialplan: str, days_ago: float, *, over: bool = True) -> None:
    at = NOW - days_ago * DAY_S
    facts = [
        CallOpened(call_id, at, "+15550123", "5000", dialplan),
        TurnTaken(call_id, 0, at, "", "Hello."),
        TurnTaken(call_id, 1, at, "my name is Jane", "Thanks, Jane."),
        SlotFilled(call_id, at, "name", "Jane"),
        CallConcluded(call_id, at, "completed", slots={"name": "Jane"}),
    ]
    if over:
        facts.append(CallClosed(call_id, at + 60, "caller", 200, "bye"))
    await outcomes.apply(facts)
    folder.mkdir(exist_ok=True)
    path_of(folder, call_id).write_bytes(bytes(100))


async def test_words_and_recordings_past_their_time_are_deleted_and_the_rest_stays(outcomes, database, tmp_path):
    folder = tmp_path / "recordings"
    await call(outcomes, folder, "old", "acme", 31)
    await call(outcomes, folder, "young", "acme", 29)
    await call(outcomes, folder, "strict", "bank", 2)
    await call(outcomes, folder, "gone", "forgotten", 91)
    await call(outcomes, folder, "live", "acme", 40, over=False)
    days = {"acme": 30, "bank": 1}
    would = await retention.purge(database, folder, days, NOW, dry_run=True)
    assert path_of(folder, "old").exists()
    deleted = await retention.purge(database, folder, days, NOW)
    assert deleted == would
    assert {name: (what.calls, what.turns, what.recordings) for name, what in deleted.items()} == {
        "acme": (1, 2, 1), "bank": (1, 2, 1), "": (1, 2, 1),
    }  # fmt: skip
    assert sorted(file.stem for file in folder.iterdir()) == ["live", "young"]
    story = await outcomes.show_call("old")
    assert "Jane" not in repr(story)
    assert "15550123" not in repr(story)
    assert (story.call.disposition, story.call.turns, story.call.dialplan) == ("completed", 2, "acme")
    for kept in ("young", "live"):
        assert "Jane" in repr(await outcomes.show_call(kept))
    assert await retention.purge(database, folder, days, NOW) == {}, "what is deleted is not deleted again"


async def test_retention_of_no_days_keeps_nothing_of_a_call_that_is_over(outcomes, database, tmp_path):
    await call(outcomes, tmp_path / "recordings", "c1", "acme", 0.01)
    deleted = await retention.purge(database, tmp_path / "recordings", {"acme": 0}, NOW)
    assert deleted["acme"].calls == 1
    assert deleted["acme"].recording_bytes == 100


async def test_many_calls_are_deleted_in_bounded_transactions(outcomes, database, tmp_path, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 3)
    for number in range(8):
        await call(outcomes, tmp_path, f"c{number}", "acme", 100)
    began = time.monotonic()
    assert (await retention.purge(database, tmp_path, {"acme": 90}, NOW))["acme"].turns == 16
    assert time.monotonic() - began < 30
