"""``voicegw bench turns``: does the agent take its turns as a person does?

Calls of a set in ``sets/`` to the agent of ``sets/turns-dialplan.yaml``, in real time.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from voicegw.qa import kept, turn_set
from voicegw.qa.benching import MOST_AT_ONCE, REPOSITORY, Bench, Run, bench, commit
from voicegw.qa.call_report import CallReport
from voicegw.qa.figures import Figure
from voicegw.qa.kept import MeasuredCall
from voicegw.qa.stored import stories
from voicegw.qa.turn_figures import figures
from voicegw.qa.turn_set import CallPlan, Group, TurnSet

SETS = Path(__file__).parent / "sets"
AT_ONCE: tuple[Group, ...] = ("together", "load")


async def run(how: Run, file: Path = SETS / "turns.yaml") -> tuple[Figure, ...]:
    """Some twelve minutes for all calls of ``turns.yaml``.

    :raises SetupError: something must be mended first.
    """
    turns = turn_set.read(file)
    plans = turns.available(recordings=how.digits is not None)
    placed = await _place(how, turns, [plan for plan in plans if how.wants(plan.name)])
    calls: list[tuple[CallPlan, MeasuredCall]] = []
    for plan in plans:
        call = placed.get(plan.name) or _kept(how, plan.name)
        if call:
            calls.append((plan, call))
    return figures(turns.name, calls)


async def _place(how: Run, turns: TurnSet, plans: Sequence[CallPlan]) -> dict[str, MeasuredCall]:
    overrides = {"dialplans": str(SETS / "turns-dialplan.yaml"), "workers": {"warm": MOST_AT_ONCE}}
    reports: dict[str, CallReport] = {}
    if not plans:
        return {}
    async with bench(overrides, how, turns.seed) as one:
        for plan in plans:
            if plan.group == "alone":
                reports[plan.name] = await one.call(plan.name, plan.script(turns.seed))
        for group in AT_ONCE:
            scripts = {plan.name: plan.script(turns.seed) for plan in plans if plan.group == group}
            reports |= dict(zip(scripts, await one.calls_at_once(scripts), strict=True))
        measured = await _measured(one, reports)
    if how.keep:
        for call in measured.values():
            kept.write(how.keep, call)
    return measured


async def _measured(one: Bench, reports: Mapping[str, CallReport]) -> dict[str, MeasuredCall]:
    """What the caller measured, beside what the service stored."""
    stored = {story.call.caller: story.turns for story in await stories(one.service, len(reports))}
    measured = commit(REPOSITORY)
    return {
        name: MeasuredCall(name, measured, report.ok, report.turns, stored.get(kept.slug(name), ()))
        for name, report in reports.items()
    }


def _kept(how: Run, name: str) -> MeasuredCall | None:
    return kept.read(how.keep, name, commit(REPOSITORY)) if how.keep else None
