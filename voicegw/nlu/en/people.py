"""How many people: "9 people", "me, my wife and our three kids", "three of us", "a couple". Values are numbers."""

from dataclasses import dataclass

from voicegw.nlu.en.numbers import number
from voicegw.nlu.turn import EXPLICIT, LIKELY, Candidate, Turn
from voicegw.nlu.words import Words, at, match, match_back

PERSONS = frozenset(
    "person people persons peoples pax guest guests adult adults kid kids child children infant infants baby babies "
    "toddler toddlers teenager teenagers teen teens boy boys girl girls man men woman women lady ladies gentleman "
    "gentlemen friend friends colleague colleagues coworker coworkers parent parents wife husband partner spouse "
    "girlfriend boyfriend fiance fiancee son sons daughter daughters brother brothers sister sisters sibling siblings "
    "mother father mom mum dad mommy daddy grandma grandpa grandmother grandfather grandparents uncle uncles aunt "
    "aunts cousin cousins nephew nephews niece nieces boss bosses client clients family folks diners diner seniors "
    "senior student students other others individual individuals passenger passengers traveler travelers traveller "
    "travellers visitor visitors attendee attendees participant participants member members heads twin twins "
    "grandson granddaughter grandkids grandchildren buddies buddy mates mate roommate roommates workers".split()
)
COUPLES = {"couple": 2, "couples": 2, "pair": 2, "pairs": 2, "twins": 2, "parents": 2, "grandparents": 2}
MYSELF = ("me", "myself", "i", "us two")
POSSESSIVES = ("my", "our", "his", "her", "their", "the", "a", "an", "another", "your")
ADJECTIVES = ("more", "other", "old", "young", "little", "small", "adult", "teenage", "lady", "grown", "female", "male",
              "single", "extra", "additional", "of", "my", "our", "the", "co", "-", "best", "good", "close", "elderly",
              "year", "older", "younger", "business", "hungry")  # fmt: skip
LINKS = ("and", ",", "plus", "&", "with", ", and", "as well as", "along with", "+", "together with", "and also")
BEFORE_COUNT = ("table for", "tables for", "party of", "booking for", "reservation for", "group of", "room for",
                "seat", "seats for", "seating for", "be", "we are", "we're", "there are", "there'll be", "just",
                "for", "include", "accommodate", "total of", "to", "serve", "spot for", "space for", "we will be",
                "only", "spots for", "book for", "people to", "party is", "it's", "family of", "for the")  # fmt: skip
SOLID = ("table for", "table of", "all", "us", "tables for", "party of",
         "booking for", "reservation for", "group of", "room for", "seats for",
         "we are", "we're", "there are", "there'll be", "seating for", "book for", "family of",
         "we will be")  # fmt: skip
NOT_PEOPLE = ("am", "pm", ":", "p", "a", "o'clock", "st", "nd", "rd", "th", "days", "day", "nights", "night", "hours",
              "hour", "minutes", "weeks", "week", "months", "/", "ish", "past", "to", "%", "in", "table", "tables",
              "dollars", "pounds", "rooms", "room", "years", "half", "star", "or", "course", "bottles")  # fmt: skip
OF_US = ("of us", "of you", "people", "in total", "total", "altogether", "all together", "all in all")
ALONE = LIKELY + 0.5
"""Weight of one person who is named without a number."""


@dataclass(frozen=True)
class Party:
    i: int
    j: int
    count: float
    named: bool
    """A word for a person stands in it."""


def party(words: Words, i: int) -> Party | None:
    """People listed from ``i`` on: "2 adults and 1 child", "me and my three co-workers"."""
    head = _item(words, i)
    if head is None:
        return None
    while True:
        link = match(words, head.j, LINKS)
        item = (_item(words, link) or _bare_person(words, link)) if link else _counted_item(words, head)
        plus = at(words, head.j) in ("plus", "+")
        if item is None or not (plus or (head.named and item.named)):
            return head
        head = Party(i, item.j, head.count + item.count, head.named or item.named)


