"""What can be seen of a real service while real calls come and go."""

import asyncio

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from voicegw.qa.caller import place_call
from voicegw.qa.script import SayLine, Script
from voicegw.qa.service import RunningService, start_service

pytestmark = [pytest.mark.calls, pytest.mark.timeout(240)]
ASKS = Script((SayLine("Where is my order?"), SayLine("4 5 6 7."), SayLine("No thanks, bye.")))
SETTINGS = {
    "sip": {"host": "127.0.0.1", "port": 0},
    "web": {"port": 0, "token": "s3cret"},
    "llm": {"provider": "none"},
    "stt": {"provider": "stub"},
    "tts": {"provider": "stub"},
    "stub": {"hears": "where is my order|4567|no thanks bye"},
}


def url_of(service: RunningService) -> str:
    return str(service.logged("web.ready")[0]["url"])


async def metrics(client: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    """Name and labels' values to the sample's value."""
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(s.name, *map(str, s.labels.values())): s.value for family in families for s in family.samples}


async def test_calls_are_counted_and_the_machine_says_what_it_could_take(tmp_path):
    service = await start_service({"data_dir": str(tmp_path), **SETTINGS})
    try:
        async with httpx.AsyncClient(base_url=url_of(service)) as client:
            ready = await client.get("/ready")
            assert (ready.status_code, ready.json()["free_slots"]) == (200, 4)
            uri = f"sip:5000@127.0.0.1:{service.sip_port}"
            report = await place_call(uri, ASKS, timeout_s=45)
            await place_call(uri.replace("5000", "7777"), ASKS, timeout_s=20)
            await asyncio.sleep(1.0)
            told = await metrics(client)
            assert (await client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.1"})).status_code == 401
    finally:
        await service.stop()
    assert report.ok, report.problem
    ended = {key: value for key, value in told.items() if key[0] == "voicegw_calls_ended_total"}
    assert ended == {
        ("voicegw_calls_ended_total", "acme-orders", "completed", "0"): 1,
        ("voicegw_calls_ended_total", "", "refused", "0"): 1,
    }
    assert told["voicegw_turn_latency_seconds_count", "acme-orders", "0"] >= 2
    assert told["voicegw_tool_results_total", "reads", "found", "orders_db.order_status"] == 1
    assert told["voicegw_line_packets_total", "received"] > 100
    assert told["voicegw_calls", "talking"] == 0
    assert told["voicegw_cells", "up"] == 1
