"""One of the options that the dialplan lists, by its words, nearly its words, or its place ("the second one")."""

from difflib import SequenceMatcher

from voicegw.nlu.en.numbers import ordinal
from voicegw.nlu.turn import EXPLICIT, LIKELY, POSSIBLE, Candidate, Turn
from voicegw.nlu.words import Words, at, match, split

SIMILAR = 0.8
"""Least likeness, by characters, of words that recognition bent ("expres" for "express")."""


def find(turn: Turn) -> list[Candidate]:
    """Options named in the turn; where none is, the one it sounds like or points at."""
    phrases = turn.expecting.phrases
    found = [
        Candidate("choice", phrase, i, end, EXPLICIT)
        for i in range(len(turn.words))
        for phrase in phrases
        if (end := match(turn.words, i, (phrase,)))
    ]
    if found or not phrases or not turn.expects("choice"):
        return found
    near = _nearest(turn.words, phrases)
    return [near] if near else _by_place(turn.words, phrases)


def _nearest(words: Words, phrases: tuple[str, ...]) -> Candidate | None:
    best, likeness = None, SIMILAR
    for phrase in phrases:
        wanted = " ".join(word.text for word in split(phrase))
        size = max(1, len(split(phrase)))
        for i in range(len(words)):
            for j in range(i + 1, min(len(words), i + size + 1) + 1):
                said = " ".join(word.text for word in words[i:j])
                ratio = SequenceMatcher(None, said, wanted, autojunk=False).ratio()
                if ratio > likeness and len(said) > 3:
                    best, likeness = Candidate("choice", phrase, i, j, LIKELY), ratio
    return best


def _by_place(words: Words, phrases: tuple[str, ...]) -> list[Candidate]:
    """ "the first", "number two", "the latter"."""
    for i in range(len(words)):
        place = ordinal(words, i)
        if place and at(words, place[1]) in ("", ".", "one", "option", ",", "please") and place[0] <= len(phrases):
            return [Candidate("choice", phrases[place[0] - 1], i, place[1], POSSIBLE)]
        last = match(words, i, ("the last", "the latter", "last one"))
        if last:
            return [Candidate("choice", phrases[-1], i, last, POSSIBLE)]
        former = match(words, i, ("the former",))
        if former:
            return [Candidate("choice", phrases[0], i, former, POSSIBLE)]
    return []
