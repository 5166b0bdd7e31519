"""Conditions on what a call knows."""

import pytest

from voicegw.dialplan.conditions import ConditionError, parse

KNOWN = {"state": "Shipped", "amount": "51.00", "urgent": True, "email": "", "reason": "too late"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("state is shipped", True),
        ("state is not shipped", False),
        ("amount > 50", True),
        ("amount <= 50", False),
        ("urgent is yes", True),
        ("urgent is no", False),
        ("email is known", False),
        ("email is not known", True),
        ("state is known and amount > 100", False),
        ("amount > 100 or state is shipped", True),
        ('reason is "too late"', True),
        ("reason is too late", True),
        ("nothing is here", False),
        ("nothing > 3", False),
        ("nothing is not here", True),
    ],
)
def test_a_condition_holds_or_not(text, holds):
    assert parse(text).holds(KNOWN) is holds


@pytest.mark.parametrize("text", ["", "state", "state is", "amount > many", "and", "state is a or", "> 5"])
def test_what_is_not_a_condition_is_refused(text):
    with pytest.raises(ConditionError):
        parse(text)


def test_a_condition_says_which_values_it_looks_at():
    assert parse("state is shipped and amount > 50 or urgent is yes").names == ("state", "amount", "urgent")
