"""Which of the words that could be dates and times are meant as such: the words around decide, and the question."""

from dataclasses import dataclass, replace

from voicegw.nlu.en.dates import MONTHS, RELATIVE, WEEKDAYS, Said, said_at
from voicegw.nlu.en.durations import length
from voicegw.nlu.en.numbers import is_pronoun, ordinal, whole
from voicegw.nlu.en.times import TO, Clock, clock_at, part_at
from voicegw.nlu.turn import EXPLICIT, LIKELY, POSSIBLE, Turn
from voicegw.nlu.words import Words, at, match, match_back

BEFORE_TIME = ("at", "around", "about", "by", "before", "after", "until", "till", "til", "from", "between",
               "later than", "earlier than", "no later than", "approximately", "roughly", "time", "past", "since", "@",
               "at about", "at around", "close to", "the time", "to", "starts at", "be", "say")  # fmt: skip
BEFORE_DATE = ("the", "on", "from", "until", "till", "til", "to", "by", "of", "between", "and", "for", "since",
               "before", "after", "on the", "date", "through", "-")  # fmt: skip
RANGE_WORDS = ("to", "until", "till", "til", "through", "thru", "-", "–", "and", "up to")
COUNTED = ("people", "persons", "person", "guests", "guest", "adults", "adult", "kids", "kid", "children", "child",
           "of", "rooms", "room", "bedrooms", "beds", "bed", "days", "day", "nights", "night", "weeks", "week",
           "months", "month", "years", "hours", "hour", "minutes", "minute", "others", "friends", "couples", "pax",
           "tables", "table", "seats", "percent", "%", "dollars", "pounds", "euros", "bucks", "times", "star",
           "stars", "men", "women", "ladies", "girls", "boys", "cars", "more", "extra", "single", "double", "twin",
           "st", "nd", "rd", "th", "diners", "seater", "family", "families", "items", "digits")  # fmt: skip
TODAYS = ("tonight", "this morning", "this afternoon", "this evening")
LED_PARTS = ("in the morning", "in the afternoon", "in the evening", "morning", "afternoon", "evening", "night",
             "at night", *TODAYS)  # fmt: skip
NOT_A_DAY = ("one", "time", "floor", "person", "thing", "class", "name", "option", "choice", "street", "avenue",
             "room", "part", "half", "quarter", "place", "digit", "digits", "number", "order", "two", "three", "of",
             "table", "booking", "reservation", "call", "payment", "item", "party", "year", "hand")  # fmt: skip


@dataclass(frozen=True)
class Dated:
    said: Said
    weight: float


@dataclass(frozen=True)
class Timed:
    clock: Clock
    weight: float


def dates(turn: Turn) -> list[Dated]:
    """Date expressions from left to right, none inside another."""
    found: list[Dated] = []
    i = 0
    while i < len(turn.words):
        said = said_at(turn.words, i, turn.today) or _bare_day(turn, i)
        weight = _date_weight(turn, said) if said else 0.0
        if said is None or not weight:
            i += 1
            continue
        found.append(Dated(_grown(turn.words, said), weight))
        i = said.j
    return found


def _grown(words: Words, said: Said) -> Said:
    """The article stays out of the span: "the 31st" is "31st", as callers' words are marked."""
    plain = at(words, said.i) in ("the", "that") and not match(words, said.i, RELATIVE)
    return replace(said, i=said.i + 1) if plain else said


def _date_weight(turn: Turn, said: Said) -> float:
    if said.certain:
        return 0.0 if match_back(turn.words, said.i, ("how are you", "how are you doing")) >= 0 else EXPLICIT
    if at(turn.words, said.j) in NOT_A_DAY:
        return 0.0
    if ordinal(turn.words, said.i) and turn.words[said.i].is_digits:
        return EXPLICIT
    the = at(turn.words, said.i) == "the"
    led = match_back(turn.words, said.i, BEFORE_DATE) >= 0
    if the and (led or said.i == 0 or turn.expects("date", "datetime_range")):
        return LIKELY
    return POSSIBLE if turn.expects("date", "datetime_range") else 0.0


def _bare_day(turn: Turn, i: int) -> Said | None:
    """A plain number as day: where a date is asked, or before "to" and a full date ("from 5 to 23 January")."""
    read = whole(turn.words, i)
    if read is None or not 1 <= read[0] <= 31 or (turn.words[i].is_digits and len(turn.words[i].text) > 2):
        return None
    j = read[1]
    if at(turn.words, j) in RANGE_WORDS:
        end = said_at(turn.words, j + 1 + (at(turn.words, j + 1) == "the"), turn.today)
        if end and end.day and end.month and end.certain:
            return Said(i, j, read[0], end.month, end.year)
    asked = turn.expecting.kind in ("date", "datetime_range")
    led = match_back(turn.words, i, ("for", "of", "is", "at")) >= 0
    if asked and not led and at(turn.words, j) in ("", ".", ",", "please", "to", "until", "till", "-", "and"):
        return Said(i, j, read[0], certain=False)
    return None


