"""The dialplans that ship: nothing is wrong with them, and their conversations come out as they say."""

from pathlib import Path

import pytest

from voicegw import config
from voicegw.actions.registry import Toolbox
from voicegw.dialplan import files
from voicegw.engines import registry
from voicegw.engines.embed import SentenceEmbedder
from voicegw.qa.dialplan_test import DialplanTester

pytestmark = pytest.mark.servers

FOLDER = Path(__file__).parents[2] / "dialplans"
SHIPPED = sorted(FOLDER.rglob("*.yaml"))
LEAST_TESTS = 8


@pytest.fixture(scope="module")
def embedder() -> SentenceEmbedder:
    return registry.sentence_embedder(config.load())


def test_five_dialplans_ship_and_none_answers_another_ones_number():
    plans = [plan for folder in (FOLDER, FOLDER / "ko") for plan in files.load(folder)]
    numbers = [number for plan in plans for number in plan.numbers]
    assert len(plans) >= 5
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_nothing_is_wrong_with_it(file, embedder):
    plan, problems = files.read(file, Toolbox.load(config.load()).facts(), embedder.embed)
    assert [str(problem) for problem in problems] == []
    assert plan is not None
    assert len(plan.tests) >= LEAST_TESTS


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
async def test_its_conversations_come_out_as_they_say(file, embedder):
    plan, _ = files.read(file)
    assert plan is not None
    outcomes = await DialplanTester(plan, embedder).run()
    failed = {outcome.name: [failure.message for failure in outcome.failures] for outcome in outcomes}
    assert {name: messages for name, messages in failed.items() if messages} == {}
