"""Times of day as they are said: "quarter to seven in the evening", "25 to 7 p.m.", "half nine", "2030", "noon"."""

from dataclasses import dataclass, replace
from datetime import time

from voicegw.nlu.en.durations import length
from voicegw.nlu.en.numbers import below_hundred
from voicegw.nlu.words import Words, at, match

NAMED = {"noon": 720, "midday": 720, "mid day": 720, "twelve noon": 720, "12 noon": 720, "noontime": 720,
         "midnight": 0, "twelve midnight": 0, "12 midnight": 0}  # fmt: skip
PARTS = {
    "am": "am", "a.m.": "am", "a.m": "am", "a m": "am", "pm": "pm", "p.m.": "pm", "p.m": "pm", "p m": "pm",
    "in the morning": "morning", "morning": "morning", "this morning": "morning", "of the morning": "morning",
    "tomorrow morning": "morning", "in the afternoon": "afternoon", "afternoon": "afternoon",
    "this afternoon": "afternoon", "in the evening": "evening", "evening": "evening", "this evening": "evening",
    "at night": "night", "in the night": "night", "night": "night", "tonight": "night", "of the night": "night",
}  # fmt: skip
DAYS = ("this morning", "this afternoon", "this evening", "tonight", "tomorrow morning")
ABOUT = ("ish", "- ish", "or so", "or thereabouts", "sharp", "exactly", "on the dot")
OCLOCK = ("o'clock", "oclock", "o clock", "o ' clock", "hundred hours", "hours", "h")
PAST = ("past", "after", "passed", "gone")
TO = ("to", "til", "till", "before", "of", "until")
HEARD_FOR_TO = ("two", "too")
"""What an ear writes for "to"; only after minutes as people name them, or "one two three" is a time."""

HEARD_FOR_HOURS = {"or": 4, "for": 4, "fore": 4, "to": 2, "too": 2, "won": 1, "ate": 8}
"""What an ear writes for an hour that stands first: "or in the afternoon", "for p.m."."""
PLAIN_PARTS = ("am", "a.m.", "a . m .", "a m", "pm", "p.m.", "p . m .", "p m", "in the morning", "in the afternoon",
               "in the evening")  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """A time of day in minutes, as said; ``part`` says which half of the day was named."""

    i: int
    j: int
    minutes: int
    part: str = ""
    certain: bool = True
    """False for a bare hour, which needs "at" before it or a question for a time."""
    relative: bool = False

    def resolve(self) -> time:
        """Without a part of day the hour stands as said: "at 7" is 07:00."""
        return time(*divmod(with_part(self.minutes, self.part) % 1440, 60))


def with_part(minutes: int, part: str) -> int:
    """Minutes of the day once the part of day is known; hours from 13 on need none."""
    hour = minutes // 60
    if hour == 12:
        return minutes - 720 if part in ("am", "morning", "night") else minutes
    if hour > 12:
        return minutes
    if hour == 0:
        return minutes + 720 if part in ("pm", "afternoon") else minutes
    if part in ("pm", "afternoon", "evening"):
        return minutes + 720
    return minutes + 720 if part == "night" and hour >= 6 else minutes


def clock_at(words: Words, i: int, now: time) -> Clock | None:
    """The longest time of day that begins at ``i``."""
    readers = (_named, _offset, _half_hour, _figures, _compact, _spoken, _from_now, _before_or_after, _misheard)
    found = [clock for reader in readers if (clock := reader(words, i, now))]
    return max(found, key=lambda clock: clock.j, default=None)


def _misheard(words: Words, i: int, now: time) -> Clock | None:
    hour = HEARD_FOR_HOURS.get(at(words, i))
    if hour is None or at(words, i - 1) not in ("", "at") or not match(words, i + 1, (*OCLOCK[:4], *PLAIN_PARTS)):
        return None
    return _tail(words, Clock(i, i + 1, hour * 60))


