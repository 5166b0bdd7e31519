"""Rules about what tasks do: names that exist, tools that fit, writes that are confirmed, ways that end."""

from collections.abc import Callable, Iterator, Mapping

from voicegw.dialplan.findings import Finding, Placed, Tools, roots, steps_of
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.steps import Ask, AskAgain, Call, End, Run, Set, Step, Transfer
from voicegw.dialplan.tools import ALWAYS, OF_WRITES, ToolFacts
from voicegw.dialplan.uses import asked_within, runs, walk
from voicegw.documents.positions import closest

Rule = Callable[[Dialplan, Tools], Iterator[Finding]]


def slots_exist(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A step asks for a slot that nobody described."""
    for placed in steps_of(plan):
        step = placed.step
        if isinstance(step, Ask):
            names = [((*placed.loc, "ask", index), name) for index, name in enumerate(step.ask)]
        elif isinstance(step, AskAgain):
            names = [((*placed.loc, "ask_again"), step.ask_again)]
        else:
            continue
        for loc, name in names:
            if name not in plan.slots:
                hint = closest(name, list(plan.slots)) or f"describe it under `slots:` as `{name}:`"
                yield Finding(loc, f"no slot is called {name!r}", hint)


def tasks_exist(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A step runs a task that is not there."""
    for placed in steps_of(plan):
        step = placed.step
        if isinstance(step, Run) and step.task not in plan.tasks:
            hint = closest(step.task, list(plan.tasks)) or f"tasks are {', '.join(plan.tasks)}"
            yield Finding((*placed.loc, "task"), f"no task is called {step.task!r}", hint)


def tasks_are_reached(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A task without examples, which no other task runs, never begins."""
    run = {placed.step.task for placed in steps_of(plan) if isinstance(placed.step, Run)}
    for name, task in plan.tasks.items():
        if not task.examples and name not in run:
            hint = "give it `examples:` of what callers say, or run it from another task with `task:`"
            yield Finding(("tasks", name), f"nothing leads to the task {name!r}", hint)


def tasks_do_not_circle(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """Tasks that run each other without end."""
    runs = {
        name: {step.task for step in walk(task.steps) if isinstance(step, Run)} for name, task in plan.tasks.items()
    }
    for name in plan.tasks:
        reached, todo = set[str](), set(runs[name])
        while todo:
            other = todo.pop()
            reached.add(other)
            todo |= runs.get(other, set()) - reached
        if name in reached:
            yield Finding(("tasks", name), f"the task {name!r} runs itself, through {', '.join(sorted(reached))}")


def tools_exist(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A call of a tool that no integration has."""
    for placed, step in _calls(plan):
        if tools is not None and step.call not in tools:
            hint = closest(step.call, list(tools)) or _other_tools(step.call.partition(".")[0], tools)
            yield Finding((*placed.loc, "call"), f"no integration has a tool {step.call!r}", hint)


def _other_tools(integration: str, tools: Mapping[str, ToolFacts]) -> str:
    there = f"tools are {', '.join(sorted(tools)) or 'not there at all'}"
    if any(name.startswith(f"{integration}.") for name in tools):
        return there
    return f"is it set up, as [integration.{integration}] in the settings? {there}"


def arguments_fit(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """Arguments that a tool does not take, or lacks."""
    for placed, step, tool in _known_calls(plan, tools):
        for name in step.arguments:
            if name not in tool.takes:
                hint = closest(name, list(tool.takes)) or f"it takes {', '.join(tool.takes)}"
                yield Finding((*placed.loc, "with", name), f"{step.call} does not take {name!r}", hint)
        missing = [name for name, needed in tool.takes.items() if needed and name not in step.arguments]
        if missing:
            yield Finding((*placed.loc, "call"), f"{step.call} needs {', '.join(missing)}", "add it to `with:`")


def arguments_are_asked_for(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A tool needs a slot that nobody has asked for when it is called."""
    given = _set_somewhere(plan)
    for placed, step, tool in _known_calls(plan, tools):
        if not placed.task:
            continue
        leading = [name for name in plan.tasks if name == placed.task or placed.task in runs(plan, name)]
        known = given.union(*(asked_within(plan, name) for name in leading))
        for name, template in step.arguments.items():
            for slot in (reference.name for reference in template.references):
                if tool.takes.get(name) and slot in plan.slots and slot not in known:
                    hint = f"add `- ask: {slot}` before it"
                    yield Finding((*placed.loc, "call"), f"{step.call} needs {slot}, which nothing here asks for", hint)


def slots_are_asked_for(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A slot that no step asks for."""
    known = _set_somewhere(plan).union(*(asked_within(plan, name) for name in plan.tasks))
    elsewhere = {slot for placed in steps_of(plan) if isinstance(placed.step, Ask) for slot in placed.step.ask}
    for name in plan.slots:
        if name not in known | elsewhere:
            hint = f"add `- ask: {name}` to a task, or leave it out"
            yield Finding(("slots", name), f"nothing asks for {name}", hint, "warning")


def _set_somewhere(plan: Dialplan) -> frozenset[str]:
    return frozenset(name for placed in steps_of(plan) if isinstance(placed.step, Set) for name in placed.step.set)


def writes_are_confirmed(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """Something is changed without asking."""
    for placed, step, tool in _known_calls(plan, tools):
        if tool.writes and not step.confirm:
            hint = "add `confirm:` with the question whose yes lets it run"
            yield Finding((*placed.loc, "call"), f"{step.call} changes something, but nothing is confirmed", hint)


def results_fit(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """Results that a tool never has, or that are not answered."""
    for placed, step, tool in _known_calls(plan, tools):
        if not tool.statuses:
            continue
        known = (*tool.statuses, *ALWAYS, *(OF_WRITES if tool.writes else ()), "otherwise")
        for status in step.results:
            if status not in known:
                hint = closest(status, known) or f"its results are {', '.join(known)}"
                yield Finding((*placed.loc, "results", status), f"{step.call} never gives {status!r}", hint)
        open_ones = [status for status in tool.statuses if status not in step.results]
        answered = "otherwise" in step.results or not open_ones or (len(open_ones) == 1 and open_ones[0] in GOOD)
        if not answered:
            message = f"nothing says what happens when {step.call} gives {', '.join(open_ones)}"
            yield Finding((*placed.loc, "call"), message, "add it to `results:`, or add `otherwise`", "warning")


GOOD = ("found", "done")
"""Results after which a task may simply go on."""


def ways_out_end(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """After silence or misunderstanding, a way out that leads back in."""
    for loc, block in roots(plan):
        if loc[0] == "limits" and not any(isinstance(step, Transfer | End | Run) for step in walk(block)):
            hint = "end it with `transfer: …` or `end: call`"
            yield Finding(loc, "this way out leads nowhere: the caller stays where they were", hint, "warning")
    if any(isinstance(step, Transfer) for step in walk(plan.handoff.failed)):
        message = "if nobody answers, the caller is transferred again"
        yield Finding(("handoff", "failed"), message, "say something, and go on or end the call")


def asks_again_what_it_asked(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """``ask_again`` where nothing asked before."""
    for placed in steps_of(plan):
        step = placed.step
        if not isinstance(step, AskAgain) or step.ask_again not in plan.slots:
            continue
        if not placed.task or step.ask_again not in asked_within(plan, placed.task):
            hint = f"add `- ask: {step.ask_again}` before it"
            yield Finding((*placed.loc, "ask_again"), f"nothing here asks for {step.ask_again!r} before", hint)


def _calls(plan: Dialplan) -> Iterator[tuple[Placed, Call]]:
    for placed in steps_of(plan):
        if isinstance(placed.step, Call):
            yield placed, placed.step


def _known_calls(plan: Dialplan, tools: Tools) -> Iterator[tuple[Placed, Call, ToolFacts]]:
    for placed, step in _calls(plan):
        if tools is not None and step.call in tools:
            yield placed, step, tools[step.call]


def _unreachable(block: tuple[Step, ...]) -> int | None:
    """Index of the first step after one that never comes back."""
    for index, step in enumerate(block[:-1]):
        if isinstance(step, Transfer | End) and step.when is None:
            return index + 1
    return None


def steps_are_reached(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """Steps after an end or a transfer."""
    for loc, block in _all_blocks(plan):
        index = _unreachable(block)
        if index is not None:
            yield Finding((*loc, index), "this step is never reached", "what stands before it ends here", "warning")


def _all_blocks(plan: Dialplan) -> Iterator[tuple[tuple[str | int, ...], tuple[Step, ...]]]:
    grouped: dict[tuple[str | int, ...], list[Step]] = {}
    for placed in steps_of(plan):
        grouped.setdefault(placed.loc[:-1], []).append(placed.step)
    for loc, block in grouped.items():
        yield loc, tuple(block)


RULES: tuple[Rule, ...] = (
    slots_exist,
    tasks_exist,
    tasks_are_reached,
    tasks_do_not_circle,
    tools_exist,
    arguments_fit,
    arguments_are_asked_for,
    slots_are_asked_for,
    writes_are_confirmed,
    results_fit,
    ways_out_end,
    asks_again_what_it_asked,
    steps_are_reached,
)
