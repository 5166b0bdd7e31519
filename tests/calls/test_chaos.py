"""A short form of ``voicegw qa chaos``: real calls, faults of a fixed seed, and nothing lost, doubled or half done."""

import pytest

from voicegw.qa.chaos.running import How, run

pytestmark = [pytest.mark.calls, pytest.mark.timeout(400)]


async def test_what_was_confirmed_is_done_once_whatever_dies() -> None:
    chaos = await run(How(20.0, 6, lambda line: None, {"llm": {"provider": "none"}}, most_faults=30))
    assert chaos.found == []
    assert chaos.injected.total() >= 3
    assert any(caller.answered for caller in chaos.callers)