def _tail(words: Words, clock: Clock) -> Clock:
    """ "o'clock", "-ish" and the part of day after the figures."""
    sure, j = clock.certain, clock.j
    for endings in (OCLOCK, ABOUT):
        end = match(words, j, endings)
        if end:
            sure, j = True, end
    part, end = part_at(words, j)
    if end == j + 1 and at(words, j) == "night" and length(words, clock.i):  # "three night stay"
        return clock
    if not end and match(words, clock.j, OCLOCK) == j:
        j = clock.j  # callers' times are marked without a closing "o'clock"
    # "this evening" and "tonight" name the day as well, so their words are left to the date.
    after = j if match(words, j, DAYS) else end or j
    return replace(clock, j=after, part=part or clock.part, certain=sure or bool(part))


def part_at(words: Words, j: int) -> tuple[str, int]:
    """The part of day at ``j``: "p.m.", "in the evening"."""
    end = match(words, j, PARTS)
    if not end:
        return "", 0
    said = "".join(word.text if word.glued or k == 0 else " " + word.text for k, word in enumerate(words[j:end]))
    return PARTS[said] if said in PARTS else PARTS[" ".join(word.text for word in words[j:end])], end


def _hour(words: Words, i: int) -> tuple[int, int] | None:
    """An hour 0 to 24 in figures or words."""
    if i < len(words) and words[i].is_digits:
        value = int(words[i].text) if len(words[i].text) <= 2 else 99
        return (value, i + 1) if value <= 24 else None
    read = below_hundred(words, i)
    return read if read and read[0] <= 24 else None


def _named(words: Words, i: int, now: time) -> Clock | None:
    end = match(words, i, NAMED)
    if end:
        return Clock(i, end, NAMED[" ".join(word.text for word in words[i:end])])
    return Clock(i, i + 1, now.hour * 60 + now.minute, relative=True) if at(words, i) == "now" else None


def _minutes_word(words: Words, i: int) -> tuple[int, int] | None:
    """ "quarter", "a quarter", "half", "25", "twenty five minutes"."""
    if at(words, i) == "quarter":
        return 15, i + 1
    if at(words, i) == "half" and at(words, i + 1) != "an":
        return 30, i + 1
    read = below_hundred(words, i) or ((int(words[i].text), i + 1) if _is_short(words, i) else None)
    if read is None or not 1 <= read[0] <= 59:
        return None
    minutes = match(words, read[1], ("minutes", "minute", "mins", "min"))
    return read[0], minutes or read[1]


def _is_short(words: Words, i: int) -> bool:
    return i < len(words) and words[i].is_digits and len(words[i].text) <= 2


def _offset(words: Words, i: int, now: time) -> Clock | None:
    """ "25 to 7", "quarter past 5", "half past 0", "ten of six"."""
    minutes = _minutes_word(words, i)
    if minutes is None:
        return None
    k = minutes[1] + (at(words, minutes[1]) == "-")
    sign = 1 if at(words, k) in PAST else -1 if _is_to(words, k, minutes[0]) else 0
    if not sign or (minutes[0] == 30 and sign < 0 and at(words, i) == "half"):
        return None
    named = match(words, k + 1, NAMED)
    if named:
        base = NAMED[" ".join(word.text for word in words[k + 1 : named])]
        return Clock(i, named, (base + sign * minutes[0]) % 1440)
    hour = _hour(words, k + 1)
    if hour is None or _is_counted(words, hour[1]):
        return None
    # The part of day belongs to the hour that was named: 15 to 2 at night is 1:45, 5 to 12 p.m. is 11:55.
    tail = _tail(words, Clock(i, hour[1], hour[0] % 24 * 60))
    certain = tail.certain and (not _is_plain_figures(words, i, minutes[1]) or bool(tail.part) or sign > 0)
    return replace(tail, minutes=(_whole_hour(hour[0], tail.part) + sign * minutes[0]) % 1440, part="",
                   certain=certain)  # fmt: skip


def _is_to(words: Words, k: int, minutes: int) -> bool:
    return at(words, k) in TO or (at(words, k) in HEARD_FOR_TO and minutes % 5 == 0)


def _whole_hour(hour: int, part: str) -> int:
    return with_part(hour % 24 * 60, part)


def _is_plain_figures(words: Words, i: int, j: int) -> bool:
    """ "15 to 19": minutes to an hour, or a span."""
    return j == i + 1 and words[i].is_digits


def _is_counted(words: Words, j: int) -> bool:
    """What stands before ``j`` counts something: "to 7 people"."""
    return at(words, j) in ("people", "persons", "guests", "adults", "days", "nights", "kids", "st", "nd", "rd", "th",
                            "weeks", "months")  # fmt: skip


