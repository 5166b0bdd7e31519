"""A recorded call, step by step: what the caller did, and what came of it then. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from voicegw.call.secure import HIDDEN
from voicegw.outcomes.record import ToolAnswered, TurnTaken
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.recording.notes import ToolNote

MASKED = "***"
Kind = Literal["words", "keys", "silence"]
KINDS: dict[str, Kind] = {"keypad": "keys", "timer": "silence"}
"""By what a turn was decided by; all else are words."""
PERSON = {"handed_over": "person"}


@dataclass(frozen=True)
class Called:
    """A tool was asked."""

    tool: str
    status: str
    writes: bool
    arguments: Mapping[str, Any] | None = None
    """None where the call was not recorded."""


@dataclass(frozen=True)
class Step:
    """One thing that the caller did: a turn in words, keys one after another, or a silence."""

    kind: Kind
    text: str
    """The words as they were understood, or the keys; with ``***`` or ``[secure]`` in place of what is not kept."""
    said: str
    """The agent's answer, as far as it was played."""
    began_ms: float
    """On the call's clock: at or before this, for words, the caller's last sound."""
    calls: tuple[Called, ...] = ()
    latency_ms: float | None = None
    """The caller's last sound to the agent's first."""
    ended: str = ""
    """How the agent's part ended here: a disposition, or ``person``; empty if it went on, or the caller hung up."""
    interrupted: bool = False

    @property
    def is_secret(self) -> bool:
        """Not even the recording has it."""
        return HIDDEN in self.text

    @property
    def is_whole(self) -> bool:
        """Nothing of what the caller said is hidden."""
        return MASKED not in self.text and HIDDEN not in self.text


def steps_of(story: CallStory, notes: Sequence[ToolNote] = ()) -> tuple[Step, ...]:
    """The steps of a call.

    :param notes: what tools answered, if the call was recorded.
    """
    groups = list(_groups([turn for turn in story.turns if turn.decided_by != "greeting"]))
    begins = [_moment(group[0]) for group in groups]
    answers = _answers(story, notes)
    steps = []
    for index, group in enumerate(groups):
        until = begins[index + 1] if index + 1 < len(begins) else float("inf")
        called = tuple(call for at, call in answers if begins[index] <= at < until)
        steps.append(_step(group, called))
    if steps:
        steps[-1] = replace(steps[-1], ended=ending(story.call))
    return tuple(steps)


def ending(row: CallRow) -> str:
    """How the agent's part ended; empty if it was the caller who ended the call."""
    if row.ended_by != "agent" and row.disposition != "handed_over":
        return ""
    return PERSON.get(row.disposition or "", row.disposition or "")


def _groups(turns: Sequence[TurnTaken]) -> Iterator[list[TurnTaken]]:
    """Keys that were pressed one after another are one step, up to what the agent says to them."""
    group: list[TurnTaken] = []
    for turn in turns:
        goes_on = group and turn.decided_by == group[-1].decided_by == "keypad" and not group[-1].agent_text
        if group and not goes_on:
            yield group
            group = []
        group.append(turn)
    if group:
        yield group


def _step(group: Sequence[TurnTaken], called: tuple[Called, ...]) -> Step:
    last = group[-1]
    kind: Kind = KINDS.get(last.decided_by, "words")
    if kind == "words" and not last.caller_text:
        kind = "silence"
    return Step(
        kind,
        "".join(turn.caller_text for turn in group),
        " ".join(turn.agent_text for turn in group if turn.agent_text),
        last.waterfall.last_voice or last.waterfall.turn_decided or 0.0,
        called,
        last.waterfall.wait_ms,
        interrupted=last.interrupted,
    )


def _moment(turn: TurnTaken) -> float:
    """Unix time at which the caller had finished: what is done from then on is done for this turn."""
    waterfall = turn.waterfall
    if waterfall.last_voice is None or waterfall.turn_decided is None:
        return turn.at
    return turn.at - (waterfall.turn_decided - waterfall.last_voice) / 1000


def _answers(story: CallStory, notes: Sequence[ToolNote]) -> list[tuple[float, Called]]:
    """Of what is known most."""
    if notes:
        return [
            (note.at, Called(note.tool, note.status, note.effect == "writes", dict(note.arguments))) for note in notes
        ]
    told = [event for event in story.events if isinstance(event, ToolAnswered)]
    return [(event.at, Called(event.tool, event.status, event.effect == "writes")) for event in told]
