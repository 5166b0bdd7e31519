"""Rules about a dialplan's own tests: they name what there is, and there are some."""

from collections.abc import Callable, Iterator

from voicegw.dialplan.findings import Finding, Loc, Tools, steps_of
from voicegw.dialplan.model import Dialplan
from voicegw.dialplan.steps import Call
from voicegw.documents.positions import closest

Rule = Callable[[Dialplan, Tools], Iterator[Finding]]


def names_exist(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A test looks at a tool, slot or task that the dialplan does not have."""
    called = {placed.step.call for placed in steps_of(plan) if isinstance(placed.step, Call)}
    for index, test in enumerate(plan.tests):
        loc: Loc = ("tests", index)
        yield from _unknown((*loc, "tools"), test.tools, sorted(called), "tool is called here")
        for number, line in enumerate(test.talk):
            at = (*loc, "talk", number)
            yield from _unknown((*at, "calls"), line.calls or (), sorted(called), "tool is called here")
            yield from _unknown((*at, "slots"), line.slots, list(plan.slots), "slot is called")
            if line.task:
                yield from _unknown((*at, "task"), [line.task], list(plan.tasks), "task is called")


def _unknown(loc: Loc, names: object, known: list[str], what: str) -> Iterator[Finding]:
    assert isinstance(names, dict | list | tuple)
    for name in names:
        if name not in known:
            hint = closest(name, known) or f"there are {', '.join(known) or 'none'}"
            yield Finding((*loc, name) if isinstance(names, dict) else loc, f"no {what} {name!r}", hint)


def results_fit(plan: Dialplan, tools: Tools) -> Iterator[Finding]:
    """A test lets a tool give what it never gives."""
    for index, test in enumerate(plan.tests):
        for name, results in test.tools.items():
            tool = (tools or {}).get(name)
            if tool is None:
                continue
            for result in results:
                yield from _misfit(("tests", index, "tools", name), name, result, tool.gives, tool.statuses)


def _misfit(
    loc: Loc, tool: str, result: dict[str, object], gives: frozenset[str], statuses: tuple[str, ...]
) -> Iterator[Finding]:
    for value in result.keys() - gives:
        yield Finding(loc, f"{tool} gives no {value!r}", closest(value, list(gives)))
    known = (*statuses, "failed", "too_slow")
    if statuses and result["status"] not in known:
        yield Finding(loc, f"{tool} never gives {result['status']!r}", f"its results are {', '.join(known)}")


RULES: tuple[Rule, ...] = (names_exist, results_fit)
