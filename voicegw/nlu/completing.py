"""May the caller's turn be over, as far as the words go?"""

from voicegw.nlu.turn import Turn
from voicegw.nlu.understanding import Completeness, SlotValue
from voicegw.nlu.words import Words, at, match_back

FILLERS = ("um", "uh", "er", "erm", "uhm", "hmm", "mm", "let me see", "let me think", "let me check", "let's see",
           "hold on", "one second", "one moment", "just a second", "just a moment", "a moment", "hang on", "you know",
           "i mean", "like", "so", "well", "wait", "give me a second", "bear with me", "let me get it",
           "let me look", "let me find it")  # fmt: skip
OPEN_ENDS = frozenset(
    "and or but to of for from at in on with by about into until till between because if that than as the a an my our "
    "your his her their is are was were am be been it's its i'm i'd i'll i've we're we'd that's there's what's i "
    "we you he she they who which when where while would could can will want need like have has get make also then "
    "double triple plus minus dot underscore dash number this these those some any next last every under not don't "
    "trying going called named around before after per via without within during".split()
)
CAN_END = ("that's it", "i am", "yes i am", "it is", "yes it is", "i do", "i would", "i have", "thank you", "you too",
           "yes i would", "yes i can", "yes you can", "i can", "i will", "they are", "i was", "it was", "that",
           "this", "the next", "the last", "like that", "like this", "not that", "i'd like that", "call you",
           "who is this", "log in", "sign in", "check in", "come in", "move in", "go on", "come on", "hang on",
           "turn on", "what for", "where from", "where to", "i need to", "i want to", "i'd like to", "we have",
           "we would", "you can", "you have", "help you", "you will")  # fmt: skip
VERBS = frozenset("is are was were am be do does did can could will would have has been".split())
QUESTION_WORDS = frozenset("what where when who how which why whether whatever wherever".split())
LONG_KINDS = ("text", "address", "any")
TAKES_BACK = ("no", "oh no", "sorry", "scratch that", "make that", "make it", "correction", "i meant")
"""After a value, they announce another. Fewer than ``mending.MARKERS``: "instead" and "actually" end sentences, too."""


def judge(turn: Turn, slots: tuple[SlotValue, ...]) -> Completeness:
    """Incomplete in the middle of something, complete when all that was asked is there."""
    words = turn.words
    if not any(word.is_letters or word.is_digits for word in words):
        return Completeness.INCOMPLETE
    if _figures_open(turn, slots) or _takes_back(turn, slots):
        return Completeness.INCOMPLETE
    asked = [each for each in slots if each.kind == turn.expecting.kind]
    if asked and _fills(turn, asked):
        return Completeness.COMPLETE if _ends_clean(turn, asked) else Completeness.INCOMPLETE
    if trails_off(turn):
        return Completeness.INCOMPLETE
    if turn.expecting.kind in ("digits", "code", "phone", "datetime_range", "email", "address"):
        return _without_answer(turn, slots)
    return Completeness.COMPLETE if _is_sentence(turn, slots) else Completeness.COULD_GO_ON


def trails_off(turn: Turn) -> bool:
    """Ends in a filler, a word that needs another, or a mark of going on."""
    words = turn.words
    if turn.text.rstrip().endswith(("…", "...", ",", "-", "–", "—")):
        return True
    j = _before_marks(words, len(words))
    if match_back(words, j, FILLERS) >= 0 and match_back(words, j, ("as well", "i would like", "very well")) < 0:
        return True
    return at(words, j - 1) in OPEN_ENDS and not _may_end(turn, j)


def _may_end(turn: Turn, j: int) -> bool:
    """ "I am", "log in": words that usually need another, but not here."""
    last = turn.words[j - 1].text
    if last in VERBS and any(word.text in QUESTION_WORDS for word in turn.words[max(0, j - 8) : j - 2]):
        return True  # "where my order is"
    if match_back(turn.words, j, CAN_END) < 0:
        return False
    return last not in ("the", "a", "to") or turn.text.rstrip().endswith(("?", "!"))


def _figures_open(turn: Turn, slots: tuple[SlotValue, ...]) -> bool:
    """Fewer digits than the number has."""
    wanted = turn.expecting.length
    if wanted is None or turn.expecting.kind not in ("digits", "code"):
        return False
    sizes = [len(str(each.value)) for each in slots if each.kind in ("digits", "code", "number")]
    return bool(sizes) and max(sizes) < wanted


def _takes_back(turn: Turn, slots: tuple[SlotValue, ...]) -> bool:
    """ "Order 4 5 6 8? No": what should stand instead is still to come. To a yes-or-no question it is the answer."""
    if turn.expecting.kind == "yes_no" or turn.text.rstrip().endswith("?"):
        return False
    words, value_ends = turn.words, {each.end for each in slots if each.kind != "yes_no"}
    i = last = _before_marks(words, len(words))
    while i and words[i - 1].end not in value_ends:
        start = match_back(words, i, TAKES_BACK)
        if start < 0:
            return False
        i = _before_marks(words, start)
    return 0 < i < last


def _before_marks(words: Words, j: int) -> int:
    while j and not (words[j - 1].is_letters or words[j - 1].is_digits):
        j -= 1
    return j


def _fills(turn: Turn, asked: list[SlotValue]) -> bool:
    wanted = turn.expecting.length
    if turn.expecting.kind in ("digits", "code"):
        return wanted is not None and any(len(str(each.value)) == wanted for each in asked)
    if turn.expecting.kind == "phone":
        return any(len(str(each.value).lstrip("+")) >= 10 for each in asked)
    return turn.expecting.kind not in LONG_KINDS


def _ends_clean(turn: Turn, asked: list[SlotValue]) -> bool:
    """Nothing is begun after the answer."""
    rest = turn.text[max(each.end for each in asked) :]
    return not any(c.isalnum() for c in rest) or not trails_off(turn)


def _without_answer(turn: Turn, slots: tuple[SlotValue, ...]) -> Completeness:
    """Something else was said, or only part of what was asked."""
    if any(each.kind in ("date", "time", "digits", "code") for each in slots):
        return Completeness.COULD_GO_ON
    return Completeness.COMPLETE if _is_sentence(turn, slots) else Completeness.COULD_GO_ON


def _is_sentence(turn: Turn, slots: tuple[SlotValue, ...]) -> bool:
    """A question or statement with its end heard, or an answer that needs nothing more."""
    text = turn.text.rstrip()
    letters = sum(word.is_letters or word.is_digits for word in turn.words)
    if text.endswith(("?", "!")):
        return True
    if any(each.kind == "yes_no" for each in slots) and letters <= 3:
        return True
    return text.endswith(".") and letters >= 3
