"""Who calls during chaos: people who book, change their mind, hang up at any point, ask, or book what is booked."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from voicegw.qa.script import PressKeys, SayLine, Script, Step, WaitSeconds

BOOK, ASK = "I want to book a number.", "What is the state of my booking?"
YES: tuple[Step, ...] = (SayLine("Yes, please."), PressKeys("1"))
NO = PressKeys("2")
LONGEST_STAY_S = 9.0
"""After the yes: some hang up at once, some hear the result, some the promise."""
PATIENCE_S = 8.0


@dataclass(frozen=True)
class Plan:
    """What one caller is going to do."""

    item: str
    agrees: bool
    script: Script


def plan(chance: random.Random, items: Sequence[str]) -> Plan:
    """The next caller.

    :param items: of those who agreed before.
    """
    item = f"{chance.randrange(10**6):06d}"
    kind = chance.choices(("books", "repeats", "declines", "leaves", "asks"), (60, 10, 8, 8, 14))[0]
    if kind == "repeats" and items:
        item = chance.choice(items)
    agrees = kind in ("books", "repeats")
    steps: list[Step] = [SayLine(ASK if kind == "asks" else BOOK), PressKeys(item)]
    if agrees:
        steps += [chance.choice(YES), WaitSeconds(chance.uniform(0, LONGEST_STAY_S), after_ms=0)]
    elif kind == "declines":
        steps.append(NO)
    goodbye_ms = chance.uniform(100, 2500)
    return Plan(item, agrees, Script(tuple(steps), patience_s=PATIENCE_S, goodbye_ms=goodbye_ms))


def all_lines() -> Script:
    """Everything that callers say, to be made before the first call."""
    return Script((SayLine(BOOK), SayLine(ASK), *YES))
