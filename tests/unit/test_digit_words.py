"""Digits heard in the sound beside the decoder's words: which are believed."""

import pytest

from voicegw.audio.spoken_digits.reading import Reading
from voicegw.engines.providers import digit_words
from voicegw.nlu.expecting import Expecting

FOUR = Expecting("digits", "order_id", length=4)


def reading(digits: str, *, others: float = 0.0, strain: float = 0.5) -> Reading:
    return Reading(digits, 0.9, others, strain)


@pytest.mark.parametrize(
    ("heard", "clear"),
    [
        (reading("4067"), True),
        (reading("406"), True),  # the rest is still to come
        (reading("40"), False),  # "no", "um"
        (reading(""), False),
        (reading("40678"), False),  # more than there are: a correction, perhaps
        (reading("4067", others=0.3), False),
        (reading("7409", strain=5.4), False),  # "double four oh nine"
    ],
)
def test_clear_digits_need_no_words(heard: Reading, clear: bool) -> None:
    assert digit_words.is_clear(heard, FOUR) is clear


@pytest.mark.parametrize(
    ("heard", "text", "better"),
    [
        (reading("2540", strain=6), "is my fault", True),
        (reading("2577", strain=6), "2 5 7", True),
        (reading("4067", strain=6), "4 0 6 8", True),  # only digits: the sound tells them better
        (reading("406", strain=6), "for all six", True),
        (reading("40", strain=6), "4 0 4 0", False),  # the words can be right
        (reading("1467", others=0.4, strain=18), "My number is 1, 4, 6, 7, 7.", True),
        (reading("146", others=0.4, strain=18), "My number is 1 4 6", True),
        (reading("4067", others=0.3, strain=8), "Yes, it's four all six", True),
        (reading("7409", strain=6), "double 4 0 9", False),
        (reading("7409", strain=6), "double 4 or 9", False),
        (reading("5277", strain=35), "I don't have it.", False),
        (reading("2556", others=0.3, strain=11), "Where do I find it?", False),
        (reading("9864", others=0.4, strain=10), "1984", False),  # "nineteen eighty-four"
        (reading("9622", others=0.9, strain=6), "Thank you.", False),
        (reading("2222", strain=8), "", False),  # noise
        (reading("2303", strain=3.2), "", True),
    ],
)
def test_digits_must_do_better_than_the_words(heard: Reading, text: str, better: bool) -> None:
    assert digit_words.is_better(heard, text, text, FOUR) is better


def test_a_decoder_that_wrote_on_and_on_has_lost_count() -> None:
    heard, eight = reading("93172", others=0.1, strain=4.8), Expecting("digits", "account", length=8)
    assert digit_words.is_better(heard, "931 72222", "931 7222222222", eight)
    assert not digit_words.is_better(heard, "931 72222", "931 72222", eight)


def test_a_no_before_digits_is_left_to_the_words() -> None:
    answer = Expecting("yes_no", "order_id", also=("digits",))
    assert not digit_words.is_better(reading("4068", strain=6), "No, 4068", "No, 4068", answer)


def test_a_check_digit_decides_which_can_be_right() -> None:
    card = Expecting("digits", "card", length=16, check="luhn")
    assert digit_words.is_better(reading("4539578763621486", strain=6), *["4539 5787 6362 1487"] * 2, card)
    assert not digit_words.is_better(
        reading("4539578763621487", others=0.3, strain=6), *["4539 5787 6362 1486"] * 2, card
    )


def test_long_strings_are_written_in_groups() -> None:
    assert digit_words.written("40678812") == "4067 8812"


@pytest.mark.parametrize(
    ("text", "heard", "meant"),
    [
        ("It's 204-11888.", "154204118", "It's 204 118."),
        ("Where is order 999999", "49999", "Where is order 9999"),
        ("Refund order 77888 please.", "7788", "Refund order 7788 please."),
        ("My order is 1223.", "51223", "My order is 1223."),  # the sound says the same
        ("It costs 100 dollars", "1", "It costs 100 dollars"),
        ("He came in 1977", "979", "He came in 1977"),
    ],
)
def test_a_digit_that_the_decoder_wrote_too_often_is_counted_in_the_sound(text: str, heard: str, meant: str) -> None:
    assert digit_words.may_be_miscounted(text)
    assert digit_words.recounted(text, reading(heard, others=0.5)) == meant


@pytest.mark.parametrize("text", ["where is my order 4567", "on the 11th at 10:00", "from 1122 to 3344", "no"])
def test_other_numbers_are_left_to_the_words(text: str) -> None:
    assert not digit_words.may_be_miscounted(text)


@pytest.mark.parametrize(
    ("text", "heard", "meant"),
    [
        ("I forgot my password. it's too 0 for 1 1 8.", "6204118", "I forgot my password. it's 204 118."),
        ("Hi, where is my order for 567?", "4567", "Hi, where is my order 4567?"),
        ("where is my order for five six seven", "4567", "where is my order 4567"),
        ("I want to return order 1 to 3 4", "1234", "I want to return order 1234"),
        ("an order for 5670 please", "5670", "an order for 5670 please"),
        ("it is 1 2 or 5 6 please", "12456", "it is 124 56 please"),
    ],
)
def test_words_that_sound_like_digits_are_digits_where_the_sound_has_them(text: str, heard: str, meant: str) -> None:
    assert digit_words.may_be_digits(text)
    assert digit_words.spelled(text, reading(heard, others=0.5)) == meant


@pytest.mark.parametrize(
    "text",
    ["where is my order 4567", "a table for 2 for 3 nights", "too late for me", "9 to 5", "back or 1 2 3 4", "1234 or"],
)
def test_other_words_are_no_digits(text: str) -> None:
    assert not digit_words.may_be_digits(text)