def _half_hour(words: Words, i: int, now: time) -> Clock | None:
    """ "half nine" is 9:30 in Britain."""
    hour = _hour(words, i + 1) if at(words, i) == "half" else None
    return _tail(words, Clock(i, hour[1], hour[0] % 24 * 60 + 30)) if hour and 1 <= hour[0] <= 12 else None


def _figures(words: Words, i: int, now: time) -> Clock | None:
    """ "7", "7:30", "7.30", "7 30", "07 05"."""
    if not _is_short(words, i) or int(words[i].text) > 24:
        return None
    hour, k = int(words[i].text) % 24, i + 1
    marked = at(words, k) in (":", ".") and k + 1 < len(words) and words[k + 1].glued and words[k].glued
    if marked and _is_minutes(words, k + 1) and at(words, k + 2) != "%":
        return _tail(words, Clock(i, k + 2, hour * 60 + int(words[k + 1].text), certain=at(words, k) == ":"))
    if _is_minutes(words, k):
        return _tail(words, Clock(i, k + 1, hour * 60 + int(words[k].text), certain=False))
    minutes = below_hundred(words, k) if not at(words, k).isdigit() else None
    if minutes and 10 <= minutes[0] <= 59:  # "7 thirty"
        return _tail(words, Clock(i, minutes[1], hour * 60 + minutes[0], certain=False))
    return _tail(words, Clock(i, k, hour * 60, certain=False))


def _is_minutes(words: Words, k: int) -> bool:
    return k < len(words) and words[k].is_digits and len(words[k].text) == 2 and int(words[k].text) < 60


def _compact(words: Words, i: int, now: time) -> Clock | None:
    """ "1930", "730"."""
    if i >= len(words) or not words[i].is_digits or len(words[i].text) not in (3, 4):
        return None
    hour, minute = divmod(int(words[i].text), 100)
    if hour > 24 or minute > 59:
        return None
    return _tail(words, Clock(i, i + 1, hour % 24 * 60 + minute, certain=False))


def _spoken(words: Words, i: int, now: time) -> Clock | None:
    """ "seven", "seven thirty", "seven oh five", "nineteen hundred"."""
    hour = below_hundred(words, i)
    if hour is None or hour[0] > 24:
        return None
    base, k = hour[0] % 24 * 60, hour[1]
    if at(words, k) in ("oh", "o") and (unit := below_hundred(words, k + 1)) and 1 <= unit[0] <= 9:
        return _tail(words, Clock(i, unit[1], base + unit[0]))
    if at(words, k) == "hundred":
        return _tail(words, Clock(i, k + 1, base, certain=False))
    minutes = below_hundred(words, k + (at(words, k) == "-"))
    if minutes and 10 <= minutes[0] <= 59:
        return _tail(words, Clock(i, minutes[1], base + minutes[0], certain=False))
    return _tail(words, Clock(i, k, base, certain=False))


def _from_now(words: Words, i: int, now: time) -> Clock | None:
    """ "in 2 hours", "in half an hour", "20 minutes from now", "an hour ago"."""
    inside = at(words, i) in ("in", "within")
    read = length(words, i + 1 if inside else i)
    if read is None or not read.minutes or read.days:
        return None
    ago = 0 if inside else match(words, read.j, ("ago", "earlier"))
    end = read.j if inside else ago or match(words, read.j, ("from now", "time", "later"))
    if not end:
        return None
    moved = now.hour * 60 + now.minute + round(read.minutes) * (-1 if ago else 1)
    return Clock(i, end, moved % 1440, relative=True)


def _before_or_after(words: Words, i: int, now: time) -> Clock | None:
    """ "30 minutes before 12pm", "an hour after noon"."""
    read = length(words, i)
    if read is None or not read.minutes or read.days or at(words, read.j) not in ("before", "after"):
        return None
    base = clock_at(words, read.j + 1, now)
    if base is None:
        return None
    sign = -1 if at(words, read.j) == "before" else 1
    moved = base.resolve().hour * 60 + base.resolve().minute + sign * round(read.minutes)
    return Clock(i, base.j, moved % 1440)
