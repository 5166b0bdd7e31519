"""Words that sound alike are told apart by what callers are likely to say."""

import pytest

from voicegw.engines.providers.whisper_rivals import likeliest, says_twice
from voicegw.engines.providers.whisper_text import Decoded
from voicegw.nlu.expecting import Expecting
from voicegw.nlu.likely import LikelyWords, likely_words

SAID = (
    "I need a filling", "I'd like to book a checkup", "when is my appointment", "where is my order",
    "refund order 1234", "my login is blocked", "I can't stop the bleeding",
)  # fmt: skip


def written(text: str, confidence: float = 0.5) -> Decoded:
    return Decoded(text, confidence, 0.1, tokens=len(text.split()) + 1)


def heard(expecting: Expecting, *texts: str) -> str:
    """What is taken of what was written, the decoder's own choice first; each a little less likely by its sound."""
    rivals = [written(text, 0.5 - 0.05 * place) for place, text in enumerate(texts)]
    return likeliest(rivals, likely_words(expecting)).text


@pytest.mark.parametrize(
    ("own", "rival"),
    [
        ("I need a feeling tomorrow at 11.", "I need a filling tomorrow at 11."),
        ("When is my apartment?", "When is my appointment?"),
        ("Refined Order 7788, please.", "Refund Order 7788, please."),
        ("Refined Order 7 7 8 8 Please.", "Refund order 77-88, please."),
        ("Refined order seven seven eight eight.", "Refund order 7788."),
        ("I'd like to book a check out.", "I'd like to book a check up."),
        ("My look on this block.", "My login is blocked."),
        ("I can't stop believing.", "I can't stop the bleeding."),
    ],
)
def test_what_callers_say_here_stands_for_what_sounds_alike(own: str, rival: str) -> None:
    assert heard(Expecting(likely=SAID), own, rival) == rival


@pytest.mark.parametrize(
    "own",
    ["I need a new table.", "My dog is in the garden.", "I'd like to speak about my apartment in town."],
)
def test_what_sounds_much_likelier_stays(own: str) -> None:
    rivals = [written(own, 0.8), written("When is my appointment?", 0.15)]
    assert likeliest(rivals, likely_words(Expecting(likely=SAID))).text == own


@pytest.mark.parametrize(
    ("own", "rival"),
    [
        ("Where is my order 4567?", "Where is my order"),
        ("Where is my order 4567?", "Where is my order 4568?"),
        ("Where's my order?", "Where is my order? Where is my order?"),
        ("agent.", "Thank you."),
        ("four in the afternoon", "in the afternoon"),
    ],
)
def test_no_number_is_lost_or_another_and_nothing_said_twice(own: str, rival: str) -> None:
    assert heard(Expecting(likely=SAID), own, rival) == own


def test_an_answer_is_likelier_than_what_is_said_elsewhere() -> None:
    choice = Expecting("choice", phrases=("code", "text", "questions"), likely=SAID)
    assert heard(choice, "I call.", "a code.") == "a code."
    assert heard(Expecting("time", likely=SAID), "have passed 9.", "half past 9.") == "half past 9."


def test_spellings_of_the_same_words_count_together() -> None:
    rivals = [written("The cloud.", 0.55), written("the code.", 0.5), written("The code", 0.5), written("a card", 0.2)]
    taken = likeliest(rivals, LikelyWords((), ()))
    assert taken.text == "the code."
    assert taken.confidence > 0.5


def test_compounds_are_known_in_two_words() -> None:
    likely = LikelyWords(("book a checkup", "my login"), ())
    assert likely.words("Book a check-up, my log in") == ("book", "a", "checkup", "my", "login")
    assert likely.words("four five 67") == ("<n>",)


@pytest.mark.parametrize(
    ("text", "twice"),
    [
        ("Tomorrow, tomorrow.", True),
        ("my power is out my power is out", True),
        ("No, no.", True),
        ("no no not that one", False),
        ("that is that", False),
    ],
)
def test_what_is_written_twice_is_noticed(text: str, twice: bool) -> None:
    assert says_twice(text) is twice


def test_words_are_known_that_are_put_as_callers_put_them() -> None:
    likely = likely_words(Expecting(likely=SAID))
    assert likely.knows(likely.words("Where is my order?"))
    assert not likely.knows(likely.words("I need a feeling tomorrow at 11."))
