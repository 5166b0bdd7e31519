"""Names of persons: "my name is …", "under …", spelled out, or alone where a name was asked."""

from voicegw.nlu.en.letters import spelling
from voicegw.nlu.turn import EXPLICIT, LIKELY, POSSIBLE, Candidate, Turn
from voicegw.nlu.words import Words, at, match

INTRODUCTIONS = ("my name is", "my name's", "name is", "the name is", "the name's", "name's", "this is", "i am", "i'm",
                 "it's", "under the name of", "under the name", "under", "in the name of", "on behalf of", "for",
                 "call me", "first name is", "last name is", "surname is", "first name", "last name", "surname",
                 "under mr", "under mrs", "name of", "it is", "that's", "name", "my first name is",
                 "my last name is", "booked by", "made by")  # fmt: skip
FIRM = ("my name is", "my name's", "name is", "the name is", "the name's", "name's", "under the name of",
        "under the name", "in the name of", "on behalf of", "call me", "first name is", "last name is", "surname is",
        "my first name is", "my last name is", "name of")  # fmt: skip
FOLLOWERS = ("speaking", "here", "calling")
TITLES = ("mr", "mrs", "ms", "miss", "dr", "doctor", "mister", "sir", "madam")
COMMON = frozenset(
    "a about actually after again all am an and any are as ask at be because been before booked booking but by call "
    "calling can cancel change check coming could day did do does don't dont email everyone fine for four from get go "
    "going good great had has have having he hello help her here hey hi him his hold home hotel hour how i i'd i'll "
    "i'm i've if in is isn't it it's its just know last later let like looking make me more morning my name need new "
    "next night no nope not now number of off ok okay on one only or order other our out over people person please "
    "problem question ready really refund repeat reservation restaurant right room same say see she should so some "
    "someone something sorry spell spelled spelling stay still sure table tell thank thanks that that's the their "
    "them then there there's these they thing think this those three time to today together tomorrow tonight too two "
    "um uh under until up us use very wait want was we we're well were what when where which who why will with without "
    "would wrong yeah yep yes yet you your monday tuesday wednesday thursday friday saturday sunday january february "
    "march april june july august september october november december am pm o'clock afternoon evening "
    "first second third five six seven eight nine ten calling speaking trying able happy afraid interested not "
    "another different correct incorrect it'll we'll reason fault mistake both neither none myself".split()
)


def find(turn: Turn) -> list[Candidate]:
    """Names that are introduced as such; where a name was asked, also one that stands alone."""
    asked = turn.expects("name")
    found: list[Candidate] = []
    for i in range(len(turn.words)):
        end = match(turn.words, i, INTRODUCTIONS)
        read = _name(turn.words, end) if end else None
        if read:
            firm = bool(match(turn.words, i, FIRM) == end) or (asked and _weakly(turn.words, end, read[1]))
            if firm or asked or _capitals(turn.words, end, read[1]):
                found.append(Candidate("name", read[0], read[2], read[1], EXPLICIT - 1 if firm else POSSIBLE + 1))
    found += _announced(turn.words)
    return found or (_alone(turn) if asked else [])


def _weakly(words: Words, i: int, j: int) -> bool:
    return _capitals(words, i, j) or j == len(words)


def _name(words: Words, i: int) -> tuple[str, int, int] | None:
    """The name at ``i``: its words, the end, and where it begins after a title. A spelling after it wins."""
    i = match(words, i, TITLES) or i
    i += at(words, i) == "."
    spelled = spelling(words, i)
    if spelled and spelled.pieces >= 3 and spelled.sure >= 2 and spelled.said.isalpha():
        return spelled.said.capitalize(), spelled.j, i
    j = i
    while j < len(words) and j - i < 4 and _is_name_word(words, j):
        j += 1
        if at(words, j) in ("-", "'") and j + 1 < len(words) and words[j].glued and words[j + 1].glued:
            j += 1
    if j == i:
        return None
    return _spelled_after(words, i, j) or (_written(words, i, j), j, i)


def _is_name_word(words: Words, j: int) -> bool:
    word = words[j]
    return word.is_letters and word.text not in COMMON and (len(word.text) > 1 or word.capital)


def _spelled_after(words: Words, i: int, j: int) -> tuple[str, int, int] | None:
    """ "Smyth, S M Y T H", "Smyth, that's spelled S M Y T H"."""
    k = j
    while at(words, k) in (",", ".", "-", "that's", "that", "is", "spelled", "spelt", "spelling", "it's"):
        k += 1
    spelled = spelling(words, k) if k > j else None
    if spelled is None or spelled.pieces < 3 or spelled.sure < 2 or not spelled.said.isalpha():
        return None
    if spelled.said[0] != words[j - 1].text[0]:
        return None
    return " ".join([*_capitalised(words, i, j - 1), spelled.said.capitalize()]), spelled.j, i


def _capitalised(words: Words, i: int, j: int) -> list[str]:
    return [word.text.capitalize() for word in words[i:j] if word.is_letters]


def _written(words: Words, i: int, j: int) -> str:
    parts: list[str] = []
    for k in range(i, j):
        said = words[k].text.capitalize()
        joined = parts and (words[k].glued or not words[k].is_letters)
        parts[-1:] = [parts[-1] + said] if joined else [*parts[-1:], said]
    return " ".join(parts)


def _capitals(words: Words, i: int, j: int) -> bool:
    return all(word.capital for word in words[i:j] if word.is_letters)


def _announced(words: Words) -> list[Candidate]:
    """ "Jane Doe speaking", "Jane here"."""
    found: list[Candidate] = []
    for j in range(1, len(words)):
        i = j
        while i > 0 and j - i < 3 and _is_name_word(words, i - 1):
            i -= 1
        if i < j and at(words, j) in FOLLOWERS and (i == 0 or not words[i - 1].is_letters or match(
                words, i - 1, ("hi", "hello", "is", "hey"))):  # fmt: skip
            found.append(Candidate("name", _written(words, i, j), i, j, LIKELY))
    return found


def _alone(turn: Turn) -> list[Candidate]:
    """The first words that can be a name, after fillers. An ear writes "and" for Ann."""
    surname = _name(turn.words, 1) if at(turn.words, 0) == "and" else None
    if surname and surname[2] == 1 and surname[1] == 2 and not any(word.is_letters for word in turn.words[2:]):
        return [Candidate("name", f"Ann {surname[0]}", 0, 2, POSSIBLE)]
    i = 0
    while i < len(turn.words):
        read = _name(turn.words, i)
        if read:
            return [Candidate("name", read[0], read[2], read[1], POSSIBLE)]
        i += 1
    return []
