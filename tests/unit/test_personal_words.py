"""Values of personal slots are hidden in what is kept of a turn, and the conversation goes on with them."""

from pathlib import Path

import pytest

from voicegw.dialplan.parse import parse
from voicegw.outcomes.record import Waterfall
from voicegw.testing import KeywordReader, Talk
from voicegw.worker.clock import MediaClock
from voicegw.worker.outside import Outside
from voicegw.worker.turn_log import TurnLog

TEXT = (Path(__file__).parent / "dialplans" / "card.yaml").read_text(encoding="utf-8")
ACCOUNT = "    type: digits\n    length: 16\n    check: luhn\n    secure: true\n"
PLAN = parse(TEXT.replace(ACCOUNT, "    type: digits\n    length: 8\n    personal: true\n    confirm: explicit\n"))


@pytest.fixture
def talk() -> Talk:
    made = Talk(PLAN, KeywordReader({"task.pay": ["pay"]}))
    made.begins()
    made.says("I want to pay")
    return made


def test_a_personal_value_is_hidden_as_it_was_said_and_as_it_is_said_back(talk):
    asked = talk.says("it's 1234 5678 thanks")
    assert "1 2 3 4" in asked, "the caller hears it"
    assert talk.dialog.masked("it's 1234 5678 thanks") == "it's *** thanks"
    assert talk.dialog.masked(asked) == "That's ***, right?"
    assert ("caller", "it's *** thanks") in talk.dialog.masked_lines()
    assert talk.dialog.slots["card"] == "12345678", "the conversation goes on with it"


def test_a_turn_is_told_with_its_personal_values_hidden(talk):
    told = []
    log = TurnLog("c1", MediaClock(), Outside(told.append, lambda *_: None, lambda: 1.0), talk.dialog.masked)
    log.open("it's 1234 5678", "reflex", Waterfall())
    talk.says("it's 1234 5678")
    log.close()
    assert told[0].caller_text == "it's ***"
