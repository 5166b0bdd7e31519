"""A number that was heard wrong is mended by saying only the part that is wrong."""

import pytest

from voicegw.call.dialog_repair import repair
from voicegw.call.dialog_slots import luhn
from voicegw.dialplan.parse import parse
from voicegw.testing import KeywordReader, Talk

CARD = "4539578763621486"


def anything(number: str) -> bool:
    return True


@pytest.mark.parametrize(
    ("whole", "part", "words", "mended"),
    [
        ("45678901", "8951", "no, eight nine five one", "45678951"),
        ("45678901", "4667", "no, it's 4667", "46678901"),
        ("45678901", "1111", "the last four are 1111", "45671111"),
        ("45678901", "99", "it begins with 99", "99678901"),
        ("45678901", "99", "it ends in 99", "45678999"),
        ("45678901", "2222", "the second group is 2222", "45672222"),
        ("45678901", "1111", "no 1111", None),
        ("45674567", "4568", "no 4568", None),
        ("45678901", "5", "no, five", None),
        ("45678901", "45678902", "no", None),
    ],
)
def test_a_part_finds_its_place(whole, part, words, mended):
    assert repair(whole, part, words, anything) == mended


def test_the_check_digit_tells_the_place_when_the_digits_do_not():
    heard = "4539578763621496"  # 14 9 6 for 14 8 6
    assert not luhn(heard)
    assert repair(heard, "1486", "no, one four eight six", luhn) == CARD


def test_a_read_back_is_mended_and_read_back_again():
    plan = parse("""\
name: bank
numbers: ["1"]
greeting: Hi.
tasks:
  pay:
    title: a payment
    examples: [pay a bill]
    steps:
      - ask: account
      - say: Thank you.
slots:
  account: {type: digits, length: 8, ask: [Which account?, The account?], confirm: explicit}
handoff: {to: sip:a@b.example, say: One moment., failed: Nobody is there.}
limits:
  no_input: {say: Hello?, then: {end: call}}
  no_match: {say: Sorry?, then: {end: call}}
""")
    caller = Talk(plan, KeywordReader({"task.pay": ["pay"]}))
    caller.begins()
    caller.says("I want to pay")
    assert caller.says("four five six seven eight nine oh one") == "That's 4 5 6 7, 8 9 0 1, right?"
    assert caller.says("no, eight nine five one") == "I have 4 5 6 7, 8 9 5 1. Is that right?"
    assert caller.says("yes").startswith("Thank you.")


def bank(check: str = "") -> Talk:
    plan = parse(f"""\
name: bank
numbers: ["1"]
greeting: Hi.
tasks:
  pay:
    title: a payment
    examples: [pay a bill]
    steps:
      - ask: account
      - say: Thank you.
slots:
  account:
    type: digits
    length: 8
    {check}
    tries: 3
    ask: [Which account?, The account?]
    confirm: explicit
handoff: {{to: sip:a@b.example, say: One moment., failed: Nobody is there.}}
limits:
  no_input: {{say: Hello?, then: {{end: call}}}}
  no_match: {{say: Sorry?, then: {{end: call}}}}
""")
    caller = Talk(plan, KeywordReader({"task.pay": ["pay"]}))
    caller.begins()
    caller.says("I want to pay")
    return caller


def test_while_a_number_is_read_back_the_ear_listens_for_the_part_that_is_wrong():
    caller = bank()
    caller.says("four five six seven eight nine oh one")
    expecting = caller.dialog.expecting
    assert (expecting.kind, expecting.also) == ("yes_no", ("digits",))
    assert set(expecting.refused) == {"45678901", "4567", "8901"}


def test_a_number_that_was_refused_is_not_heard_again():
    caller = bank()
    caller.says("four five six seven eight nine oh one")
    caller.says("no")
    assert caller.dialog.expecting.kind == "digits"
    assert caller.dialog.expecting.refused == ("45678901",)


def test_a_part_in_a_correction_can_be_keyed_in():
    caller = bank()
    caller.says("four five six seven eight nine oh one")
    caller.says("no")
    assert "4 5 6 7, 8 9 5 1" in caller.keys("45678951")


def test_a_string_is_corrected_while_it_is_being_said():
    caller = bank()
    assert caller.says("4567 8901, no, 8951") == "That's 4 5 6 7, 8 9 5 1, right?"
