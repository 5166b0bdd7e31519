"""``voicegw bench dialplans``: the shipped dialplans' own conversations, by text and as real calls."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from voicegw.config import load
from voicegw.dialplan import files
from voicegw.dialplan.model import Dialplan
from voicegw.engines import registry
from voicegw.errors import SettingsError
from voicegw.qa import dialplan_calls
from voicegw.qa.benching import REPOSITORY, Run, commit
from voicegw.qa.dialplan_calls import SPOKEN, Wish
from voicegw.qa.dialplan_test import DialplanTester, Outcome
from voicegw.qa.figures import Figure, share_percent

KEPT = "conversations.json"
AT_ONCE = 2
"""Calls at a time: two leave half of two cores free."""


@dataclass(frozen=True)
class Called:
    """A conversation as a real call."""

    name: str
    commit: str
    """Of what was measured."""
    ok: bool


_CALLED = TypeAdapter(tuple[Called, ...])


async def run(how: Run) -> tuple[Figure, ...]:
    """Some 15 minutes of calls; with ``keep``, and ``only`` or ``minutes``, in parts.

    :raises SetupError: something must be mended first.
    :raises SettingsError: calls of other parts are missing.
    """
    plans = {file: _plan(file) for file in sorted((REPOSITORY / "dialplans").rglob("*.yaml"))}
    settings = load()
    embedder = registry.sentence_embedder(settings)
    by_text = {}
    for plan in plans.values():
        how.tell(plan.name)
        by_text[plan.name] = await DialplanTester(plan, embedder).run(vary=True)
    spoken = {file: plan for file, plan in plans.items() if plan.language in SPOKEN}
    own = settings.model_copy(update={"integrations": REPOSITORY / "integrations"})
    now = commit(REPOSITORY)
    done = {call.name for call in _kept(how, now)} if how.minutes else ()
    wish = Wish(how.only, how.keep, how.tell, done, how.minutes or math.inf, AT_ONCE)
    outcomes = await dialplan_calls.run_calls(spoken, own, wish)
    placed = [Called(_name(spoken[file], each), now, not each.failures) for file in spoken for each in outcomes[file]]
    return figures(by_text, _with_other_parts(how, placed, spoken.values(), now))


def figures(by_text: Mapping[str, Iterable[Outcome]], calls: Iterable[Called]) -> tuple[Figure, ...]:
    """What is promised of the shipped dialplans."""
    given = [outcome for each in by_text.values() for outcome in each if not outcome.made_up]
    made_up = [outcome for each in by_text.values() for outcome in each if outcome.made_up]
    called = list(calls)
    return (
        _share("dialplans: conversations right by text", [not each.failures for each in given], "≥ 100"),
        _share("dialplans: right by text in wordings made up", [not each.failures for each in made_up], ""),
        _share("dialplans: conversations right over real calls", [call.ok for call in called], "≥ 95"),
    )


def _share(name: str, right: list[bool], target: str) -> Figure:
    return Figure(name, share_percent(sum(right), len(right)), "%", target, len(right))


def _plan(file: Path) -> Dialplan:
    (plan,) = files.load(file)
    return plan


def _name(plan: Dialplan, outcome: Outcome) -> str:
    return f"{plan.name}: {outcome.name}"


def _with_other_parts(how: Run, placed: list[Called], plans: Iterable[Dialplan], now: str) -> list[Called]:
    """Those placed now, and those kept by earlier parts of the same commit."""
    if how.keep is None:
        return placed
    by_name = {call.name: call for call in (*_kept(how, now), *placed)}
    how.keep.mkdir(parents=True, exist_ok=True)
    (how.keep / KEPT).write_bytes(_CALLED.dump_json(tuple(by_name.values()), indent=1))
    return [by_name[name] for name in _names(plans) if name in by_name]


def _names(plans: Iterable[Dialplan]) -> list[str]:
    return [f"{plan.name}: {test.name}" for plan in plans for test in plan.tests]


def _kept(how: Run, now: str) -> tuple[Called, ...]:
    """Those that earlier parts of the same commit have placed."""
    if how.keep is None or not (file := how.keep / KEPT).exists():
        return ()
    try:
        return tuple(call for call in _CALLED.validate_json(file.read_bytes()) if call.commit == now)
    except ValidationError as error:
        raise SettingsError(f"{file}: not calls of a bench: remove it ({error.error_count()} problems)") from None
