"""What a completion will say is known before it has said it."""

import pytest

from voicegw.call.decisions import settled

CHOICES = ["task.refund", "task.return", "answer.hours", "none"]
SCHEMA = {"type": "object", "properties": {"choice": {"enum": CHOICES}}, "required": ["choice"]}


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("", None),
        ('{"choice"', None),
        ('{"choice": "', None),
        ('{"choice": "task.re', None),
        ('{"choice": "task.ref', "task.refund"),
        ('{ "choice" : "a', "answer.hours"),
        ('{"choice": "none"}', "none"),
        ('{"choice": "something else"}', None),
    ],
)
def test_a_choice_is_settled_once_only_one_fits(text: str, choice: str | None) -> None:
    assert settled(SCHEMA, text) == (None if choice is None else {"choice": choice})


def test_a_choice_that_another_begins_with_is_settled_by_its_quote() -> None:
    schema = {"properties": {"choice": {"enum": ["order", "order_status"]}}}
    assert settled(schema, '{"choice": "order') is None
    assert settled(schema, '{"choice": "order"') == {"choice": "order"}
    assert settled(schema, '{"choice": "order_') == {"choice": "order_status"}


def test_anything_else_is_settled_when_it_is_whole() -> None:
    schema = {"properties": {"choice": {"enum": ["a"]}, "slot": {"type": "string"}}}
    assert settled(schema, '{"choice": "a", "slot": "x') is None
    assert settled(schema, '{"choice": "a", "slot": "x"}') == {"choice": "a", "slot": "x"}
    assert settled(schema, "[1]") is None
