"""Runs the tests of dialplans and tells what came of them."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from voicegw.config import Settings
from voicegw.dialplan.model import Dialplan
from voicegw.engines import registry
from voicegw.qa import dialplan_calls
from voicegw.qa.dialplan_calls import Wish
from voicegw.qa.dialplan_test import DialplanTester, Outcome, problems_of
from voicegw.qa.junit import Case, to_xml

Results = Mapping[Path, list[Outcome]]
"""By file."""


async def run_tests(plans: Mapping[Path, Dialplan], settings: Settings, *, vary: bool) -> Results:
    """All tests of all dialplans."""
    embedder = registry.sentence_embedder(settings)
    return {file: await DialplanTester(plan, embedder).run(vary=vary) for file, plan in plans.items()}


async def run_calls(plans: Mapping[Path, Dialplan], settings: Settings, wish: Wish) -> Results:
    """The tests as real calls, of those dialplans whose language a caller here can speak."""
    spoken = {file: plan for file, plan in plans.items() if plan.language in dialplan_calls.SPOKEN}
    return await dialplan_calls.run_calls(spoken, settings, wish)


def text_of(results: Results) -> str:
    """What a person reads: every failure with its place and the conversation that led to it, then the counts."""
    lines: list[str] = []
    for file, outcomes in results.items():
        for outcome in outcomes:
            if outcome.failures:
                lines += [str(problem) for problem in problems_of(file, outcome)]
                lines += [f"    {line}" for line in outcome.transcript]
    outcomes = [outcome for each in results.values() for outcome in each]
    failed = sum(bool(outcome.failures) for outcome in outcomes)
    took_s = sum(outcome.took_s for outcome in outcomes)
    return "\n".join([*lines, f"{len(outcomes)} conversations, {failed or 'none'} failed, {took_s:.1f} s"])


def json_of(results: Results) -> str:
    """What a program reads."""
    rows = [
        {
            "file": str(file),
            "name": outcome.name,
            "ok": not outcome.failures,
            "problems": [asdict(problem) for problem in problems_of(file, outcome)],
            "transcript": outcome.transcript,
            "took_s": round(outcome.took_s, 3),
        }
        for file, outcomes in results.items()
        for outcome in outcomes
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def junit_of(results: Results) -> str:
    """What a CI server reads."""
    return to_xml(
        [
            Case(
                file.stem,
                outcome.name,
                outcome.took_s,
                tuple(str(problem) for problem in problems_of(file, outcome)),
                "\n".join(outcome.transcript),
            )
            for file, outcomes in results.items()
            for outcome in outcomes
        ]
    )
