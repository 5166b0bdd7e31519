"""What lists and exports show of people unless they are asked for all."""

import json
from dataclasses import fields

import pytest

from voicegw.outcomes.exporting import CSV_COLUMNS, to_csv, to_json
from voicegw.outcomes.personal import mask_number, masked_story
from voicegw.outcomes.record import TurnTaken
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.outcomes.tables import PERSONAL, calls, turns

STORY = CallStory(
    CallRow("c1", 1.0, caller="+15551234567", callee="100", slots={"order_number": "4567"}, turns=1),
    (TurnTaken("c1", 1, 2.0, "it is 4567", "Thank you, Mr Smith"),),
)


async def stories(*all_of_them: CallStory):  # type: ignore[no-untyped-def]
    for story in all_of_them:
        yield story


async def text_of(pieces) -> str:  # type: ignore[no-untyped-def]
    return "".join([piece async for piece in pieces])


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+15551234567", "+15·······67"),
        ("0301234567", "03······67"),
        ("1001", "1··1"),
        ("12", "··"),
        ("", ""),
        ("alice", "a···e"),
    ],
)
def test_a_number_keeps_its_ends_only(number: str, shown: str) -> None:
    assert mask_number(number) == shown


def test_every_personal_column_and_no_other_is_masked() -> None:
    masked = masked_story(STORY)
    changed = {f.name for f in fields(CallRow) if getattr(masked.call, f.name) != getattr(STORY.call, f.name)}
    changed |= {
        f.name for f in fields(TurnTaken) if getattr(masked.turns[0], f.name) != getattr(STORY.turns[0], f.name)
    }
    assert changed == {c.name for c in (*calls.columns, *turns.columns) if c.info == PERSONAL}


async def test_nothing_personal_is_left_in_an_export_of_masked_calls() -> None:
    for form in (to_csv, to_json):
        text = await text_of(form(stories(masked_story(STORY))))
        assert "5551234" not in text
        assert "4567" not in text
        assert "Smith" not in text


async def test_csv_has_a_column_for_each_of_the_table() -> None:
    header, line = (await text_of(to_csv(stories(STORY)))).splitlines()
    assert header.split(",") == [column.name for column in calls.columns] == list(CSV_COLUMNS)
    assert '"{""order_number"": ""4567""}"' in line


async def test_a_caller_cannot_plant_a_formula_in_a_spreadsheet() -> None:
    row = CallRow("c1", 1.0, caller='=HYPERLINK("http://x")', callee="+49301234567", task="-1+2")
    text = await text_of(to_csv(stories(CallStory(row))))
    assert "'=HYPERLINK" in text
    assert ",'-1+2" in text
    assert ",+49301234567," in text


async def test_json_is_one_array_with_turns() -> None:
    found = json.loads(await text_of(to_json(stories(STORY, STORY))))
    assert [call["turns"][0]["caller_text"] for call in found] == ["it is 4567"] * 2


async def test_json_of_no_calls_is_an_empty_array() -> None:
    assert json.loads(await text_of(to_json(stories()))) == []
