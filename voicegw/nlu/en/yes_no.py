"""Yes and no, in the many ways they are said."""

from voicegw.nlu.turn import LIKELY, POSSIBLE, Candidate, Turn
from voicegw.nlu.words import Words, at, match

YES = (
    "yes", "yeah", "yep", "yup", "yea", "aye", "yes please", "yes indeed", "yes it is", "yes sir", "yes ma'am",
    "sure", "of course", "certainly", "absolutely", "definitely", "correct", "that's correct", "that is correct",
    "that's right", "that is right", "exactly", "ok", "okay", "alright", "all right", "that's fine", "sounds good",
    "that works", "works for me", "go ahead", "go for it", "you got it", "you bet", "for sure", "indeed",
    "affirmative", "uh huh", "uh-huh", "mm hmm", "mhm", "mm-hmm", "mhmm", "mmhmm", "i think so", "i guess so",
    "i suppose so", "i believe so", "that'd be great", "that would be great", "sounds great", "you're right",
    "you are right", "by all means", "that's perfect", "that's okay", "that's ok", "let's do it", "let's do that",
    "confirmed", "i confirm", "agreed", "i agree", "oh yes", "oh yeah", "yes i do", "yes i am", "no problem",
    "not a problem", "please do", "that's the one", "no objection", "no objections", "why not",
)  # fmt: skip
"""Yes to whatever was asked, also where nothing was."""
NO = (
    "no", "nope", "nah", "no thanks", "no thank you", "not really", "not at all", "no way", "negative",
    "that's not right", "that's not correct", "that is not right", "that is not correct", "that isn't right",
    "that isn't correct", "that's wrong", "that is wrong", "that's incorrect", "that is incorrect", "incorrect",
    "i don't think so",
    "i do not think so", "i think not", "of course not", "certainly not", "absolutely not", "definitely not",
    "uh-uh", "uh uh", "nuh uh", "i'd rather not", "i would rather not", "not yet", "no need", "please don't",
    "that's not it", "that's not what i said", "no i don't", "no i do not", "i disagree", "not quite", "not exactly",
)  # fmt: skip
"""No to whatever was asked, also where nothing was."""
YES_IF_ASKED = (
    "ya", "k", "right", "fine", "do it", "i do", "i am", "i would", "i have", "it is", "it does", "they are", "we are",
    "we do", "perfect", "great", "please", "good", "true", "that's it", "that is it", "that's good", "very well",
    "confirm", "i can", "i did", "it was", "he is", "she is", "you can", "totally", "naturally", "surely", "cool",
    "lovely", "i will", "we will", "i'd like that", "i'd love to", "yours truly", "speaking", "of course i do",
)  # fmt: skip
"""Words that say yes to a yes-or-no question and something else elsewhere."""
NO_IF_ASKED = (
    "never", "i don't", "i do not", "i'm not", "i am not", "i wouldn't", "i would not", "i haven't", "i have not",
    "it isn't", "it is not", "it's not", "wrong", "not correct", "not right", "don't", "do not", "don't do it",
    "don't do that", "not now", "not today", "not that", "not this", "it doesn't", "it does not", "they aren't",
    "we aren't", "we don't", "false", "nothing", "nothing else", "i didn't", "i did not", "it wasn't", "it was not",
    "i can't", "i cannot", "you can't", "leave it", "forget it", "not necessary", "stop", "that's all", "neither",
    "not me", "i don't want that", "i don't want to", "that is all", "nothing more", "i won't",
)  # fmt: skip
OPENERS = ("um", "uh", "er", "erm", "well", "so", "oh", "ah", "hmm", "mm", ",", ".", "!", "-", "…", "actually",
           "i think", "i guess", "and", "hi", "hello", "hey", "you know", "like", "i mean", "i said", "look",
           "that's a", "it's a", "thank you", "thanks", "but", "wait", "hold on", "sorry", "uhm")  # fmt: skip
CONTENT = ("that's fine", "that's okay", "that's ok", "that's alright", "that's all right", "that's perfect", "okay",
           "ok", "alright", "all right", "no problem", "that works")  # fmt: skip
"""After a no these are content with it, not a change of mind."""
CHANGES_MIND = ("wait", "actually", "sorry", "i mean", "no wait", "hang on", "scratch that")


def read(words: Words, asked: bool) -> tuple[bool, int, int] | None:
    """Yes or no with the words that say so; they stand at the beginning, or after a change of mind.

    :param asked: the question was one of yes or no, so weaker words count as well.
    """
    i = _opening(words, asked)
    first = _answer(words, i, asked)
    if first is None:
        return None
    answer, j = first
    return _changed(words, j, answer) or (answer, i, j)


def _opening(words: Words, asked: bool) -> int:
    """Index after fillers and greetings."""
    i = 0
    while (end := match(words, i, OPENERS)) and not _answer(words, i, asked):
        i = end
    return i


def _answer(words: Words, i: int, asked: bool) -> tuple[bool, int] | None:
    yes, no = match(words, i, YES), match(words, i, NO)
    if asked:
        yes, no = max(yes, match(words, i, YES_IF_ASKED)), max(no, match(words, i, NO_IF_ASKED))
    if not yes and not no:
        return None
    return (yes > no, max(yes, no))


def _changed(words: Words, j: int, first: bool) -> tuple[bool, int, int] | None:
    """ "Yeah, no", "no wait, yes": the last word counts, unless a sentence goes on with it."""
    i = j
    while i < len(words) and (
        end := match(words, i, (*CHANGES_MIND, ",", ".", "-", "…", "um", "uh", "so", "well", "oh"))
    ):
        i = end
    again = _answer(words, i, asked=False)
    if again is None or (not first and match(words, i, CONTENT)):
        return None
    answer, end = again
    ends = end == len(words) or not words[end].is_letters or bool(match(words, end, ("it", "that", "please")))
    return (answer, i, end) if ends else None


def find(turn: Turn) -> list[Candidate]:
    """The turn's answer: firm where yes or no was asked."""
    asked = turn.expects("yes_no")
    found = read(turn.words, asked)
    if found is None or (not asked and _is_no_answer(turn.words, found[1], found[2])):
        return []
    answer, i, j = found
    return [Candidate("yes_no", answer, i, j, LIKELY if asked else POSSIBLE)]


def _is_no_answer(words: Words, i: int, j: int) -> bool:
    """ "No one told me", "sure thing": the word belongs to what follows."""
    return bool(match(words, j, ("one", "body", "matter", "idea", "longer", "hot", "way to", "signal", "internet",
                                 "power", "money", "need to"))) and at(words, i) in ("no", "sure")  # fmt: skip
