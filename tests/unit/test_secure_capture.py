"""Card numbers and PINs reach the tool and nothing that remembers: not the dialog, its lines, prompts or snapshots."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from voicegw.actions.secrets import SecretGone, is_token, revealed
from voicegw.call.commands import StartAction, Transfer
from voicegw.call.events import DigitPressed, SecretBegun, SecretGiven, SilenceLasted, TranscriptFinal
from voicegw.call.secure import HIDDEN, screen
from voicegw.dialplan.check import check
from voicegw.dialplan.parse import Source, parse, parse_source
from voicegw.testing import MONDAY_NOON, KeywordReader, Talk
from voicegw.worker.secure_capture import SecureCapture

TEXT = (Path(__file__).parent / "dialplans" / "card.yaml").read_text(encoding="utf-8")
PLAN = parse(TEXT)
CARD = "4111111111111111"
SPOKEN = "four one one one, one one one one, one one one one, one one one one"


class Caller:
    """A conversation through the capture, as the worker leads it."""

    def __init__(self) -> None:
        self.vault: dict[str, str] = {}
        self.capture = SecureCapture(PLAN, self._put)
        self.talk = Talk(PLAN, KeywordReader({"task.pay": ["pay"], "talk.person": ["person"]}))
        self.talk.begins()

    def _put(self, digits: str) -> str:
        token = f"secret:{len(self.vault)}"
        self.vault[token] = digits
        return token

    @property
    def dialog(self):
        return self.talk.dialog

    def says(self, text: str, *, continues: bool = False) -> str:
        kept, secret = self.capture.words(self.dialog.question, text, continues=continues)
        said = [self.talk.happens(secret)] if secret else []
        if kept != HIDDEN:
            said.append(self.talk.happens(TranscriptFinal(kept)))
        return " ".join(filter(None, said))

    def presses(self, keys: str) -> str:
        said = []
        for key in keys:
            secret = self.capture.asks(self.dialog.question)
            event = self.capture.key(key) if secret else DigitPressed(key)
            said.append(self.talk.happens(event) if event else "")
        return " ".join(filter(None, said))

    def is_silent(self) -> str:
        secret = self.capture.silence() if self.capture.asks(self.dialog.question) else None
        return self.talk.happens(secret or SilenceLasted(4.0))

    def remembered(self) -> str:
        return json.dumps(self.dialog.state()) + str(self.dialog.masked_lines()) + str(self.dialog.spoken_slots())


@pytest.fixture
def caller() -> Caller:
    made = Caller()
    assert made.says("I want to pay") == "What's your card number?"
    return made


@pytest.mark.parametrize("said", [SPOKEN, "4111 1111 1111 1111", "it's 4111111111111111 thanks", "4-1-1-1" + " 1" * 12])
def test_a_spoken_card_number_is_a_token_to_all_but_the_vault(caller, said):
    assert caller.says(said) == "And your PIN?"
    assert list(caller.vault.values()) == [CARD]
    assert is_token(caller.dialog.slots["card"])
    assert ("caller", HIDDEN) in caller.dialog.lines
    assert "1111" not in caller.remembered()
    assert "one one" not in caller.remembered()
    assert caller.dialog.spoken_slots() == {"card": "***"}


def test_a_keyed_card_number_and_pin_go_to_the_tool_as_tokens(caller):
    assert caller.presses(CARD) == "And your PIN?"
    assert caller.presses("0427") == "Shall I charge your card?"
    assert list(caller.vault.values()) == [CARD, "0427"]
    caller.says("yes")
    (action,) = [command for command in caller.talk.commands if isinstance(command, StartAction)]
    assert {caller.vault[str(token)] for token in action.request.arguments.values()} == {CARD, "0427"}
    assert "0427" not in caller.remembered()


def test_a_card_number_in_two_breaths_is_one(caller):
    assert caller.says("four one one one one one one one") == "Yes, go on."
    assert caller.says("one one one one one one one one") == "And your PIN?"
    assert list(caller.vault.values()) == [CARD]


def test_a_turn_that_goes_on_is_heard_once(caller):
    caller.says("four one one one one one one one")
    assert caller.says(SPOKEN, continues=True) == "And your PIN?"
    assert list(caller.vault.values()) == [CARD]


def test_a_wrong_check_digit_is_asked_again_and_not_kept(caller):
    assert "sixteen digits" in caller.says("4111 1111 1111 1112")
    assert caller.vault == {}
    assert "1112" not in caller.remembered()
    assert caller.presses(CARD) == "And your PIN?"


def test_star_begins_the_keys_anew_and_hash_or_a_pause_ends_them(caller):
    caller.presses("41*" + CARD)
    assert list(caller.vault.values()) == [CARD]
    caller.presses("12#")
    assert "PIN again" in caller.talk.commands[-2].text
    caller.presses("04")
    assert caller.is_silent(), "too short after a pause: asked again"
    assert "0427" not in caller.vault.values()


def test_a_person_can_be_had_instead_of_a_secret(caller):
    caller.says("I'd rather talk to a person")
    assert isinstance(caller.talk.ended, Transfer)


def test_garbled_digits_do_not_slip_through_as_words(caller):
    caller.says("four one won one for double one seven")
    assert "four one" not in caller.remembered()


def test_a_card_number_said_unasked_is_taken_out_of_the_words():
    caller = Caller()
    assert caller.says("I want to pay with my card 4111 1111 1111 1111 please") == "And your PIN?"
    assert list(caller.vault.values()) == [CARD]
    assert "1111" not in caller.remembered()
    assert any("I want to pay with my card" in text for _, text in caller.dialog.lines)


def test_other_numbers_are_left_alone():
    found = screen(PLAN, "open", "my order is 4567 and I was born in 1984", MONDAY_NOON)
    assert not found.is_secret
    assert found.text == "my order is 4567 and I was born in 1984"


def test_a_screened_secret_does_not_show_in_a_log():
    assert CARD not in repr(screen(PLAN, "card", SPOKEN, datetime(2026, 3, 16)))


def test_parts_of_a_secret_say_nothing_to_the_dialog():
    assert not {"digits", "text"} & set(SecretBegun.__dataclass_fields__)
    assert set(SecretGiven.__dataclass_fields__) == {"slot", "token", "plausible"}


async def test_a_tool_gets_the_digits_and_a_secret_that_is_gone_stops_it():
    async def reveal(token: str) -> str | None:
        return {"secret:1": CARD}.get(token)

    assert await revealed({"card": "secret:1", "amount": 5}, reveal) == {"card": CARD, "amount": 5}
    with pytest.raises(SecretGone):
        await revealed({"card": "secret:2"}, reveal)
    with pytest.raises(SecretGone):
        await revealed({"card": "secret:1"}, None)


@pytest.mark.parametrize(
    ("change", "to", "message"),
    [
        ("done: It's paid.", 'done: "It is paid with {card}."', "card is secret and cannot be said"),
        ("    check: luhn\n", "    check: luhn\n    confirm: explicit\n", "card is secret and cannot be said back"),
        ("      - ask: pin\n", "      - ask: pin\n        when: card is 5\n", "card is secret and cannot be compared"),
        ("    type: digits\n    length: 4\n", "    type: text\n", "pin is no string of digits"),
    ],
)
def test_a_dialplan_that_would_give_a_secret_away_is_refused(change, to, message):
    assert change in TEXT
    source = Source(TEXT.replace(change, to, 1), "card.yaml")
    assert message in [problem.message for problem in check(parse_source(source), source.problem)]


def test_keys_of_a_personal_value_are_not_kept_one_by_one():
    plan = parse(
        TEXT.replace(
            "slots:\n",
            "slots:\n  born:\n    type: digits\n    length: 4\n    personal: true\n    ask: Which year?\n",
            1,
        )
    )
    capture = SecureCapture(plan, lambda digits: "")
    assert capture.kept_key("born", "4") == "***"
    assert capture.kept_key("card", "4") == HIDDEN
    assert capture.kept_key("open", "4") == "4"
