"""Digit strings: figures in any grouping, digit words, "double four", "oh", tens and teens, and mishearings."""

from dataclasses import dataclass
from itertools import product

from voicegw.nlu.checks import passes
from voicegw.nlu.en.numbers import SCALES, TEENS, TENS, UNITS, below_hundred, whole
from voicegw.nlu.turn import LIKELY, POSSIBLE, Candidate, Turn
from voicegw.nlu.words import Word, Words, at, match

DIGITS = {**{word: str(value) for word, value in UNITS.items()}, "oh": "0", "o": "0", "ow": "0", "owe": "0",
          "nil": "0", "null": "0", "naught": "0", "aught": "0", "niner": "9", "fife": "5", "tree": "3"}  # fmt: skip
HOMOPHONES = {"for": "4", "fore": "4", "to": "2", "too": "2", "tu": "2", "won": "1", "want": "1", "ate": "8",
              "sics": "6", "sicks": "6", "sex": "6", "free": "3", "fry": "5", "nein": "9", "heaven": "7",
              "or": "4", "oo": "0", "ho": "0"}  # fmt: skip
REPEATS = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
JOINTS = ("-", ",", ".", "–", "—", "/", ":", "·", "'")
SENTENCE_ENDS = ("?", "!")
FILLERS = ("um", "uh", "er", "erm", "and", "then", "dash", "hyphen", "space", "uhm", "hmm", "so", "like")
CORRECTIONS = ("no wait", "no way", "no sorry", "sorry no", "no", "sorry", "i mean", "correction", "wait",
               "scratch that", "let me start again", "let me start over", "start again", "start over", "actually",
               "i meant", "make that", "rather", "not that")  # fmt: skip
RESTARTS = ("start again", "start over", "let me start again", "let me start over", "scratch that", "from the top")


@dataclass(frozen=True)
class Group:
    """Words that stand for digits, with every way to write them ("fifty six": 56 or 506)."""

    readings: tuple[str, ...]
    i: int
    j: int
    sure: bool = True
    """False for a homophone, which only counts next to other digits."""


def group(words: Words, i: int, loose: bool) -> Group | None:
    """The group at ``i``; with ``loose``, homophones are taken for digits."""
    word = at(words, i)
    repeated = _repeated(words, i)
    if repeated:
        return repeated
    if i < len(words) and words[i].is_digits:
        return Group((word,), i, i + 1)
    scaled = _scaled(words, i)
    if scaled:
        return scaled
    if word in DIGITS:
        return Group((DIGITS[word],), i, i + 1, sure=word not in ("o", "oh", "ow", "owe", "tree"))
    if word in TEENS or word in TENS:
        return _pair(words, i)
    if loose and word in HOMOPHONES:
        return Group((HOMOPHONES[word],), i, i + 1, sure=False)
    return None


def _repeated(words: Words, i: int) -> Group | None:
    """ "double four", "triple oh"."""
    times = REPEATS.get(at(words, i))
    if times is None or i + 1 >= len(words):
        return None
    word = words[i + 1]
    digit = word.text if word.is_digits and len(word.text) == 1 else DIGITS.get(word.text, HOMOPHONES.get(word.text))
    return Group((digit * times,), i, i + 2) if digit else None


def _scaled(words: Words, i: int) -> Group | None:
    """ "nineteen hundred", "four thousand five hundred", "one hundred and twenty three"."""
    read = whole(words, i)
    if read is None or not any(word.text == "hundred" or word.text in SCALES for word in words[i : read[1]]):
        return None
    return Group((str(read[0]),), i, read[1])


def _pair(words: Words, i: int) -> Group | None:
    """ "forty-five": 45, or 405 where somebody reads 40 and 5 apart."""
    read = below_hundred(words, i)
    if read is None:
        return None
    value, j = read
    apart = (f"{value // 10 * 10}{value % 10}",) if value > 20 and value % 10 else ()
    return Group((str(value), *apart), i, j)


def runs(words: Words, loose: bool) -> list[list[Group]]:
    """Groups that follow one another with nothing but marks and fillers between."""
    found: list[list[Group]] = []
    i, last = 0, -1
    while i < len(words):
        read = group(words, i, loose)
        if read is None:
            i += 1
            continue
        if found and _only_joints(words[last : read.i]):
            found[-1].append(read)
        else:
            found.append([read])
        i = last = read.j
    return [trimmed for run in found if (trimmed := _trim(run))]


def _only_joints(between: Words) -> bool:
    return all(word.text in JOINTS or word.text in FILLERS for word in between)


def _trim(run: list[Group]) -> list[Group]:
    """A homophone at an end counts only inside a run of true digits ("for 4567" is not 44567)."""
    sure = [k for k, each in enumerate(run) if each.sure]
    return run if sure else []


