"""Digits that are written over and over were said once."""

import pytest

from voicegw.engines.providers.whisper_digits import most_tokens, said_once


@pytest.mark.parametrize(
    ("written", "length", "said"),
    [
        ("1, 2, 3, 9, 1, 2, 3, 9, 1, 2, 3, 9, 1", 4, "1, 2, 3, 9"),
        ("It's 731-4-4-4-4-4-4-4", 4, "It's 731-4"),
        ("3 7 5 0 8 1 8 2 8 2 8", 8, "3 7 5 0 8 1 8 2"),
        ("4 5 6 7", 4, "4 5 6 7"),
        ("My number is 60002. 3149.", 8, "My number is 60002. 3149."),
        ("4567, no, 4568", 4, "4567, no, 4568"),
        ("four five", 4, "four five"),
        ("4, 5, 6, 7, no way. 4, 5, 6, 8, 8, 8", 4, "4, 5, 6, 7, no way. 4, 5, 6, 8"),
        ("It's 4 5 6 7 please", 4, "It's 4 5 6 7 please"),
    ],
)
def test_only_what_repeats_beyond_the_length_is_taken_back(written: str, length: int, said: str) -> None:
    assert said_once(written, length, audio_s=4.0) == said


def test_what_there_was_no_time_to_say_is_taken_back_too() -> None:
    assert said_once("8-1-8-1-8-1-8-1-", 4, audio_s=0.9) == "8-1"
    assert said_once("931 722 2 2", 8, audio_s=2.2) == "931 72"
    assert said_once("931 722 2 2", 8, audio_s=4.0) == "931 722 2 2"


def test_a_long_number_may_be_written_out() -> None:
    assert most_tokens(16) >= 2 * 16
