"""Calls and turns without what says something about a person."""

import re
from dataclasses import replace

from voicegw.outcomes.record import Event, SlotFilled, TurnTaken
from voicegw.outcomes.rows import CallRow, CallStory

MASK = "***"
_LONG = 8


def mask_number(number: str) -> str:
    """A caller's number or name with its middle hidden: ``+15551234567`` is ``+15······67``, ``1001`` is ``1··1``."""
    sign, rest = ("+", number[1:]) if number.startswith("+") else ("", number)
    ends = 2 if len(rest) >= _LONG else 1
    if len(rest) <= 2 * ends:
        return sign + "·" * len(rest)
    return f"{sign}{rest[:ends]}{'·' * (len(rest) - 2 * ends)}{rest[-ends:]}"


def masked_call(call: CallRow) -> CallRow:
    """``call`` with the caller's number masked, and which slots were filled, but not with what."""
    caller = None if call.caller is None else mask_number(call.caller)
    return replace(call, caller=caller, slots=dict.fromkeys(call.slots, MASK))


def masked_turn(turn: TurnTaken) -> TurnTaken:
    """``turn`` with the number of words said in place of the words."""
    return replace(turn, caller_text=words_masked(turn.caller_text), agent_text=words_masked(turn.agent_text))


def masked_story(story: CallStory) -> CallStory:
    """``story``, call, turns and events masked."""
    events = tuple(masked_event(event) for event in story.events)
    return CallStory(masked_call(story.call), tuple(masked_turn(turn) for turn in story.turns), events)


def masked_event(event: Event) -> Event:
    """``event`` with what was given for a slot masked."""
    return replace(event, value=MASK) if isinstance(event, SlotFilled) else event


def words_masked(text: str) -> str:
    """The number of words in place of the words."""
    count = len(re.findall(r"\S+", text))
    return f"{MASK} {count} word{'' if count == 1 else 's'}" if count else ""
