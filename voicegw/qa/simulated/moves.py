"""What a simulated caller can do next, and how it is put in words. Pure.

The language model chooses among these moves and words the opening; facts come from the goal alone, so a caller can
neither invent an order number nor get one wrong.
"""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from voicegw.engines.llm import Message
from voicegw.qa.scenarios.model import Goal

ASK, YES, NO, AGAIN, BYE = "ask", "yes", "no", "again", "bye"
TELL = "tell "
"""Before the name of a fact."""
MEANINGS = {
    ASK: "say what you want",
    YES: "agree, or confirm that it is right",
    NO: "disagree, or say that there is nothing else",
    AGAIN: "ask the agent to say it again",
    BYE: "thank the agent and end the call",
}
WORDS = {
    YES: ("Yes please.", "Yes.", "Yeah, that's right.", "Yes, go ahead."),
    NO: ("No, thanks.", "No.", "No, that's all."),
    AGAIN: ("Sorry, what was that?", "Could you say that again?"),
    BYE: ("Thanks, bye.", "Okay, thank you, goodbye."),
}
TELLS = ("{value}", "It's {value}.", "Sure, {value}.", "That would be {value}.")
MOST_ALIKE = 2
"""Yes, or no, so often without anything between; then it is no answer any more."""
MOST_LINES = 6
"""Of the conversation that the model reads: it is small."""


@dataclass
class Talk:
    """A call so far, as its caller sees it."""

    goal: Goal
    lines: list[tuple[str, str]] = field(default_factory=list)
    """``agent`` or ``caller``, and the words."""
    done: list[str] = field(default_factory=list)
    """Moves so far."""

    def choices(self) -> list[str]:
        """Moves that make sense now: what is wanted is said first, and nothing is told or asked over and over."""
        if not self.done:
            return [ASK]
        tells = [TELL + name for name in self.goal.facts if self.done.count(TELL + name) < 2]
        again = [] if self.done[-1] == AGAIN else [AGAIN]
        ask = [ASK] if self.done.count(ASK) < 2 and self.done[-1] != ASK else []
        answers = [move for move in (YES, NO) if self.done[-MOST_ALIKE:] != [move] * MOST_ALIKE]
        return [*tells, *answers, *again, *ask, BYE]

    def take_back(self) -> None:
        """The last move, and the agent's words that it answered."""
        self.done.pop()
        self.lines = self.lines[:-2]


def prompt(talk: Talk) -> list[Message]:
    """Asks for the next move. What comes first stays the same all through the call: the server has read it already."""
    goal = talk.goal
    every = [*(TELL + name for name in goal.facts), *MEANINGS]
    moves = "\n".join(f"{json.dumps(move)}: {_meaning(move)}" for move in every)
    facts = "".join(f" Your {name}: {value}." for name, value in goal.facts.items())
    system = (
        f"You are a caller on the phone. You want {goal.wants}.{facts} {goal.persona}\n"
        f"Choose what the caller does next, as JSON.\n{moves}"
    )
    heard = "\n".join(f"{who}: {words}" for who, words in talk.lines[-MOST_LINES:])
    return [Message("system", system), Message("user", f"{heard}\nWhat does the caller do?")]


def schema(choices: Sequence[str]) -> dict[str, object]:
    """Of the answer."""
    return {
        "type": "object",
        "properties": {"move": {"type": "string", "enum": list(choices)}},
        "required": ["move"],
        "additionalProperties": False,
    }


def move_of(answer: str, choices: Sequence[str]) -> str:
    """The move in an answer; of an answer that is none, the last choice."""
    found = re.search(r'"move"\s*:\s*"([^"]+)"', answer)
    return found[1] if found and found[1] in choices else choices[-1]


def words(talk: Talk, move: str, chance: random.Random) -> str:
    """What the caller says."""
    if move == ASK:
        openings = talk.goal.openings
        return openings[talk.done.count(ASK) % len(openings)] if talk.done else chance.choice(openings)
    if move.startswith(TELL):
        return chance.choice(TELLS).format(value=talk.goal.facts[move.removeprefix(TELL)])
    return chance.choice(WORDS[move])


def _meaning(move: str) -> str:
    if move.startswith(TELL):
        name = move.removeprefix(TELL)
        return f"give your {name} when the agent asks for it"
    return MEANINGS[move]
