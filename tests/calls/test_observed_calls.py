"""What can be seen of a real service while real calls come and go."""

import asyncio
import json
import time

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from voicegw.accounts.record import Role, User
from voicegw.accounts.store import AccountStore
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.caller import place_call
from voicegw.qa.script import SayLine, Script
from voicegw.qa.service import RunningService, start_service
from voicegw.web.access import COOKIE, CSRF_HEADER, csrf_token

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


async def console(service: RunningService) -> httpx.AsyncClient:
    """The browser of somebody who may hang up on callers."""
    accounts = AccountStore(service.database_url)
    await accounts.add(User("kim", Role.PUBLISHER, time.time()))
    session = await accounts.open_session("kim", time.time())
    await accounts.close()
    headers = {CSRF_HEADER: csrf_token(session)}
    return httpx.AsyncClient(base_url=url_of(service), cookies={COOKIE: session}, headers=headers, timeout=20.0)


async def told(client: httpx.AsyncClient, path: str):
    """What the service pushes."""
    async with client.stream("GET", path) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


async def in_progress(client: httpx.AsyncClient) -> str:
    """Id of a call, once there is one that is answered."""
    async for news in told(client, "/live/events"):
        for call in news["calls"]:
            if call["state"] != "ringing":
                return str(call["id"])
    raise AssertionError("the connection ended")


async def test_who_looks_on_sees_what_is_said_and_can_hang_up(tmp_path):
    service = await start_service({"data_dir": str(tmp_path), **SETTINGS})
    try:
        client = await console(service)
        lasting = Script((SayLine("Where is my order?"), SayLine("4 5 6 7.", after_ms=20_000)))
        calling = asyncio.create_task(place_call(f"sip:5000@127.0.0.1:{service.sip_port}", lasting, timeout_s=45))
        call_id = await in_progress(client)
        seen, is_hung_up = [], False
        async for call in told(client, f"/live/{call_id}/events"):
            seen.append(call)
            if call.get("over"):
                break
            heard = [turn["caller"] for turn in call["turns"]]
            answered = "where is my order" in heard and call["state"] == "listening" and call["line"]
            if answered and not is_hung_up:
                is_hung_up = (await client.post(f"/live/{call_id}/hang-up")).status_code == 204
        report = await calling
        assert (await client.post(f"/live/{call_id}/hang-up")).status_code == 409
        await client.aclose()
    finally:
        await service.stop()
    assert report.sip.ended_by == "agent"
    assert {"speaking", "listening"} <= {call["state"] for call in seen if "state" in call}
    assert seen[-2]["task"] == "order_status"
    outcomes = OutcomeStore(service.database_url)
    story = await outcomes.show_call(call_id)
    await outcomes.close()
    assert story
    assert story.call.reason == "hung up from the console"


async def test_who_looks_on_can_have_a_person_take_the_caller(tmp_path):
    service = await start_service({"data_dir": str(tmp_path), **SETTINGS})
    try:
        client = await console(service)
        silent = Script((SayLine("Where is my order?", after_ms=30_000),))
        calling = asyncio.create_task(place_call(f"sip:5000@127.0.0.1:{service.sip_port}", silent, timeout_s=30))
        call_id = await in_progress(client)
        assert (await client.post(f"/live/{call_id}/hand-over")).status_code == 204
        async for call in told(client, f"/live/{call_id}/events"):
            if call.get("transfers"):
                assert call["transfers"][0]["reason"] == "wanted from the console"
                break
        await client.post(f"/live/{call_id}/hang-up")
        await calling
        await client.aclose()
    finally:
        await service.stop()
