"""A test of a dialplan made from a call that was had; pure."""

import io

from ruamel.yaml import YAML

from voicegw.outcomes.record import ToolAnswered, TurnTaken
from voicegw.outcomes.rows import CallStory

_ENDS = {"completed": "completed", "abandoned": "abandoned", "failed": "failed", "handed_over": "person"}


def dialplan_test(story: CallStory) -> str:
    """YAML for the list ``tests`` of a dialplan: what the caller said, and what must be said and done again."""
    return _yaml([{"name": _name(story), **_tools(story), "talk": _talk(story)}])


def _name(story: CallStory) -> str:
    return f"{story.call.task or 'a call'}, as in call {story.call.call_id[:8]}"


def _tools(story: CallStory) -> dict[str, object]:
    """What tools answered, by their status: what else they said is not kept, and must be filled in."""
    answers: dict[str, list[object]] = {}
    for event in story.events:
        if isinstance(event, ToolAnswered):
            answers.setdefault(event.tool, []).append({"status": event.status})
    return {"tools": answers} if answers else {}


def _talk(story: CallStory) -> list[dict[str, object]]:
    lines = [line for turn in story.turns if (line := _line(turn))]
    end = _ENDS.get(story.call.disposition or "")
    if lines and end:
        lines[-1]["ends"] = end
    return lines


def _line(turn: TurnTaken) -> dict[str, object]:
    """Empty: the greeting, which nobody asked for."""
    if turn.decided_by == "greeting":
        return {}
    said: dict[str, object] = {"caller": turn.caller_text} if turn.caller_text else {"silence": True}
    if turn.agent_text and not turn.interrupted:
        said["agent"] = turn.agent_text
    if turn.task:
        said["task"] = turn.task
    return said


def _yaml(value: object) -> str:
    yaml = YAML()
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump(value, text)
    return text.getvalue()
