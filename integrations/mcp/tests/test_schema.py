"""JSON schemas become typed arguments."""

from typing import Any, Literal

import pytest

from ..schema import answer, properties, snake, unwrapped, words


@pytest.mark.parametrize(
    ("name", "plain"),
    [("orderId", "order_id"), ("order-id", "order_id"), ("HTTPStatus", "http_status"), ("_x", "x"), ("2nd", "x_2nd")],
)
def test_names_are_written_as_dialplans_write_them(name, plain):
    assert snake(name) == plain


@pytest.mark.parametrize(
    ("part", "annotation"),
    [
        ({"type": "string"}, str),
        ({"type": "integer"}, int),
        ({"type": ["number", "null"]}, float | None),
        ({"anyOf": [{"type": "null"}, {"type": "boolean"}]}, bool | None),
        ({"enum": ["a", "b"]}, Literal["a", "b"]),
        ({"type": "array", "items": {}}, list[Any]),
        ({"$ref": "#/$defs/Day"}, str),
        ({"$ref": "#/$defs/Round"}, Any),
        ({}, Any),
        (True, Any),
    ],
)
def test_types_are_known(part, annotation):
    defs = {"Day": {"type": "string"}, "Round": {"$ref": "#/$defs/Round"}}
    (found,) = properties({"properties": {"x": part}, "required": ["x"], "$defs": defs})
    assert (found.annotation, found.required) == (annotation, True)


def test_an_object_that_may_be_null_is_unwrapped_in_schema_and_answer_alike():
    customer = {"type": "object", "properties": {"name": {"type": "string"}}}
    wrapped = {"properties": {"result": {"anyOf": [{"$ref": "#/$defs/C"}, {"type": "null"}]}}, "$defs": {"C": customer}}
    assert [each.name for each in properties(answer(wrapped))] == ["name"]
    assert unwrapped({"result": {"name": "Joe"}}) == {"name": "Joe"}
    assert unwrapped({"result": None}) is None
    text = {"properties": {"result": {"type": "string"}}}
    assert answer(text) == text
    assert unwrapped({"result": "x"}) == {"result": "x"}


def test_words_of_a_status_are_listed():
    assert words({"properties": {"status": {"enum": ["up", "down"]}}}, "status") == ("up", "down")
    assert words({"properties": {"status": {"type": "string"}}}, "status") == ()
