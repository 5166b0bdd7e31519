"""A call of a while ago against the dialplan that ships and against another version of it, by text."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.unit.test_replay import BEGAN, turn
from voicegw.config import load
from voicegw.errors import SetupError
from voicegw.outcomes.record import TurnTaken
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.qa.replay.differences import Comparison
from voicegw.qa.replay.running import RecordedCall, replay
from voicegw.recording.files import Recording
from voicegw.recording.notes import ToolNote

pytestmark = pytest.mark.servers
ROOT = Path(__file__).parents[2]
ACME = ROOT / "dialplans" / "acme-orders.yaml"

STORY = CallStory(
    CallRow("c1", BEGAN, callee="5000", disposition="abandoned", ended_by="caller", task="order_status"),
    (
        TurnTaken("c1", 0, BEGAN, "", "Hi, this is Acme. How can I help?", decided_by="greeting"),
        turn(
            1,
            4.0,
            "Where is order 9 8 7 6?",
            "Order 9 8 7 6 has shipped. It should arrive tomorrow. Anything else?",
        ),
        turn(2, 9.0, "When are you open?", "We're open Monday to Friday, nine to five. Is there anything else?"),
    ),
)
NOTE = ToolNote(
    BEGAN + 4.1,
    "orders_db.order_status",
    {"order_id": "9876"},
    "found",
    {"status": "found", "state": "shipped", "arrives": "2026-03-17"},
)
CALL = RecordedCall(STORY, Recording(0, np.zeros((0, 2), np.int16), (NOTE,)))


async def against(plan: Path, call: RecordedCall = CALL) -> Comparison:
    settings = load(None, {"dialplans": str(plan), "integrations": str(ROOT / "integrations")})
    return await replay(call, settings, "text", lambda line: None)


async def test_tools_answer_what_they_answered_on_the_day_of_the_call():
    found = await against(ACME)
    assert found.lines[0].differences == ()


async def test_another_version_that_says_it_otherwise_differs_there(tmp_path):
    text = ACME.read_text().replace("has shipped. It should arrive", "is on its way, and will be there")
    assert text != ACME.read_text()
    (tmp_path / "next.yaml").write_text(text.replace('"5000"', '"5900"'), encoding="utf-8")
    found = await against(tmp_path / "next.yaml")
    assert found.lines[0].differences == ("turn",)
    assert "is on its way" in found.lines[0].after.said


async def test_words_that_hide_a_value_cannot_be_said_again():
    hidden = replace(STORY, turns=(*STORY.turns[:2], replace(STORY.turns[2], caller_text="My code is ***.")))
    with pytest.raises(SetupError, match=r"line 2.*voicegw qa scenario"):
        await against(ACME, RecordedCall(hidden, CALL.recording))
