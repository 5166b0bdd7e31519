"""What a decoder that does not find its end has written over and over."""

import pytest

from voicegw.engines.providers.whisper_text import begun_once, cleaned, is_sayable, loops


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("Yes. Yes. Yes.", "Yes."),
        ("Where is it? Where is it? Where is it?", "Where is it?"),
        ("No thanks bye bye bye bye bye bye", "No thanks bye"),
        ("I lost my card, please help, please help, please help, please help", "I lost my card, please help,"),
        ("Bye bye.", "Bye bye."),
        ("No, no, not that one.", "No, no, not that one."),
        ("No thanks bye bye bye", "No thanks bye bye bye"),
        ("4 4 4 4 4 4", "4 4 4 4 4 4"),
        ("it is 1 2 1 2 1 2 1 2", "it is 1 2 1 2 1 2 1 2"),
        ("[music]", ""),
        ("", ""),
    ],
)
def test_an_end_that_only_repeats_itself_is_said_once(written, heard):
    assert cleaned(written) == heard


@pytest.mark.parametrize(
    ("tokens", "lost"),
    [
        ([5, 9, 9, 9, 9], True),
        ([5, 1, 2, 1, 2, 1, 2, 1, 2], True),
        ([5, 1, 2, 1, 2], False),
        ([9, 9, 9], False),
        ([1, 2, 3, 4, 5], False),
        ([], False),
    ],
)
def test_a_decoder_that_is_lost_is_noticed(tokens, lost):
    assert loops(tokens) is lost


def test_words_for_which_there_was_no_time_were_not_said():
    assert not is_sayable("and make sure to make sure that you can make sure you can do it.", audio_s=0.9)
    assert is_sayable("where can I park", audio_s=0.6)
    assert is_sayable("It's 1 2 1 2 1 2 1 2 1 2 1 2 1 2", audio_s=0.9), "figures are another's matter"
    assert is_sayable("I ordered a lamp about two weeks ago and I wonder where it is", audio_s=3.0)


@pytest.mark.parametrize(
    ("written", "audio_s", "heard"),
    [
        ("where is my order where is", 1.2, "where is my order"),
        ("It's 1 2 3 4, sorry, 1 2 4 3, it's 1 2 3 4, sorry", 3.6, "It's 1 2 3 4, sorry, 1 2 4 3"),
        ("where is my order, where is my order", 2.6, "where is my order, where is my order"),
        ("What happened? How? What happened?", 3.4, "What happened? How? What happened?"),
        ("1 2 1 2 1 2", 0.8, "1 2 1 2 1 2"),
        ("yes yes", 0.3, "yes yes"),
        ("where can I park", 0.5, "where can I park"),
        ("", 0.5, ""),
    ],
)
def test_a_text_that_begins_anew_without_time_for_it_is_said_once(written, audio_s, heard):
    assert begun_once(written, audio_s) == heard
