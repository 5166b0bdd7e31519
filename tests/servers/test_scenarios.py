"""The shipped scenarios, by text: understanding, dialog and tools are real."""

import time
from pathlib import Path

import pytest

from voicegw.config import load
from voicegw.qa.scenarios.files import find
from voicegw.qa.scenarios.results import transcript
from voicegw.qa.scenarios.running import How, run

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]
ROOT = Path(__file__).parent.parent.parent


async def test_all_shipped_scenarios_hold_by_text(tmp_path: Path) -> None:
    places = {"dialplans": ROOT / "dialplans", "integrations": ROOT / "integrations"}
    how = How(load(None, places), tmp_path, lambda line: None, lambda result: None)
    began = time.process_time()
    done = await run(find([ROOT / "sipp_scenarios"]), "text", how)
    for result in done.results:
        print(result.name, *map(str, result.problems), *transcript(result), sep="\n  ")
    assert [result.name for result in done.results if not result.ok] == []
    assert len(done.results) >= 18
    assert time.process_time() - began < 60
