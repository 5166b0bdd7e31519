"""Which names a step uses: what it asks, puts in templates, looks at in conditions, hands to tools."""

from collections.abc import Iterator, Sequence

from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.steps import Ask, AskAgain, Call, Decide, Group, Run, Say, Set, Step
from voicegw.dialplan.templates import Template


def blocks(step: Step) -> Iterator[tuple[tuple[str, ...], Sequence[Step]]]:
    """Blocks of steps inside a step, each with its path from the step."""
    if isinstance(step, Call):
        yield ("declined",), step.declined
        for status, block in step.results.items():
            yield ("results", status), block
    elif isinstance(step, Decide):
        yield ("yes",), step.yes
        yield ("no",), step.no
    elif isinstance(step, Group):
        yield ("steps",), step.steps


def walk(steps: Sequence[Step]) -> Iterator[Step]:
    """All steps, those inside others too."""
    for step in steps:
        yield step
        for _, block in blocks(step):
            yield from walk(block)


def templates(step: Step) -> Iterator[Template]:
    """What a step says or asks itself, and what it hands to its tool; not what is in the blocks inside it."""
    if isinstance(step, Say):
        yield from step.say
    elif isinstance(step, Call):
        yield from step.arguments.values()
        yield from step.confirm or ()
        yield from step.waiting or ()
        yield from step.promise.templates() if step.promise else ()
    elif isinstance(step, Decide):
        yield from step.offer
    elif isinstance(step, Set):
        yield from (value for value in step.set.values() if isinstance(value, Template))


def asked(plan: Dialplan, task: str) -> frozenset[str]:
    """Slots that a task itself asks for."""
    steps = walk(plan.tasks[task].steps)
    return frozenset(slot for step in steps if isinstance(step, Ask) for slot in step.ask)


def runs(plan: Dialplan, task: str, *, anew: bool = False) -> tuple[str, ...]:
    """Tasks that a task runs, and those that they run.

    :param anew: only those that are done each time as if they had not been done.
    """
    found: list[str] = []
    todo = [task]
    while todo:
        steps = [step for step in walk(plan.tasks[todo.pop()].steps) if isinstance(step, Run)]
        more = [step.task for step in steps if (step.again or not anew) and step.task in plan.tasks]
        fresh = [name for name in dict.fromkeys(more) if name not in found]
        found += fresh
        todo += fresh
    return tuple(found)


def asked_within(plan: Dialplan, task: str) -> frozenset[str]:
    """Slots that a task asks for, itself or by a task that it runs."""
    return asked(plan, task).union(*(asked(plan, name) for name in runs(plan, task)))


def used(plan: Dialplan, steps: Sequence[Step]) -> frozenset[str]:
    """Names that steps use, those of the tasks that they run too."""
    return frozenset(_used(plan, steps, frozenset()))


def _used(plan: Dialplan, steps: Sequence[Step], within: frozenset[str]) -> Iterator[str]:
    for step in walk(steps):
        for template in templates(step):
            yield from (reference.name for reference in template.references)
        if step.when:
            yield from step.when.names
        if isinstance(step, Ask):
            yield from step.ask
        elif isinstance(step, AskAgain):
            yield step.ask_again
        elif isinstance(step, Run) and step.task in plan.tasks and step.task not in within:
            yield from _used(plan, plan.tasks[step.task].steps, within | {step.task})


def tools(plan: Dialplan) -> frozenset[str]:
    """Those that its tasks call."""
    steps = (step for task in plan.tasks.values() for step in walk(task.steps))
    return frozenset(step.call for step in steps if isinstance(step, Call))
