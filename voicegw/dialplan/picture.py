"""What a dialplan looks like: its tasks, what they ask, and the ways out, as boxes and lines."""

from collections.abc import Iterator
from dataclasses import dataclass

from voicegw.dialplan.findings import steps_of
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.parse import Source
from voicegw.dialplan.steps import Ask, AskAgain, Call, End, Run, Step, Transfer
from voicegw.documents.positions import place

PERSON, GOODBYE = "person", "goodbye"
_TITLES = {PERSON: "a person", GOODBYE: "goodbye"}


@dataclass(frozen=True)
class Box:
    """A task, a slot, a tool or a way out."""

    kind: str
    """``task``, ``slot``, ``tool`` or ``way_out``."""
    name: str
    title: str
    line: int = 0
    """1-based, where the file says it; 0: nowhere."""

    @property
    def key(self) -> str:
        """Among all boxes."""
        return f"{self.kind}.{self.name}"


@dataclass(frozen=True)
class Picture:
    """Boxes, and pairs of keys that belong together, from task to what it leads to."""

    boxes: tuple[Box, ...]
    lines: tuple[tuple[str, str], ...]


def picture(plan: Dialplan, source: Source) -> Picture:
    """Of a dialplan and the text that it was read from."""

    def at(*loc: str) -> int:
        return place(source.tree, loc, key=True).line

    lines = list(dict.fromkeys(_lines(plan)))
    met = {end for _, end in lines}
    tools = dict.fromkeys(end for _, end in lines if end.startswith("tool."))
    boxes = [
        *(Box("task", name, task.title, at("tasks", name)) for name, task in plan.tasks.items()),
        *(Box("slot", name, name.replace("_", " "), at("slots", name)) for name in plan.slots),
        *(Box("tool", key.removeprefix("tool."), key.removeprefix("tool.")) for key in tools),
        *(Box("way_out", name, title) for name, title in _TITLES.items() if f"way_out.{name}" in met),
    ]
    known = {box.key for box in boxes}
    return Picture(tuple(boxes), tuple(line for line in lines if set(line) <= known))


def _lines(plan: Dialplan) -> Iterator[tuple[str, str]]:
    for placed in steps_of(plan):
        if placed.task:
            for end in _ends(placed.step):
                yield f"task.{placed.task}", end
    for name, task in plan.tasks.items():
        if task.then == "goodbye":
            yield f"task.{name}", f"way_out.{GOODBYE}"


def _ends(step: Step) -> Iterator[str]:
    match step:
        case Ask(ask=names):
            yield from (f"slot.{name}" for name in names)
        case AskAgain(ask_again=name):
            yield f"slot.{name}"
        case Call(call=name):
            yield f"tool.{name}"
        case Run(task=name):
            yield f"task.{name}"
        case Transfer():
            yield f"way_out.{PERSON}"
        case End(end="call"):
            yield f"way_out.{GOODBYE}"