def times(turn: Turn) -> list[Timed]:
    """Times of day from left to right, none inside another."""
    found: list[Timed] = []
    i = 0
    while i < len(turn.words):
        clock = clock_at(turn.words, i, turn.now)
        weight = _time_weight(turn, clock) if clock else 0.0
        if clock is None or not weight:
            i += 1
            continue
        found.append(Timed(_with_part_near(turn.words, clock), weight))
        i = clock.j
    return found


def _time_weight(turn: Turn, clock: Clock) -> float:
    words = turn.words
    if clock.certain:
        return _now_weight(turn, clock) if at(words, clock.i) == "now" else EXPLICIT
    if at(words, clock.j) in COUNTED and not _says_in_half_of_day(words, clock.j):
        return 0.0
    if at(words, clock.j) in MONTHS or at(words, clock.i - 1) in ("number", "party", "table", "$", "£", "€", "#"):
        return 0.0
    if at(words, clock.i - 1) in MONTHS or ordinal(words, clock.i) or _inside_figures(words, clock):
        return 0.0
    if length(words, clock.i) or (at(words, clock.i) == "one" and clock.j - clock.i == 1 and is_pronoun(turn, clock.i)):
        return 0.0
    led = match_back(words, clock.i, BEFORE_TIME) >= 0 or _ends_between(words, clock.i)
    parts = clock.j - clock.i > 1
    asked = turn.expects("time", "datetime_range")
    if led and _leads_to_time(turn, clock):
        return LIKELY + 4 * parts
    if parts and (asked or (clock.i == 0 and _is_clock_shape(words, clock))):
        return LIKELY - 2
    return POSSIBLE if asked or (parts and _is_clock_shape(words, clock)) else 0.0


def _ends_between(words: Words, i: int) -> bool:
    """ "between 8 and 10"."""
    return at(words, i - 1) == "and" and "between" in [word.text for word in words[max(0, i - 6) : i - 1]]


def _now_weight(turn: Turn, clock: Clock) -> float:
    """ "now" is a time at the end of what is said, or after "from"; elsewhere it only fills."""
    ends = at(turn.words, clock.j) in ("", ".", "?", "until", "till")
    return LIKELY if ends and not at(turn.words, clock.i - 1).isdigit() else 0.0


def _says_in_half_of_day(words: Words, j: int) -> bool:
    return bool(part_at(words, j)[1])


def _leads_to_time(turn: Turn, clock: Clock) -> bool:
    """ "to 7" and "from 7" lead to times only next to another time, or when one was asked."""
    word = at(turn.words, clock.i - 1)
    if word not in ("to", "from", "be", "say", "after", "before", "by", "since", "until", "till", "about", "around"):
        return True
    if word in ("after", "before", "by", "since", "until", "till", "about", "around"):
        return clock.j - clock.i == 1 or _is_clock_shape(turn.words, clock)
    if word == "from":
        return at(turn.words, clock.j) in RANGE_WORDS and clock_at(turn.words, clock.j + 1, turn.now) is not None
    return turn.expects("time", "datetime_range") or _is_clock_shape(turn.words, clock)


def _is_clock_shape(words: Words, clock: Clock) -> bool:
    """Two figures with a gap or a point: "18 45", "7.30"; a lone figure is no clock."""
    first, last = words[clock.i], words[clock.j - 1]
    if clock.j - clock.i < 2 or not first.is_digits or not last.is_digits:
        return False
    if at(words, clock.i + 1) not in TO:
        return True
    # "15 to 19" is a clock where it is all that is said, or minutes to an hour of the afternoon, not "from 10 to 15".
    alone = clock.i == 0 and clock.j >= len(words) - 1
    afternoon = int(first.text) % 5 == 0 and last.text.isdigit() and int(last.text) > 12
    return alone or (afternoon and at(words, clock.i - 1) not in ("from", "between", "the", "ages"))


def _inside_figures(words: Words, clock: Clock) -> bool:
    """Part of a longer number, a price or a date."""
    before, after = at(words, clock.i - 1), at(words, clock.j)
    glued_after = clock.j < len(words) and words[clock.j].glued and after in "/-.,:"
    glued_after = glued_after and clock.j + 1 < len(words) and words[clock.j + 1].glued
    return (before in ("/", "-", ":", ".") and words[clock.i].glued) or glued_after or after.isdigit()


def _with_part_near(words: Words, clock: Clock) -> Clock:
    """ "tomorrow evening at 6", "at 9 tomorrow night": the part of day said apart holds for the time.

    The word is part of the span ("evening at 6"), but "tonight" and "this evening" are dates of their own.
    """
    if clock.part or clock.relative or clock.minutes in (0, 720):
        return clock
    k = match_back(words, clock.i, ("at", "at about", "at around", "around", "about", ",", ", at"))
    said = match_back(words, k, LED_PARTS) if k >= 0 else -1
    if said >= 0:
        moved = replace(clock, part=part_at(words, said)[0])
        return moved if match(words, said, TODAYS) else replace(moved, i=k - 1)
    after = match(words, clock.j, ("tomorrow", *WEEKDAYS))
    part, _ = part_at(words, after or clock.j)
    return replace(clock, part=part) if part else clock
