"""A new dialplan is another one's text under its own name, or a skeleton that passes its check."""

from pathlib import Path

import pytest

from voicegw.dialplan import files
from voicegw.dialplan.parse import parse
from voicegw.errors import SetupError
from voicegw.publishing.beginning import SKELETON, begun

ROOT = Path(__file__).parents[2]


def test_the_skeleton_has_no_problems(tmp_path):
    file = tmp_path / "desk.yaml"
    file.write_text(begun(SKELETON, "desk", ["5001", "*"]))
    plan, problems = files.read(file, {})
    assert problems == []
    assert (plan.name, plan.numbers) == ("desk", ("5001", "*"))


@pytest.mark.parametrize("path", sorted((ROOT / "dialplans").rglob("*.yaml")), ids=lambda path: path.stem)
def test_a_copy_differs_by_name_and_numbers_alone(path):
    text = path.read_text()
    copy = begun(text, "copy", ["+15550199"])
    renamed = {"name": "copy", "numbers": ("+15550199",)}
    assert parse(copy) == parse(text).model_copy(update=renamed)


def test_numbers_that_stand_in_lines_of_their_own_are_replaced_whole():
    text = 'name: a\nnumbers:\n- "1"\n  # and\n- "2"\ngreeting: Hi\n'
    assert begun(text, "b", ["3"]) == 'name: b\nnumbers: ["3"]\ngreeting: Hi\n'


@pytest.mark.parametrize(
    ("name", "numbers"), [("New Desk", ["1"]), ("new", ["1"]), ("", ["1"]), ("desk", []), ("desk", ["5 0"])]
)
def test_names_and_numbers_that_cannot_be_are_refused(name, numbers):
    with pytest.raises(SetupError):
        begun(SKELETON, name, numbers)
