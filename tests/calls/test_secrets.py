"""A card number and a PIN on a real, recorded call: the tool gets them, and no artefact of the call has them."""

from pathlib import Path

import numpy as np
import pytest

from voicegw.qa.caller import place_call
from voicegw.qa.script import PressKeys, SayLine, Script
from voicegw.qa.service import RunningService, start_service
from voicegw.qa.spans import voiced_spans
from voicegw.qa.stored import stories
from voicegw.recording import files
from voicegw.session.vault import key_bytes, new_key

pytestmark = [pytest.mark.calls, pytest.mark.timeout(240)]
CARD = "4111111111111111"
PIN = "0427"
DIALPLAN = Path(__file__).parent.parent / "unit" / "dialplans" / "card.yaml"
BANK = """
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from voicegw.actions.requests import Effect, Integration, Tool, ToolResult


class Charge(BaseModel):
    card: str
    pin: str


class Charged(ToolResult):
    status: Literal["done", "refused"]


def integration(settings: dict[str, Any]) -> Integration:
    async def charge(takes: Charge) -> Charged:
        Path(settings["till"]).write_text(f"{takes.card} {takes.pin}")
        return Charged(status="done")

    return Integration("bank", (Tool("bank.charge", Effect.WRITES, Charge, Charged, charge),))
"""


async def recorded_call(tmp_path: Path, key: str) -> tuple[RunningService, Path]:
    """A service whose bank keeps its till outside of everything that voicegw keeps."""
    bank = tmp_path / "integrations" / "bank"
    bank.mkdir(parents=True)
    (bank / "__init__.py").write_text(BANK, encoding="utf-8")
    plan = tmp_path / "plan.yaml"
    plan.write_text(DIALPLAN.read_text(encoding="utf-8") + "privacy:\n  record: true\n", encoding="utf-8")
    till = tmp_path / "till"
    overrides = {
        "data_dir": str(tmp_path / "data"),
        "dialplans": str(plan),
        "integrations": str(tmp_path / "integrations"),
        "integration": {"bank": {"till": str(till)}},
        "privacy": {"key": key},
        "llm": {"provider": "none"},
        "log": {"level": "debug", "personal_data": True},
        "sip": {"host": "127.0.0.1", "port": 0},
    }
    return await start_service(overrides), till


async def test_no_artefact_of_a_call_holds_what_was_told_in_secret(tmp_path):
    key = new_key()
    service, till = await recorded_call(tmp_path, key)
    try:
        steps = (
            SayLine("I want to pay my bill."),
            PressKeys(CARD),
            SayLine("zero four two seven"),
            SayLine("Yes please."),
        )
        report = await place_call(f"sip:5001@127.0.0.1:{service.sip_port}", Script(steps, patience_s=15), timeout_s=90)
        story = (await stories(service, 1))[0]
    finally:
        await service.stop()
    assert report.ok, report.problem
    card, pin = till.read_text().split()
    assert card == CARD
    assert len(pin) == 4
    for file in (tmp_path / "data").rglob("*"):
        if file.is_file():
            _has_no_secret(file, pin)
    assert story.call.slots == {"card": "***", "pin": "***"}
    assert "[secure]" in [turn.caller_text for turn in story.turns]
    _is_silent_where_the_pin_was_said(tmp_path, story.call.call_id, key, report)


def _has_no_secret(file: Path, pin: str) -> None:
    data = file.read_bytes().decode("latin-1").casefold()
    words = {"0": "zero", "2": "two", "4": "four", "7": "seven"}
    spoken = " ".join(words.get(digit, digit) for digit in PIN)
    wanted = [CARD, " ".join(CARD), "4111 1111", spoken, " ".join(pin), f'"{pin}"', f"'{pin}'"]
    assert [text for text in wanted if text in data] == [], file


def _is_silent_where_the_pin_was_said(tmp_path, call_id, key, report) -> None:
    kept = files.read_all(tmp_path / "data" / "recordings", call_id, key_bytes(key))
    (note,) = kept.notes
    assert (note.tool, note.status) == ("bank.charge", "done")
    assert CARD not in str(note), "what a tool is asked is kept with tokens in place of secrets"
    pcm = kept.pcm
    heard = _voiced_s(pcm[:, 0])
    said = [_voiced_s(report.tape.voice[turn.line.span.begin : turn.line.span.end]) for turn in report.turns]
    assert _voiced_s(pcm[:, 1]) > 0.5, "the agent is recorded"
    assert heard < said[0] + said[2] + 0.4, "what was said in secret is not on the recording"
    assert heard > 0.5 * (said[0] + said[2]), "what was said otherwise is"


def _voiced_s(pcm: np.ndarray) -> float:
    return sum(span.length_ms for span in voiced_spans(pcm)) / 1000
