"""Cutting text where a speaker would breathe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegw.call.clauses import Break, ClauseStream, break_between, split

GREETING = "Hello, thank you for calling Acme, how can I help you today?"
ANSWER = "Your order 4 5 6 7 was shipped on Tuesday, and it should arrive by Friday, March 6th, at the latest."
SPOKEN = st.lists(
    st.sampled_from(
        [*GREETING.split(), *ANSWER.split(), "Dr.", "p.m.", "$42.50", "and", "No.", "so", "U.S.", "—", "5,", "2026."]
    ),
    max_size=40,
).map(" ".join)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("  \n ", []),
        ("Sure.", ["Sure."]),
        (GREETING, ["Hello, thank you for calling Acme,", "how can I help you today?"]),
        (ANSWER, ["Your order 4 5 6 7 was shipped on Tuesday,", ANSWER.split("Tuesday, ")[1]]),
        ("Thanks, Maria. It has left.", ["Thanks, Maria.", "It has left."]),
        (
            "I can help you with that and I will send you an email when it leaves.",
            ["I can help you with that", "and I will send you an email when it leaves."],
        ),
        ("Okay — let me check that for you.", ["Okay —", "let me check that for you."]),
        ("Really? Yes! Good.", ["Really?", "Yes!", "Good."]),
        ('She said "wait." Then she left.', ['She said "wait."', "Then she left."]),
    ],
)
def test_text_is_cut_at_sentences_and_at_the_clauses_of_long_ones(text: str, pieces: list[str]) -> None:
    assert split(text) == pieces


@pytest.mark.parametrize(
    "text",
    [
        "We open at 8 a.m. on weekdays.",
        "We close at 5 p.m. EST today.",
        "It is due at 5 p.m. Friday or earlier.",
        "Dr. Smith is with Mrs. Jones at No. 5 Main St. on the left",
        "It costs $1,250.00 in all.",
        "That makes forty two dollars and fifty cents for both",
        "It comes to one hundred and five with tax for you",
        "Your card is 1 2 3 4, 5 6 7 8, 9 0 1 2, 3 4 5 6",
        "Booked for May 3, 2026 at noon",
        "It comes Friday, March 6th at noon",
        "In the U.S. it is free for J. K. Rowling, Inc.",
        "Between 5 and 7 in the evening then",
        "Version 2.5 of www.acme.com is up",
    ],
)
def test_numbers_money_dates_times_and_abbreviations_stay_whole(text: str) -> None:
    assert split(text) == [text]


def test_an_abbreviation_may_end_a_sentence_when_a_new_one_begins() -> None:
    assert split("Be there at 2:45 p.m. Bring your card.") == ["Be there at 2:45 p.m.", "Bring your card."]
    assert split("No. It is not here.") == ["No.", "It is not here."]


def test_the_first_piece_is_short_when_it_can_be() -> None:
    for text in (
        GREETING,
        "Thanks, Maria, I found two orders for you, and three others.",
        "All right, that is done now.",
    ):
        assert len(split(text)[0].split()) <= 6


def test_a_sentence_is_not_cut_just_before_its_end() -> None:
    assert split("Shall I send it to you, then?") == ["Shall I send it to you, then?"]
    assert split("I have sent it to you, Maria. Good bye.") == ["I have sent it to you, Maria.", "Good bye."]


def test_an_and_after_an_amount_is_a_place_to_breathe_when_no_amount_follows() -> None:
    assert break_between("cents", "and", "it") is Break.CONJUNCTION
    assert break_between("dollars", "and", "ten") is Break.NONE


@given(SPOKEN)
def test_no_word_is_lost_or_changed(text: str) -> None:
    assert " ".join(split(text)) == text


@given(SPOKEN, st.lists(st.integers(1, 12), min_size=1))
def test_text_that_comes_in_bits_is_cut_as_if_it_came_at_once(text: str, sizes: list[int]) -> None:
    stream, pieces, place, turn = ClauseStream(), [], 0, 0
    while place < len(text):
        size = sizes[turn % len(sizes)]
        pieces += stream.feed(text[place : place + size])
        place, turn = place + size, turn + 1
    assert pieces + stream.rest() == split(text)


def test_a_piece_leaves_as_soon_as_it_is_sure_to_end() -> None:
    stream = ClauseStream()
    assert stream.feed("All right. Let") == []
    assert stream.feed(" me see, that was order") == ["All right."]
    assert stream.feed(" 4567, which is on its") == []
    assert stream.feed(" way.") == ["Let me see, that was order 4567,"]
    assert stream.rest() == ["which is on its way."]


def test_a_stream_begins_afresh_after_its_rest() -> None:
    stream = ClauseStream()
    stream.feed("One moment, please")
    assert stream.rest() == ["One moment, please"]
    assert stream.rest() == []
    assert stream.feed("Thanks, Maria, I found it for you. ") == ["Thanks, Maria,"]
