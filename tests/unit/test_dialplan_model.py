"""Every part of the language is documented, with an example that is right."""

import inspect
import textwrap
from datetime import datetime

import pytest
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from voicegw.dialplan import conversations, model, slots, steps
from voicegw.dialplan.model import Dialplan, Hours
from voicegw.dialplan.part import Part

ABSTRACT = (steps.Step, slots.Slot, Part)
PARTS = sorted(
    {
        kind
        for module in (model, slots, steps, conversations)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Part) and kind not in ABSTRACT
    },
    key=lambda kind: kind.__name__,
)


def example(kind: type[Part]) -> str:
    _, _, text = (kind.__doc__ or "").partition("Example::\n")
    return textwrap.dedent(text)


@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.__name__)
def test_a_part_has_an_example_that_is_right(kind):
    assert example(kind).strip(), f"{kind.__name__} has no example"
    TypeAdapter(kind).validate_python(YAML(typ="safe").load(example(kind)))


@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.__name__)
def test_every_field_of_a_part_is_described(kind):
    missing = [name for name, field in kind.model_fields.items() if not field.description and name != "type"]
    assert missing == []


def test_the_schema_knows_every_part():
    definitions = Dialplan.model_json_schema()["$defs"]
    assert {kind.__name__ for kind in PARTS if kind is not Dialplan} <= set(definitions)


def test_intents_are_tasks_with_examples_answers_and_the_inbuilt_ones():
    text = example(Dialplan)
    plan = Dialplan.model_validate(YAML(typ="safe").load(text))
    assert {name.split(".")[0] for name in plan.examples()} == {"talk"}


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-03-16T09:00", True),
        ("2026-03-16T08:59", False),
        ("2026-03-16T17:00", False),
        ("2026-03-17T10:00", False),
        ("2026-03-23T10:00", False),
        ("2026-03-18T23:59", True),
    ],
)
def test_opening_hours_and_holidays(at, is_open):
    hours = Hours.model_validate(
        {
            "week": {"monday": "09:00-17:00", "wednesday": "09:00-24:00"},
            "holidays": ["2026-03-23"],
            "closed": "We're closed.",
        }
    )
    assert hours.open_at(datetime.fromisoformat(at)) is is_open
