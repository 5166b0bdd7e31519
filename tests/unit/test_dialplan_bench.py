"""A bench of calls in portions: what this commit has called already is not called again."""

from pathlib import Path

from voicegw import config
from voicegw.dialplan import files
from voicegw.qa.bench_dialplans import Called, figures
from voicegw.qa.dialplan_calls import Wish, run_calls

ACME = Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml"


async def test_conversations_that_were_called_are_not_called_again() -> None:
    (plan,) = files.load(ACME)
    done = {f"{plan.name}: {conversation.name}" for conversation in plan.tests}
    told: list[str] = []
    outcomes = await run_calls({ACME: plan}, config.Settings(), Wish(tell=told.append, done=done))
    assert outcomes == {ACME: []}
    assert told == []


def test_the_share_of_calls_is_of_those_that_were_placed() -> None:
    placed = [Called("acme: one", "abc", ok=True), Called("acme: two", "abc", ok=False)]
    calls = figures({}, placed)[-1]
    assert (calls.value, calls.n, calls.meets) == (50.0, 2, False)
