"""The whole service and a real caller: SIP, RTP, speech both ways, an order looked up, rows written."""

from pathlib import Path

import pytest

from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.caller import place_call
from voicegw.qa.script import SayLine, Script
from voicegw.qa.service import start_service

pytestmark = [pytest.mark.calls, pytest.mark.timeout(240)]


async def test_a_caller_asks_where_an_order_is_and_hears_it(tmp_path: Path) -> None:
    service = await start_service({"data_dir": str(tmp_path), "sip": {"host": "127.0.0.1", "port": 0}})
    try:
        uri = f"sip:5000@127.0.0.1:{service.sip_port}"
        script = Script((SayLine("Hi, where is my order 4 5 6 7?"),))
        report = await place_call(uri, script, timeout_s=45, transcribe=True)
        unknown = await place_call(uri.replace("5000", "7777"), script, timeout_s=20)
    finally:
        await service.stop()
    assert report.ok, report.problem
    assert "shipped" in " ".join(report.answers).lower()
    assert unknown.sip.sip_status == 404
    outcomes = OutcomeStore(service.database_url)
    calls = await outcomes.list_calls()
    story = await outcomes.show_call(next(call.call_id for call in calls if call.slots))
    await outcomes.close()
    assert story is not None
    assert story.call.closed_at
    assert story.call.slots["order_id"] == "4567"
    assert story.turns[1].waterfall.first_packet is not None
    assert [call.disposition for call in calls if call.callee == "7777"] == ["refused"]


async def test_a_caller_who_goes_on_after_a_pause_is_heard_as_one_and_the_goodbye_is_said(tmp_path: Path) -> None:
    service = await start_service({"data_dir": str(tmp_path), "sip": {"host": "127.0.0.1", "port": 0}})
    try:
        script = Script((SayLine("What are your opening hours?"), SayLine("No thanks. [450] bye.")))
        uri = f"sip:5000@127.0.0.1:{service.sip_port}"
        report = await place_call(uri, script, timeout_s=45)
    finally:
        await service.stop()
    assert report.ok, report.problem
    assert report.sip.ended_by == "agent"
    outcomes = OutcomeStore(service.database_url)
    story = await outcomes.show_call((await outcomes.list_calls())[0].call_id)
    await outcomes.close()
    assert story is not None
    assert "bye" in story.turns[-1].caller_text.lower()
    assert "Goodbye" in story.turns[-1].agent_text, "the agent tells only what was played to its end"
