"""Corrections inside one turn: "Tuesday, no, Thursday" keeps Thursday, marked as corrected."""

from voicegw.nlu.turn import Candidate, Turn
from voicegw.nlu.words import Words, match, match_back

MARKERS = ("no", "no wait", "wait", "sorry", "actually", "i mean", "i meant", "rather", "make that", "make it",
           "correction", "scratch that", "instead", "no sorry", "sorry no", "or rather", "not")  # fmt: skip
BETWEEN = ("no", "wait", "sorry", "actually", "i mean", "i meant", "or", "rather", "make that", "make it",
           "correction", "scratch that", "instead", "not", ",", ".", "?", "!", "-", "…", "um", "uh", "on", "at", "for",
           "the", "it", "it's", "that's", "to", "well", "oh", "let's say", "say", "that", "is", "was", "let me",
           "change that", "a", "my bad", "from", "until", "should be", "but", "i'd say", "let's make it", "excuse me",
           "hang on", "what i meant was", "of")  # fmt: skip
DENIALS = ("not", "not on", "not at", "not for", "not the", "isn't", "it's not", "not from", "instead of",
           "rather than",            "not until", "not to", "not of", "not a")  # fmt: skip


def mend(turn: Turn, found: list[Candidate]) -> list[tuple[Candidate, bool]]:
    """Values that stand, left to right, each with whether it replaces another or follows a refusal."""
    found = sorted(found, key=lambda each: (each.i, each.j))
    dropped = {id(each) for each in found if _denied(turn.words, each)}
    corrected: set[int] = set()
    for k, each in enumerate(found):
        earlier = _same_kind_before(found, k)
        if earlier is None or id(each) in dropped:
            continue
        if id(earlier) in dropped or _replaced(turn.words, earlier, each):
            dropped.add(id(earlier))
            corrected.add(id(each))
    corrected |= {id(each) for each in found if _opens_with_no(turn.words, each)}
    stands = [each for each in found if id(each) not in dropped]
    stands = [each for each in stands if each.kind != "datetime_range" or not _holds(each, found, dropped)]
    return [(each, each.mended or (id(each) in corrected and each.kind != "yes_no")) for each in stands]


def _same_kind_before(found: list[Candidate], k: int) -> Candidate | None:
    for other in reversed(found[:k]):
        if other.kind == found[k].kind and other.slot == found[k].slot and other.j <= found[k].i:
            return other
    return None


def _denied(words: Words, each: Candidate) -> bool:
    """ "not Tuesday", "instead of four"."""
    return each.kind != "yes_no" and match_back(words, each.i, DENIALS) >= 0


def _replaced(words: Words, earlier: Candidate, later: Candidate) -> bool:
    """Only words of correction stand between the two."""
    i, marked = earlier.j, False
    while i < later.i:
        marked = marked or bool(match(words, i, MARKERS))
        end = match(words, i, BETWEEN)
        if not end:
            return False
        i = end
    return marked


def _opens_with_no(words: Words, each: Candidate) -> bool:
    """ "No, Thursday": replaces what the agent had understood."""
    if each.kind == "yes_no":
        return False
    i = match(words, 0, ("no", "nope", "no wait", "actually", "wait", "sorry", "i mean", "i said", "no i said"))
    while i and i < each.i:
        end = match(words, i, (*BETWEEN, "i said", "i need", "i want", "not", "make it"))
        if not end:
            return False
        i = end
    return bool(i) and i == each.i


def _holds(span: Candidate, found: list[Candidate], dropped: set[int]) -> bool:
    return any(span.i <= each.i and each.j <= span.j and id(each) in dropped for each in found)
