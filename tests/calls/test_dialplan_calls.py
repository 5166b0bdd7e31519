"""A dialplan's own test as a real call: spoken, heard, keyed in, looked up in a tool that answers as the test says."""

from pathlib import Path

import pytest

from voicegw import config
from voicegw.dialplan import files
from voicegw.qa.dialplan_calls import Wish, run_calls

pytestmark = pytest.mark.calls
ACME = Path(__file__).parents[2] / "dialplans" / "acme-orders.yaml"


async def test_a_conversation_of_a_dialplan_is_a_call(tmp_path):
    settings = config.load(None, {"integrations": ACME.parents[1] / "integrations", "llm": {"provider": "none"}})
    (plan,) = files.load(ACME)
    only = ("the number is asked for, and can be keyed in",)
    outcomes = await run_calls({ACME: plan}, settings, Wish(only, tmp_path))
    (outcome,) = outcomes[ACME]
    assert outcome.failures == [], "\n".join(outcome.transcript)
    assert any("Order 4 5 6 8 is being packed" in line for line in outcome.transcript)
    assert list(tmp_path.glob("*.wav"))
