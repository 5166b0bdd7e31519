"""Scenarios over real SIP and RTP: a few that keep the runner honest; `voicegw qa run --runner sip` runs all."""

import os
import shutil
from pathlib import Path

import pytest

from voicegw.config import load
from voicegw.qa.scenarios.files import find
from voicegw.qa.scenarios.results import transcript
from voicegw.qa.scenarios.running import How, run

pytestmark = [pytest.mark.calls, pytest.mark.timeout(240)]
ROOT = Path(__file__).parent.parent.parent
CHOSEN = ("orders-shipped", "sip-answer", "sip-hold", "sip-options", "sip-session-timer", "sip-wrong-sdp")


@pytest.mark.skipif(not shutil.which("sipp"), reason="SIPp is not installed: apt-get install sip-tester")
@pytest.mark.skipif(os.geteuid() != 0, reason="SIPp needs root to play captures")
async def test_scenarios_hold_over_sip_by_a_caller_and_by_sipp(tmp_path: Path) -> None:
    own = {"dialplans": ROOT / "dialplans", "integrations": ROOT / "integrations", "llm": {"provider": "none"}}
    how = How(load(None, own), tmp_path, lambda line: None, lambda result: None)
    done = await run([one for one in find([ROOT / "sipp_scenarios"]) if one.name in CHOSEN], "sip", how)
    for result in done.results:
        print(result.name, *map(str, result.problems), *transcript(result), sep="\n  ")
    assert [result.name for result in done.results if not result.ok] == []
    assert len(done.results) == len(CHOSEN)
