"""Codes of letters and digits: "A B 1 2", "B as in boy, four, seven", "AB-1247". Values are upper case."""

from voicegw.nlu.en.letters import Spelling, spelling
from voicegw.nlu.turn import EXPLICIT, LIKELY, POSSIBLE, Candidate, Turn
from voicegw.nlu.words import Word, Words


def find(turn: Turn) -> list[Candidate]:
    """Mixed codes anywhere; any spelling where a code was asked."""
    asked = turn.expects("code")
    length = turn.expecting.length if turn.expecting.kind == "code" else None
    found: list[Candidate] = []
    i = 0
    while i < len(turn.words):
        read = _written(turn.words, i) or spelling(turn.words, i)
        weight = _weight(read, asked, length) if read else 0.0
        if read is None or not weight:
            i += 1
            continue
        found.append(Candidate("code", read.said.upper(), read.i, read.j, weight))
        i = read.j
    return found


def _weight(read: Spelling, asked: bool, length: int | None) -> float:
    mixed = any(c.isalpha() for c in read.said) and any(c.isdigit() for c in read.said)
    if length is not None and len(read.said) == length and asked:
        return EXPLICIT
    if not asked and read.ends_in_word:
        return 0.0
    if not asked:
        return LIKELY if mixed and len(read.said) >= 4 and read.sure >= 3 and read.sure == read.pieces else 0.0
    if not read.sure or len(read.said) < 2:
        return 0.0
    return LIKELY if mixed else POSSIBLE


def _written(words: Words, i: int) -> Spelling | None:
    """ "AB1247", "XK-42": letters and digits without a gap."""
    j = i
    while j < len(words) and (j == i or words[j].glued) and (_alphanumeric(words[j]) or _inner_dash(words, j)):
        j += 1
    said = "".join(word.text for word in words[i:j] if _alphanumeric(word))
    mixed = any(c.isalpha() for c in said) and any(c.isdigit() for c in said)
    if not mixed or len(said) < 3 or _reads_as_words(words[i:j]):
        return None
    rest = spelling(words, j) if j < len(words) and not words[j].is_letters else None
    return Spelling(said + (rest.said if rest else ""), i, rest.j if rest else j, 3, 3)


def _alphanumeric(word: Word) -> bool:
    return word.is_digits or (word.is_letters and word.text.isascii() and word.text.isalpha())


def _inner_dash(words: Words, j: int) -> bool:
    return words[j].text == "-" and j + 1 < len(words) and words[j + 1].glued and _alphanumeric(words[j + 1])


def _reads_as_words(words: Words) -> bool:
    """ "7pm", "21st", "5-star", "3-bedroom": figures with a word, no code."""
    letters = [word.text for word in words if word.is_letters]
    return all(len(part) > 3 or part in ("am", "pm", "st", "nd", "rd", "th", "ish", "k", "p", "a") for part in letters)
