"""Letters and characters as they are spelled: "B as in boy", "Bravo", "double L", "em", "S-M-I-T-H"."""

from dataclasses import dataclass

from voicegw.nlu.en.digits import DIGITS, REPEATS
from voicegw.nlu.en.numbers import TEENS, TENS, below_hundred
from voicegw.nlu.words import Words, at, match

NATO = {
    "alpha": "a", "alfa": "a", "bravo": "b", "charlie": "c", "delta": "d", "echo": "e", "foxtrot": "f", "golf": "g",
    "hotel": "h", "india": "i", "juliet": "j", "juliett": "j", "kilo": "k", "lima": "l", "mike": "m", "november": "n",
    "oscar": "o", "papa": "p", "quebec": "q", "romeo": "r", "sierra": "s", "tango": "t", "uniform": "u",
    "victor": "v", "whiskey": "w", "whisky": "w", "xray": "x", "yankee": "y", "zulu": "z",
}  # fmt: skip
NAMES = {
    "ay": "a", "bee": "b", "be": "b", "cee": "c", "see": "c", "sea": "c", "dee": "d", "ee": "e", "eff": "f", "gee": "g",
    "aitch": "h", "eye": "i", "jay": "j", "kay": "k", "el": "l", "ell": "l", "em": "m", "en": "n", "pee": "p",
    "cue": "q", "queue": "q", "are": "r", "ar": "r", "ess": "s", "tee": "t", "tea": "t", "you": "u", "vee": "v",
    "double u": "w", "double you": "w", "double-u": "w", "ex": "x", "why": "y", "wye": "y", "zee": "z", "zed": "z",
    "oh": "o", "owe": "o",
}  # fmt: skip
AS_IN = ("as in", "like", "for", "is for", "in", "as", "like in", "from", "of")
JOINTS = ("-", ",", ".", "–", "—")


@dataclass(frozen=True)
class Spelled:
    """One or more characters; ``sure`` for those that can be nothing else."""

    said: str
    j: int
    sure: bool


def character(words: Words, i: int) -> Spelled | None:
    """The character at ``i``: a letter, a digit, or several ("double L", "45")."""
    word = at(words, i)
    doubled = _doubled(words, i)
    if doubled:
        return doubled
    letter = _letter(words, i)
    if letter:
        return _with_example(words, letter)
    if i < len(words) and words[i].is_digits:
        return Spelled(word, i + 1, True)
    if word in TEENS or word in TENS:
        read = below_hundred(words, i)
        return Spelled(str(read[0]), read[1], True) if read else None
    return Spelled(DIGITS[word], i + 1, True) if word in DIGITS else None


def _doubled(words: Words, i: int) -> Spelled | None:
    times = REPEATS.get(at(words, i))
    if times is None or match(words, i, ("double u", "double you")):
        return None
    one = character(words, i + 1)
    return Spelled(one.said * times, one.j, True) if one and len(one.said) == 1 else None


def _letter(words: Words, i: int) -> Spelled | None:
    word = at(words, i)
    if len(word) == 1 and word.isalpha() and word.isascii():
        return Spelled(word, i + 1, True)
    if match(words, i, ("x-ray", "x ray")):
        return Spelled("x", match(words, i, ("x-ray", "x ray")), True)
    if word in NATO:
        return Spelled(NATO[word], i + 1, True)
    named = match(words, i, NAMES)
    return Spelled(NAMES[" ".join(w.text for w in words[i:named]).replace(" - ", "-")], named, False) if named else None


def _with_example(words: Words, letter: Spelled) -> Spelled:
    """ "B as in boy", "M for mother": the example settles the letter."""
    k = letter.j + (at(words, letter.j) == ",")
    link = match(words, k, AS_IN)
    example = at(words, link) if link else ""
    if example and example[0].isalpha() and (example[0] == letter.said or at(words, link - 1) == "in"):
        return Spelled(example[0] if len(example) > 1 else letter.said, link + 1, True)
    return letter


@dataclass(frozen=True)
class Spelling:
    """Characters spelled one after another."""

    said: str
    i: int
    j: int
    sure: int
    """How many of the pieces can be nothing but characters."""
    pieces: int
    ends_in_word: bool = False
    """Its last letter may be the word "I" or "a" that begins what follows."""


def spelling(words: Words, i: int, breaks: tuple[str, ...] = JOINTS) -> Spelling | None:
    """The longest spelling that begins at ``i``."""
    said, sure, pieces, j, k = "", 0, 0, i, i
    while True:
        one = character(words, k)
        if one is None:
            break
        said, sure, pieces, j, k = said + one.said, sure + one.sure, pieces + 1, one.j, one.j
        while at(words, k) in breaks or match(words, k, ("dash", "hyphen", "then", "and")):
            k += 1
    word = at(words, j - 1) in ("i", "a") and j < len(words) and words[j].is_letters
    return Spelling(said, i, j, sure, pieces, word) if said else None