def _bare_person(words: Words, i: int) -> Party | None:
    """ "wife" in "me, wife and 3 kids"."""
    return Party(i, i + 1, 1, True) if at(words, i) in PERSONS and not at(words, i).endswith(("s", "n")) else None


def _counted_item(words: Words, head: Party) -> Party | None:
    """ "3 adults one senior": the link left out."""
    return _item(words, head.j) if head.named and _count(words, head.j) else None


def _item(words: Words, i: int) -> Party | None:
    """ "my 3 sisters", "9 people", "me", "four of my friends", "five"."""
    me = match(words, i, MYSELF)
    if me:
        return Party(i, me, 1, True)
    own = at(words, i) in POSSESSIVES
    read = _count(words, i) or _count(words, i + own)
    count, k = read or (1, i + own)
    noun = _noun(words, k)
    word = at(words, noun)
    if word in PERSONS or word in COUPLES:
        each = COUPLES.get(word, 1)
        return Party(i, noun + 1, count * each, True) if read or own or word in COUPLES else None
    return Party(i, read[1], count, False) if read and _count(words, i) else None


def _noun(words: Words, k: int) -> int:
    """Index of the word for persons after adjectives, some of which are such words too ("adult people")."""
    best = k
    while k < len(words) and (at(words, k) in ADJECTIVES or at(words, k) in PERSONS or at(words, k) in COUPLES):
        best = k if at(words, k) not in ADJECTIVES or at(words, k) in PERSONS else best
        if at(words, k) in PERSONS and at(words, k + 1) not in PERSONS:
            return k
        k += 1
    return k if at(words, k) in PERSONS or at(words, k) in COUPLES else best


def _count(words: Words, k: int) -> tuple[int | float, int] | None:
    read = number(words, k)
    if read is None and at(words, k) in ("no", "zero"):
        return None
    return read if read and 0 < read[0] < 1000 and read[0] == int(read[0]) else None


def find(turn: Turn) -> list[Candidate]:
    """Parties named as such anywhere; bare counts after "table for" and the like, or where a number was asked."""
    found: list[Candidate] = []
    i = 0
    while i < len(turn.words):
        read = party(turn.words, i)
        weight = _weight(turn, read) if read else 0.0
        if read is None or not weight:
            skipped = number(turn.words, i)  # never begin inside a number
            i = skipped[1] if skipped else i + 1
            continue
        i = read.i - (at(turn.words, read.i - 1) == "the" and bool(match(turn.words, read.j, OF_US)))
        found.append(Candidate("number", int(read.count), i, read.j, weight, "people"))
        i = read.j
    if any(each.weight >= EXPLICIT for each in found):
        return [each for each in found if each.weight > LIKELY and each.weight != ALONE]
    return found


def _weight(turn: Turn, read: Party) -> float:
    words, after = turn.words, at(turn.words, read.j)
    if read.named:
        alone = read.j - read.i <= 2 and not _count(words, read.i)
        return _weight_alone(turn, read) if alone else EXPLICIT
    if match(words, read.j, OF_US):
        return EXPLICIT if read.count > 1 else 0.0
    if after in NOT_PEOPLE:
        return 0.0
    if match_back(words, read.i, SOLID) >= 0:
        return LIKELY + 2
    if match_back(words, read.i, BEFORE_COUNT) >= 0:
        return LIKELY - 2 if turn.expects("number") else 2.0
    return 1.5 if turn.expects("number") else 0.0


def _weight_alone(turn: Turn, read: Party) -> float:
    """ "me", "my wife": an answer to how many only where that was asked, or after "just"."""
    if at(turn.words, read.i) == "i":
        return 0.0
    led = match_back(turn.words, read.i, ("just", "only", "be", "just for", "only for")) >= 0
    return ALONE if (led and at(turn.words, read.i) in MYSELF) or turn.expects("number") else 0.0