def spellings(run: list[Group], limit: int = 64) -> list[str]:
    """Every way to write the run, the plainest first."""
    ways: list[str] = []
    for choice in product(*(each.readings for each in run)):
        ways.append("".join(choice))
        if len(ways) >= limit:
            break
    return ways


def best_spelling(run: list[Group], length: int | None, check: str) -> tuple[str, list[Group], bool]:
    """The spelling that fits length and check digit best, the groups it uses, and whether it fits.

    Homophones at either end are dropped first where that makes it fit.
    """
    options = [part for part in _without_loose_ends(run) if part]
    if length is None:
        options = [_with_zeros(run), *options]
    for part in options:
        for digits in spellings(part):
            if (length is None or len(digits) == length) and passes(check, digits):
                return digits, part, True
    for part in options:
        for digits in spellings(part):
            if length is not None and len(digits) == length:
                return digits, part, not check
    part = options[0] if length is None else options[-1]
    return spellings(part)[0], part, False


def _with_zeros(run: list[Group]) -> list[Group]:
    """ "oh two oh": where no mark sets them apart, they are zeros and no interjection."""
    first = next(k for k, each in enumerate(run) if each.sure)
    last = max(k for k, each in enumerate(run) if each.sure) + 1
    while first and set(run[first - 1].readings) == {"0"} and run[first - 1].j == run[first].i:
        first -= 1
    while last < len(run) and set(run[last].readings) == {"0"} and run[last - 1].j == run[last].i:
        last += 1
    return run[first:last]


def _without_loose_ends(run: list[Group]) -> list[list[Group]]:
    first = next(k for k, each in enumerate(run) if each.sure)
    last = max(k for k, each in enumerate(run) if each.sure) + 1
    starts, ends = range(first, -1, -1), range(last, len(run) + 1)
    return [run[a:b] for a in starts for b in ends] + [run[first:last]]


@dataclass(frozen=True)
class Run:
    """Groups that make one string, and where it began, replaced parts included."""

    groups: list[Group]
    i: int
    mended: bool = False

    @property
    def size(self) -> int:
        return len(spellings(self.groups, 1)[0])


def find(turn: Turn) -> list[Candidate]:
    """Digit strings: where digits are asked, any; else those of three digits and more."""
    asked = turn.expects("digits", "phone", "code")
    length = turn.expecting.length if turn.expecting.kind == "digits" else None
    check = turn.expecting.check if turn.expecting.kind == "digits" else ""
    found: list[Candidate] = []
    for run in corrected(turn.words, runs(turn.words, loose=asked), length if asked else None):
        digits, part, fits = best_spelling(run.groups, length, check)
        if len(digits) < (1 if asked else 3):
            continue
        weight = (LIKELY if fits and length else POSSIBLE) + (len(digits) >= 3)
        i = run.i if run.mended else part[0].i
        found.append(Candidate("digits", digits, i, part[-1].j, weight, mended=run.mended))
    return found


def corrected(words: Words, pieces: list[list[Group]], length: int | None) -> list[Run]:
    """Apply "no, six seven": what follows replaces the whole string, or as many digits at its end."""
    kept: list[Run] = []
    for groups in pieces:
        run = Run(groups, groups[0].i)
        before = kept[-1] if kept else None
        marker = _marker(words, before.groups[-1].j, run.i) if before else ""
        if before is None or not marker:
            kept.append(run)
        elif marker in RESTARTS or run.size >= before.size or run.size == length:
            kept[-1] = Run(groups, before.i, mended=True)
        else:
            kept[-1] = Run(_replace_tail(before, run), before.i, mended=True)
    return kept


def _marker(words: Words, i: int, j: int) -> str:
    """The correction said between two runs, if that is all that was said."""
    while i < j and words[i].text in JOINTS + FILLERS + SENTENCE_ENDS:
        i += 1
    found = ""
    while i < j:
        end = match(words, i, CORRECTIONS + RESTARTS)
        if not end:
            if words[i].text not in (*JOINTS, *FILLERS, "it's", "its", "that's", "it", "is", "the", "was"):
                return ""
            end = i + 1
        else:
            found = " ".join(word.text for word in words[i:end])
        i = end
    return found


def _replace_tail(run: Run, mend: Run) -> list[Group]:
    """Drop as many digits from the end of ``run`` as ``mend`` brings, splitting a group if need be."""
    left = run.size - mend.size
    kept: list[Group] = []
    for each in run.groups:
        take = min(len(each.readings[0]), left)
        if take > 0:
            kept.append(Group((each.readings[0][:take],), each.i, each.j))
        left -= take
    return kept + mend.groups


def spoken_digit(word: Word) -> str:
    """One digit for a word that is one, else nothing."""
    return word.text if word.is_digits and len(word.text) == 1 else DIGITS.get(word.text, "")
