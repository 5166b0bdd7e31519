"""Simulated callers against the shipped dialplan by text, graded by what is in the backend afterwards."""

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from voicegw.config import load
from voicegw.engines.llm import Limits, Message
from voicegw.qa.scenarios.files import find, read
from voicegw.qa.scenarios.results import RunResults, transcript
from voicegw.qa.scenarios.running import How
from voicegw.qa.simulated.moves import BYE, NO, YES
from voicegw.qa.simulated.running import simulate

pytestmark = pytest.mark.servers
ROOT = Path(__file__).parents[2]
SIMULATED = ROOT / "sipp_scenarios" / "simulated"


class Obvious:
    """In the place of a language model: tells the order number when it is asked for, and answers ``to_offers``."""

    def __init__(self, to_offers: str) -> None:
        self._to_offers = to_offers

    async def stream(self, messages: Sequence[Message], limits: Limits) -> AsyncGenerator[str, None]:
        """As ``LanguageModel`` says."""
        heard = messages[-1].content.splitlines()[-2]
        move = "tell order number" if "number" in heard else self._to_offers if "Shall I" in heard else BYE
        yield f'{{"move": "{move}"}}'

    async def warm_up(self, messages: Sequence[Message]) -> None:
        """Needs none."""


async def called(to_offers: str, folder: Path) -> RunResults:
    settings = load(None, {"dialplans": ROOT / "dialplans", "integrations": ROOT / "integrations"})
    how = How(settings, folder, lambda line: None, lambda result: None)
    return await simulate([read(SIMULATED / "refund")], Obvious(to_offers), 1, how)


@pytest.mark.parametrize(("to_offers", "reached"), [(YES, True), (NO, False)])
async def test_only_a_refund_that_is_in_the_backend_counts(to_offers, reached, tmp_path):
    (result,) = (await called(to_offers, tmp_path)).results
    assert result.runner == "simulated"
    assert result.ok is reached, transcript(result)
    assert reached or any("order_refunds" in problem.message for problem in result.problems)
    assert len(result.lines) == len(result.evidence.replies) >= 3


def test_shipped_goals_are_there_and_are_no_ordinary_scenarios():
    shipped = find([SIMULATED])
    assert len(shipped) >= 5
    assert not any(one.scenario.runs_by("text") for one in shipped)
