"""Street addresses: a house number and a street, with what follows; the words as said."""

from voicegw.nlu.en.numbers import ordinal, whole
from voicegw.nlu.turn import EXPLICIT, POSSIBLE, Candidate, Turn
from voicegw.nlu.words import Words, at, match

STREETS = frozenset(
    "street st avenue ave road rd lane ln drive dr boulevard blvd court ct place pl way terrace close crescent square "
    "parkway pkwy highway hwy circle row gardens mews alley loop trail pike plaza grove hill".split()
)
STOPS = frozenset("please thanks thank is and i my the that because but so it".split())
LEADS = ("my address is", "the address is", "address is", "i live at", "i'm at", "it's", "it is", "i live on", "at",
         "that's", "um", "uh", "yes", "sure", "yeah", ",", ".", "okay", "so", "live at", "deliver to", "send it to",
         "it would be", "that would be", "well")  # fmt: skip


def find(turn: Turn) -> list[Candidate]:
    """Addresses with a street's word anywhere; where one was asked, whatever was said after the lead-in."""
    found = _streets(turn)
    return found or (_whole_turn(turn) if turn.expects("address") else [])


def _streets(turn: Turn) -> list[Candidate]:
    words = turn.words
    for i in range(len(words)):
        house = whole(words, i)
        if house is None or ordinal(words, i) or at(words, house[1]) in STREETS:
            continue
        for k in range(house[1] + 1, min(house[1] + 6, len(words))):
            between = {word.text for word in words[house[1] : k]}
            if words[k].text in STREETS and not words[k].glued and not between & STOPS:
                j = _tail(words, k + 1)
                return [Candidate("address", _said(turn, i, j), i, j, EXPLICIT + 2)]
    return []


def _tail(words: Words, j: int) -> int:
    """Flat, town and postcode after the street."""
    end = j
    while j < len(words) and words[j].text not in STOPS and words[j].text not in "?!;":
        j += 1
        if words[j - 1].text not in ".,":
            end = j
    return end


def _whole_turn(turn: Turn) -> list[Candidate]:
    i = 0
    while end := match(turn.words, i, LEADS):
        i = end
    j = _tail(turn.words, i)
    has_figure = any(whole(turn.words, k) for k in range(i, j))
    return [Candidate("address", _said(turn, i, j), i, j, POSSIBLE)] if j - i >= 2 and has_figure else []


def _said(turn: Turn, i: int, j: int) -> str:
    return turn.text[turn.words[i].start : turn.words[j - 1].end]
