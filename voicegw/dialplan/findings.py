"""What checks find, and the walk over all steps that they share."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.steps import Step
from voicegw.dialplan.tools import ToolFacts
from voicegw.dialplan.uses import blocks

Loc = tuple[str | int, ...]
"""A place in the file: keys and indices from the top."""
Tools = Mapping[str, ToolFacts] | None


@dataclass(frozen=True)
class Finding:
    """Something wrong."""

    loc: Loc
    message: str
    hint: str = ""
    severity: str = "error"


@dataclass(frozen=True)
class Placed:
    """A step and where it stands."""

    loc: Loc
    step: Step

    @property
    def task(self) -> str:
        """The task it is part of, if it is part of one."""
        return str(self.loc[1]) if self.loc[0] == "tasks" else ""


def steps_of(plan: Dialplan) -> Iterator[Placed]:
    """Every step of a dialplan."""
    for loc, block in roots(plan):
        yield from _inside(loc, block)


def roots(plan: Dialplan) -> Iterator[tuple[Loc, Sequence[Step]]]:
    """Every block of steps that is not inside another."""
    for name, task in plan.tasks.items():
        yield ("tasks", name, "steps"), task.steps
    for name, slot in plan.slots.items():
        yield ("slots", name, "otherwise"), slot.otherwise
    yield ("handoff", "failed"), plan.handoff.failed
    yield ("limits", "no_input", "then"), plan.limits.no_input.then
    yield ("limits", "no_match", "then"), plan.limits.no_match.then
    if plan.hours:
        yield ("hours", "closed"), plan.hours.closed


def _inside(loc: Loc, block: Sequence[Step]) -> Iterator[Placed]:
    for index, step in enumerate(block):
        at = (*loc, index)
        yield Placed(at, step)
        for path, inner in blocks(step):
            yield from _inside((*at, *path), inner)
