"""A scenario made of a recorded call: its caller, its tools' answers, and what came of it as what must hold. Pure."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ruamel.yaml import YAML

from voicegw.outcomes.rows import CallStory
from voicegw.qa.replay.steps import MASKED, Step, steps_of
from voicegw.recording.notes import ToolNote

LINE_WIDTH = 110


def scenario_yaml(
    story: CallStory, notes: Sequence[ToolNote] = (), sounds: Mapping[int, Mapping[str, Any]] | None = None
) -> str:
    """The text of a ``scenario.yaml`` in which this call happens again.

    Values that were hidden stay hidden: ``about`` names the lines that a person must complete.

    :param notes: what tools answered, of a call that was recorded; without them the real tools answer.
    :param sounds: more fields by line (``wav``, ``over_ms``), of a call that was recorded.
    """
    out = io.StringIO()
    yaml = YAML()
    yaml.width = LINE_WIDTH
    yaml.dump(scenario_values(story, notes, sounds), out)
    return out.getvalue()


def scenario_values(
    story: CallStory, notes: Sequence[ToolNote] = (), sounds: Mapping[int, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """The same, as the values of a ``Scenario``."""
    steps, call = steps_of(story, notes), story.call
    began = datetime.fromtimestamp(call.began_at).replace(microsecond=0)
    values = {
        "name": f"{call.task or 'a call'}, as on {began:%Y-%m-%d %H:%M}",
        "about": _about(call.call_id, steps, sounds or {}),
        "tags": ["recorded"],
        "runners": ["text", "audio", "sip"],
        "number": call.callee or "5000",
        "at": began.isoformat(sep=" "),
        "tools": tool_answers(notes),
        "talk": [line(step) | dict((sounds or {}).get(index, {})) for index, step in enumerate(steps)],
        "holds": _holds(story, steps),
    }
    return {name: value for name, value in values.items() if value not in ({}, [], "")}


def line(step: Step) -> dict[str, Any]:
    """A step as a line of the talk."""
    acts: dict[str, dict[str, Any]] = {
        "words": {"caller": step.text},
        "keys": {"keys": "".join(key for key in step.text if key in "0123456789*#") or "#"},
        "silence": {"silence": True},
    }
    values = acts[step.kind]
    if step.said and MASKED not in step.said:
        values["means"] = step.said
    if step.calls:
        values["calls"] = {call.tool: call.arguments and dict(call.arguments) for call in step.calls}
    if step.ended:
        values["ends"] = step.ended
    return values


def tool_answers(notes: Sequence[ToolNote]) -> dict[str, list[dict[str, Any]]]:
    """What each tool answered, each time. The same question asked again (ahead of its time) has the same answer."""
    answers: dict[str, list[dict[str, Any]]] = {}
    asked: list[tuple[str, Mapping[str, Any]]] = []
    for note in notes:
        if (note.tool, note.arguments) in asked:
            continue
        asked.append((note.tool, note.arguments))
        answers.setdefault(note.tool, []).append({**note.values, "status": note.status})
    return answers


def _about(call_id: str, steps: Sequence[Step], sounds: Mapping[int, Mapping[str, Any]]) -> str:
    hidden = [str(index + 1) for index, step in enumerate(steps) if not step.is_whole and index not in sounds]
    mend = f" Values are hidden in lines {', '.join(hidden)}: put some in." if hidden else ""
    return f"From call {call_id}.{mend}"


def _holds(story: CallStory, steps: Sequence[Step]) -> dict[str, Any]:
    call = story.call
    slots = {name: value for name, value in call.slots.items() if value != MASKED}
    outcome = {"disposition": call.disposition, "task": call.task, "slots": slots}
    writes: dict[str, int] = {}
    for done in (done for step in steps for done in step.calls if done.writes):
        writes[done.tool] = writes.get(done.tool, 0) + 1
    kept = {name: value for name, value in outcome.items() if value}
    return {"calls": writes} | ({"outcome": kept} if kept else {})
