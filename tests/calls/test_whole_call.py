"""The whole service and real callers: SIP, RTP, speech both ways, an order looked up, rows written."""

import asyncio
from pathlib import Path

import pytest

from voicegw.outcomes.rows import CallStory
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.caller import place_call
from voicegw.qa.script import SayLine, Script
from voicegw.qa.service import start_service

pytestmark = [pytest.mark.calls, pytest.mark.timeout(240)]

ASKS = Script((SayLine("Hi, where is my order 4 5 6 7?"),))
PAUSES = Script((SayLine("What are your opening hours?"), SayLine("No thanks. [450] bye.")))
"""Goes on after a pause, and is heard as one."""


async def told(url: str) -> list[CallStory]:
    outcomes = OutcomeStore(url)
    stories = [await outcomes.show_call(call.call_id) for call in await outcomes.list_calls()]
    await outcomes.close()
    return [story for story in stories if story]


async def test_callers_ask_where_an_order_is_and_when_the_shop_is_open_and_hear_it(tmp_path: Path) -> None:
    service = await start_service({"data_dir": str(tmp_path), "sip": {"host": "127.0.0.1", "port": 0}})
    uri = f"sip:5000@127.0.0.1:{service.sip_port}"
    try:
        asked, paused, unknown = await asyncio.gather(
            place_call(uri, ASKS, timeout_s=60, transcribe=True),
            place_call(uri, PAUSES, timeout_s=60),
            place_call(uri.replace("5000", "7777"), ASKS, timeout_s=20),
        )
    finally:
        await service.stop()
    assert asked.ok, asked.problem
    assert "shipped" in " ".join(asked.answers).lower()
    assert paused.ok, paused.problem
    assert paused.sip.ended_by == "agent"
    assert unknown.sip.sip_status == 404
    stories = await told(service.database_url)
    (order,) = [story for story in stories if story.call.slots]
    assert order.call.closed_at
    assert order.call.slots["order_id"] == "4567"
    assert order.turns[1].waterfall.first_packet is not None
    (goodbye,) = [story for story in stories if story.turns and story.call.call_id != order.call.call_id]
    assert "bye" in goodbye.turns[-1].caller_text.lower()
    assert "Goodbye" in goodbye.turns[-1].agent_text, "the agent tells only what was played to its end"
    assert [story.call.disposition for story in stories if story.call.callee == "7777"] == ["refused"]
