"""What espeak-ng is given, clause by clause; the program itself is not run here."""

import pytest

from voicegw.engines.providers.espeak import _MONEY, _clauses, _dollars


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("", []),
        ("?!", []),
        ("Yes", [("Yes", "")]),
        ("Is it? Yes!", [("Is it", "?"), ("Yes", "!")]),
        ("It is 3 p.m. today, Dr. Smith.", [("It is 3 p.m. today", ","), ("Dr Smith", ".")]),
        ("Order 4 5, 6 7.", [("Order 4 5 6 7", ".")]),
    ],
)
def test_punctuation_that_pauses_is_kept_beside_its_words(text: str, clauses: list[tuple[str, str]]) -> None:
    assert _clauses(text.split()) == clauses


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("$42.50", "42 dollars and 50 cents"),
        ("$1", "1 dollar"),
        ("$1,250.00 now", "1250 dollars now"),
        ("$0.01", "0 dollars and 1 cent"),
    ],
)
def test_money_is_said_as_people_say_it(text: str, spoken: str) -> None:
    assert _MONEY.sub(_dollars, text) == spoken
