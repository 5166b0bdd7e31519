"""E-mail addresses, written or spoken: "john dot smith at gmail dot com"."""

from voicegw.nlu.en.letters import spelling
from voicegw.nlu.turn import EXPLICIT, Candidate, Turn
from voicegw.nlu.words import Words, at, match

MARKS = {"dot": ".", "period": ".", "point": ".", "underscore": "_", "under score": "_", "dash": "-", "hyphen": "-",
         "minus": "-", "plus": "+", ".": ".", "_": "_", "-": "-", "+": "+"}  # fmt: skip
DOMAINS = ("com", "net", "org", "co", "uk", "io", "de", "kr", "edu", "gov", "info", "eu", "fr", "us", "biz", "ca", "au",
           "me", "app", "dev", "ai", "es", "it", "nl", "jp", "in")  # fmt: skip
AT = ("at", "@", "at sign", "at symbol")
LEADS = ("is", "it's", "its", "email", "e-mail", "mail", "address", "to", "that's", "be", "um", "uh", "use", "yes",
         "sure", "okay", "ok", ":", ",", "it", "and", "my", "so", "yeah", "on", "reach", "me", "the")  # fmt: skip


def find(turn: Turn) -> list[Candidate]:
    """Addresses with a local part, an "at", and a domain that ends in a known way or was asked for."""
    found: list[Candidate] = []
    for k in range(1, len(turn.words)):
        end = match(turn.words, k, AT)
        domain = _domain(turn.words, end, turn.expects("email")) if end else None
        local = _local(turn.words, k) if domain else None
        if domain and local:
            found.append(Candidate("email", f"{local[0]}@{domain[0]}", local[1], domain[1], EXPLICIT + 1))
    return found


def _domain(words: Words, i: int, asked: bool) -> tuple[str, int] | None:
    """ "gmail dot com", "acme.co.uk", "g m a i l dot com"."""
    said, j, dots = "", i, 0
    while j < len(words):
        mark = match(words, j, MARKS)
        if mark and said and mark < len(words) and (words[mark].is_letters or words[mark].is_digits):
            sign = MARKS[" ".join(word.text for word in words[j:mark])]
            said, j, dots = said + sign, mark, dots + (sign == ".")
        elif (words[j].is_letters or words[j].is_digits) and _goes_on(words, i, j, said):
            said, j = said + words[j].text, j + 1
        else:
            break
    if not dots or "." not in said:
        return None
    return (said, j) if asked or said.rsplit(".", 1)[1] in DOMAINS else None


def _goes_on(words: Words, i: int, j: int, said: str) -> bool:
    """A word follows a mark, or letters that are being spelled."""
    if j == i or said[-1] in "._-+" or words[j].glued:
        return True
    return len(words[j].text) == 1 and len(words[j - 1].text) == 1 and words[j].text != "i"


def _local(words: Words, k: int) -> tuple[str, int] | None:
    """What stands before the "at", back to where the sentence led into it."""
    i = k
    while i > 0 and at(words, i - 1) not in LEADS:
        if words[i - 1].text in (",", "?", "!", ";") and not words[i - 1].glued:
            break
        i -= 1
    while i < k and words[i].text in (",", ".", "?", "!"):
        i += 1
    return (said, i) if i < k and (said := _joined(words, i, k)) and said[0].isalnum() else None


def _joined(words: Words, i: int, k: int) -> str:
    said = ""
    while i < k:
        mark = match(words[:k], i, MARKS)
        spelled = spelling(words[:k], i, breaks=())
        if mark:
            dangling = words[i].text == "." and not words[i].glued
            said, i = said + ("" if dangling else MARKS[" ".join(word.text for word in words[i:mark])]), mark
        elif spelled and spelled.sure == spelled.pieces and spelled.j <= k:
            said, i = said + spelled.said, spelled.j
        elif words[i].is_letters or words[i].is_digits:
            said, i = said + words[i].text.replace("'", ""), i + 1
        else:
            i += 1
    return said
