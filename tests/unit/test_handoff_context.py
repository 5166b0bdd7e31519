"""The context of a caller who is handed over: what is in it, what is hidden, what travels in headers."""

import pytest

from voicegw.call.masking import mask
from voicegw.errors import WireError
from voicegw.nlu.en.sentiment import sentiment
from voicegw.session import handoff
from voicegw.session.handoff import HandoffContext

CONTEXT = HandoffContext(
    "c1", 1.5, "+15550123", "5000", "acme", "a refund was refused", "refund", {"order_id": "4567", "card": "***"},
    ("task refund: done", "orders_db.refund: refused"), (("caller", "é"), ("agent", "Sorry.")), "upset",
)  # fmt: skip


def test_it_comes_back_equal_and_encodes_to_the_same_text():
    text = handoff.encode(CONTEXT)
    assert handoff.decode(text) == CONTEXT
    assert handoff.encode(handoff.decode(text)) == text


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"call_id": 5}', b"\xff"])
def test_nonsense_is_no_context(text):
    with pytest.raises(WireError):
        handoff.decode(text)


def test_headers_are_short_and_hold_the_key_alone():
    key = handoff.new_key()
    headers = handoff.headers(key)
    assert all(len(f"{name}: {value}") <= 128 for name, value in headers.items())
    assert headers["X-Voicegw-Context"] == key
    assert headers["User-to-User"].endswith(";encoding=hex")
    assert handoff.key_of(headers["User-to-User"]) == key


def test_keys_do_not_repeat():
    assert len({handoff.new_key() for _ in range(1000)}) == 1000


def test_what_is_no_key_of_ours_is_told():
    with pytest.raises(WireError):
        handoff.key_of("zz;encoding=hex")


@pytest.mark.parametrize(
    ("said", "sounds"),
    [
        (["where is my order"], "neutral"),
        (["this is ridiculous", "I've been waiting for a week"], "upset"),
        (["that's great, thank you so much"], "pleased"),
        (["this is terrible", "a", "b", "c", "d"], "neutral"),
        ([], "neutral"),
    ],
)
def test_how_a_caller_sounds_by_the_last_words(said, sounds):
    assert sentiment(said) == sounds


@pytest.mark.parametrize(
    ("text", "personal", "masked"),
    [
        ("my name is Jane Doe.", ["jane doe"], "my name is ***."),
        ("it's 4 5 6 7, right", ["4 5 6 7", "4567"], "it's ***, right"),
        ("4567 and 45678", ["4567"], "*** and 45678"),
        ("four, five six", ["four five six"], "***"),
        ("nothing", ["", " "], "nothing"),
    ],
)
def test_personal_words_are_hidden_however_they_are_written(text, personal, masked):
    assert mask(text, personal) == masked
