"""Yes and no, in the many ways they are said."""

from voicegw.nlu.turn import LIKELY, POSSIBLE, Candidate, Turn
from voicegw.nlu.words import Words, match

YES = (
    "yes", "yeah", "yep", "yup", "ya", "yea", "aye", "yes please", "sure", "of course", "certainly", "absolutely",
    "definitely", "correct", "that's correct", "that is correct", "that's right", "that is right", "right", "exactly",
    "ok", "okay", "k", "alright", "all right", "fine", "that's fine", "sounds good", "that works", "works for me",
    "please do", "go ahead", "do it", "go for it", "i do", "i am", "i would", "i have", "it is", "it does", "they are",
    "we are", "we do", "you got it", "you bet", "for sure", "indeed", "affirmative", "perfect", "great", "uh huh",
    "uh-huh", "mm hmm", "mhm", "mm-hmm", "mhmm", "mmhmm", "why not", "i think so", "i guess so", "i suppose so",
    "i believe so", "please", "good", "sounds great", "that'd be great", "that would be great", "yes it is", "true",
    "that's it", "that's the one", "that is it", "you're right", "you are right", "by all means", "no problem",
    "that's perfect", "that's good", "that's okay", "that's ok", "let's do it", "let's do that", "very well",
    "confirmed", "i confirm", "confirm", "agreed", "i agree", "i can", "i did", "it was", "he is", "she is", "you can",
    "yes sir", "yes ma'am", "totally", "naturally", "surely", "oh yes", "oh yeah", "cool", "lovely", "yes indeed",
)  # fmt: skip
NO = (
    "no", "nope", "nah", "no thanks", "no thank you", "not really", "not at all", "never", "no way", "negative",
    "i don't", "i do not", "i'm not", "i am not", "i wouldn't", "i would not", "i haven't", "i have not", "it isn't",
    "it is not", "it's not", "that's not right", "that's not correct", "that is not right", "that is not correct",
    "that isn't right", "that isn't correct", "that's wrong", "that is wrong", "that's incorrect", "incorrect", "wrong",
    "not correct", "not right", "not quite", "don't", "do not", "don't do it", "don't do that", "please don't",
    "i don't think so", "i do not think so", "i think not", "i'd rather not", "i would rather not", "not yet",
    "not now", "not today", "of course not", "certainly not", "absolutely not", "definitely not", "uh-uh", "uh uh",
    "nuh uh", "not that", "not this", "it doesn't", "it does not", "they aren't", "we aren't", "we don't", "false",
    "nothing", "nothing else", "that's not it", "that's not what i said", "i didn't", "i did not", "it wasn't",
    "it was not", "i can't", "i cannot", "you can't", "no need", "leave it", "forget it", "not necessary", "stop",
    "that's all", "i disagree", "not exactly", "not me", "neither", "i don't want that", "i don't want to",
)  # fmt: skip
OPENERS = ("um", "uh", "er", "erm", "well", "so", "oh", "ah", "hmm", "mm", ",", ".", "!", "-", "…", "actually",
           "i think", "i guess", "and", "hi", "hello", "hey", "you know", "like", "i mean", "i said", "look",
           "that's a", "it's a", "thank you", "thanks", "but", "wait", "hold on", "sorry", "uhm")  # fmt: skip
WEAK = frozenset("please good great right fine cool lovely k perfect true never stop nothing don't wrong false don't "
                 "that's all leave it forget it it was i have i am we are i can i did you can i don't i'm not i do "
                 "not i can't do not".split())  # fmt: skip
CHANGES_MIND = ("wait", "actually", "sorry", "i mean", "no wait", "hang on", "scratch that")


def read(words: Words) -> tuple[bool, int, int] | None:
    """Yes or no with the words that say so; they stand at the beginning, or after a change of mind."""
    i = _opening(words)
    first = _answer(words, i)
    if first is None:
        return None
    answer, j = first
    changed = _changed(words, j)
    return changed or (answer, i, j)


def _opening(words: Words) -> int:
    """Index after fillers and greetings."""
    i = 0
    while (end := match(words, i, OPENERS)) and not _answer(words, i):
        i = end
    return i


def _answer(words: Words, i: int) -> tuple[bool, int] | None:
    yes, no = match(words, i, YES), match(words, i, NO)
    if not yes and not no:
        return None
    return (yes > no, max(yes, no))


def _changed(words: Words, j: int) -> tuple[bool, int, int] | None:
    """"Yeah, no", "no wait, yes": the last word counts."""
    i = j
    while i < len(words) and (end := match(words, i, (*CHANGES_MIND, ",", ".", "-", "…", "um", "uh"))):
        i = end
    again = _answer(words, i)
    if again is None or (not again[0] and match(words, i, ("no problem",))):
        return None
    if again[1] < len(words) and not match(words, again[1], (",", ".", "!", "it", "that")) and i == j:
        return None
    return again[0], i, again[1]


def find(turn: Turn) -> list[Candidate]:
    """The turn's answer: firm where yes or no was asked."""
    found = read(turn.words)
    if found is None:
        return []
    answer, i, j = found
    asked = turn.expects("yes_no")
    said = " ".join(word.text for word in turn.words[i:j])
    rest = j < len(turn.words) and turn.words[j].is_letters
    if not asked and rest and (said in WEAK or said.split(" ")[0] in WEAK):
        return []
    return [Candidate("yes_no", answer, i, j, LIKELY if asked else POSSIBLE)]
