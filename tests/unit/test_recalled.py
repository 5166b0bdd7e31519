"""A turn that was read when its end was foreseen need not be read again when it comes."""

from datetime import date, time

from voicegw.nlu.expecting import Expecting
from voicegw.nlu.recalled import MOST, Recalled
from voicegw.nlu.understanding import Understanding

TODAY, NOON = date(2026, 3, 16), time(12)


def test_the_same_words_to_the_same_question_are_read_once():
    read: list[str] = []

    def reads(text, vector, expecting, today, now):
        read.append(text)
        return Understanding(f"{text} {expecting.kind}")

    recalled = Recalled(reads)
    first = recalled("yes", None, Expecting(), TODAY, NOON)
    assert recalled("yes", None, Expecting(), TODAY, NOON) is first
    assert recalled("yes", None, Expecting("yes_no"), TODAY, NOON).text == "yes yes_no"
    assert read == ["yes", "yes"]
    for number in range(MOST):
        recalled(str(number), None, Expecting(), TODAY, NOON)
    recalled("yes", None, Expecting(), TODAY, NOON)
    assert read[-1] == "yes", "not for ever"
