"""What a Piper voice reads."""

from voicegw.engines.providers.piper_tts import phoneme_ids

IDS = {"_": [0], "^": [1], "$": [2], " ": [3], "a": [14], "b": [15], "̃": [141]}


def test_phonemes_stand_between_begin_and_end_with_a_blank_after_each() -> None:
    assert phoneme_ids("ab a", IDS) == [1, 0, 14, 0, 15, 0, 3, 0, 14, 0, 2]


def test_a_combined_letter_is_taken_apart() -> None:
    assert phoneme_ids("ã", IDS) == [1, 0, 14, 0, 141, 0, 2]


def test_phonemes_the_voice_does_not_know_are_left_out() -> None:
    assert phoneme_ids("axb", IDS) == phoneme_ids("ab", IDS)
    assert phoneme_ids("xyz", IDS) == []
    assert phoneme_ids("", IDS) == []
