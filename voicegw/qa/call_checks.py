"""Did a real call come out as a dialplan's test wants it? Looks at what the service recorded."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from voicegw.dialplan.conversations import Conversation, Line
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.templates import Template
from voicegw.outcomes.rows import CallStory
from voicegw.qa.dialplan_test import Failure
from voicegw.qa.matching import place_of
from voicegw.qa.scenarios.evidence import ToolCall

ToolsTaken = Mapping[str, type[BaseModel]]
"""By tool, what it takes: values in a test are read as the tool reads them."""


def wrong(
    plan: Dialplan, conversation: Conversation, story: CallStory, calls: Sequence[ToolCall], tools: ToolsTaken
) -> list[Failure]:
    """All that did not come out as it must, at its line."""
    said = " ".join(turn.agent_text for turn in story.turns if turn.agent_text)
    return [
        *_wrong_words(conversation.talk, said),
        *_wrong_calls(conversation.talk, calls, tools),
        *_wrong_slots(plan, conversation.talk, story.call.slots),
        *_wrong_end(plan, conversation.talk, story, said),
    ]


def _wrong_words(talk: Sequence[Line], said: str) -> Iterator[Failure]:
    """What must be said is looked for behind what an earlier line found."""
    place = 0
    for index, line in enumerate(talk):
        ends = [place]
        for expected in line.agent:
            found = place_of(expected, said[place:])
            if found is None:
                yield Failure(index, f"the agent must say {expected!r}, but said {said[place:]!r}")
            else:
                ends.append(place + found[1])
        place = max(ends)
        for unwanted in line.never:
            if place_of(unwanted, said):
                yield Failure(index, f"the agent must not say {unwanted!r}, but said {said!r}")


def _wrong_calls(talk: Sequence[Line], calls: Sequence[ToolCall], tools: ToolsTaken) -> Iterator[Failure]:
    named = {tool for line in talk for tool in line.calls or {}}
    rest = list(calls)
    for index, line in enumerate(talk):
        for tool, arguments in (line.calls or {}).items():
            wanted = _as_taken(tools[tool], arguments) if arguments is not None else None
            found = [each for each in rest if each.tool == tool and (wanted is None or _holds(each.arguments, wanted))]
            if not found:
                with_what = "" if wanted is None else f" with {wanted}"
                made = ", ".join(f"{each.tool} {dict(each.arguments)}" for each in calls) or "nothing"
                yield Failure(index, f"{tool} must be called{with_what}, but called was {made}")
        if line.calls == {}:
            for each in calls:
                if each.writes and each.tool not in named:
                    yield Failure(index, f"{each.tool} must not be called, but was, with {dict(each.arguments)}")


def _as_taken(takes: type[BaseModel], arguments: dict[str, Any]) -> dict[str, Any]:
    return takes.model_validate(arguments).model_dump(mode="json", exclude_unset=True)


def _holds(actual: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    return all(actual.get(name) == value for name, value in wanted.items())


def _wrong_slots(plan: Dialplan, talk: Sequence[Line], slots: Mapping[str, str]) -> Iterator[Failure]:
    """Slots are known when the call is over; a value that a later line changes cannot be looked at."""
    last = {name: (index, value) for index, line in enumerate(talk) for name, value in line.slots.items()}
    for name, (index, value) in last.items():
        if not plan.slots[name].hidden and slots.get(name) != str(value):
            yield Failure(index, f"{name} must be {value!r}, but is {slots.get(name)!r}")


def _wrong_end(plan: Dialplan, talk: Sequence[Line], story: CallStory, said: str) -> Iterator[Failure]:
    index, wanted = len(talk) - 1, talk[-1].ends
    if wanted == "person":
        if not any(place_of(_fixed(wording), said) for wording in plan.handoff.say):
            yield Failure(index, f"the call must be given to a person, but the agent said {said!r}")
    elif wanted and story.call.disposition != wanted:
        yield Failure(index, f"the call must end as {wanted}, but ended as {story.call.disposition}")


def _fixed(wording: Template) -> str:
    """The longest part of a wording that is the same on every call."""
    return max((part for part in wording.parts if isinstance(part, str)), key=len, default="")
