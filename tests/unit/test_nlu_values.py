"""Values in callers' words, as an ear writes them: what was asked, the words, the value."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegw.nlu.expecting import Expecting
from voicegw.nlu.slots import completeness, parse
from voicegw.nlu.understanding import Completeness

TODAY, NOW = date(2022, 3, 15), time(9)
"""A Tuesday."""
DIGIT_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def value(text: str, kind: str, length: int | None = None) -> object:
    found = [each.value for each in parse(text, Expecting(kind, length=length), TODAY, NOW) if each.kind == kind]
    return found[-1] if found else None


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("digits", "4 5 6 7", "4567"),
        ("digits", "4-5-6-7.", "4567"),
        ("digits", "45 67", "4567"),
        ("digits", "It's 4, 5, 6, 7.", "4567"),
        ("digits", "four five six seven", "4567"),
        ("digits", "For five, six, seven", "4567"),
        ("digits", "double four oh nine", "4409"),
        ("digits", "six, no, seven", "7"),
        ("digits", "where is order 4 5 6 8? No, 4 5 6 7.", "4567"),
        ("number", "four thousand five hundred", 4500),
        ("number", "three people", 3),
        ("money", "five dollars and 20 cents", "5.20"),
        ("date", "the day after tomorrow", "2022-03-17"),
        ("date", "the twenty-first", "2022-03-21"),
        ("date", "20th of April", "2022-04-20"),
        ("date", "no, not Tuesday, Thursday", "2022-03-17"),
        ("time", "quarter to seven in the evening", "18:45"),
        ("time", "25 to 7 p.m.", "18:35"),
        ("time", "five two seven", "06:55"),
        ("time", "half past three in the afternoon", "15:30"),
        ("time", "seven", "07:00"),
        ("number", "seven", 7),
        ("duration", "a couple of hours", "PT2H"),
        ("name", "my name is Kate Smith", "Kate Smith"),
        ("email", "john dot smith at example dot com", "john.smith@example.com"),
        ("phone", "my number is 555 0123", "5550123"),
        ("code", "B as in boy, 1, 2", "B12"),
        ("datetime_range", "from Monday to Wednesday", {"start": "2022-03-21", "end": "2022-03-23"}),
        ("yes_no", "yes please", True),
        ("yes_no", "no thanks", False),
        ("yes_no", "no please", False),
        ("yes_no", "yeah, so no", False),
        ("yes_no", "yeah, no wait, yes", True),
        ("yes_no", "no, that's fine", False),
        ("yes_no", "no, that's okay, thanks", False),
    ],
)
def test_a_value_is_read_in_the_callers_words(kind: str, text: str, expected: object) -> None:
    assert value(text, kind, 4 if kind == "digits" and "no" not in text else None) == expected


def test_a_number_said_unasked_is_digits_and_no_time() -> None:
    found = parse("order one two three four", Expecting(), TODAY, NOW)
    assert [(each.kind, each.value) for each in found] == [("digits", "1234")]


def test_a_correction_is_marked_and_the_old_value_is_gone() -> None:
    dates = [each for each in parse("no, not Tuesday, Thursday", Expecting("date"), TODAY, NOW) if each.kind == "date"]
    assert [each.corrected for each in dates] == [True]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("um", "any", Completeness.INCOMPLETE),
        ("my order number is", "digits", Completeness.INCOMPLETE),
        ("4 5", "digits", Completeness.INCOMPLETE),
        ("4 5 6 7", "digits", Completeness.COMPLETE),
        ("yes", "yes_no", Completeness.COMPLETE),
        ("where is my order", "any", Completeness.COULD_GO_ON),
        ("I want to", "any", Completeness.INCOMPLETE),
        ("on Thursday", "datetime_range", Completeness.COULD_GO_ON),
        ("and", "any", Completeness.INCOMPLETE),
        ("let me see", "any", Completeness.INCOMPLETE),
        ("What are your opening hours?", "any", Completeness.COMPLETE),
        ("Where is order 4568? No.", "any", Completeness.INCOMPLETE),
        ("4568. No, sorry.", "digits", Completeness.INCOMPLETE),
        ("On Thursday. Scratch that.", "date", Completeness.INCOMPLETE),
        ("4568? No.", "yes_no", Completeness.COULD_GO_ON),
        ("Is 4568 shipped or no?", "any", Completeness.COMPLETE),
        ("Is there no other way? No.", "any", Completeness.COMPLETE),
    ],
)
def test_words_tell_whether_the_turn_may_be_over(text: str, kind: str, expected: Completeness) -> None:
    length = 4 if kind == "digits" else None
    assert completeness(text, Expecting(kind, length=length), TODAY) is expected


@given(st.lists(st.integers(0, 9), min_size=3, max_size=16))
def test_any_digit_string_is_read_as_it_was_said(digits: list[int]) -> None:
    said = " ".join(DIGIT_WORDS[digit] for digit in digits)
    assert value(said, "digits", len(digits)) == "".join(map(str, digits))


@given(st.integers(1, 12), st.sampled_from([5, 10, 20, 25]), st.booleans())
def test_minutes_to_and_past_the_hour_come_back(hour: int, minutes: int, past: bool) -> None:
    words = f"{minutes} {'past' if past else 'to'} {hour} in the evening"
    read = value(words, "time")
    expected = (hour * 60 + (minutes if past else -minutes)) % 720
    assert isinstance(read, str)
    assert (int(read[:2]) * 60 + int(read[3:])) % 720 == expected


@given(st.text(max_size=80))
def test_no_text_breaks_a_parser(text: str) -> None:
    for kind in ("any", "digits", "date", "time", "yes_no", "name"):
        for each in parse(text, Expecting(kind), TODAY, NOW):
            assert text[each.start : each.end] == each.text
        completeness(text, Expecting(kind), TODAY)
