"""Two services behind one Kamailio, sharing Redis and database: a call is listened to at either; one dies, the calls of
the other go on.
"""

import asyncio
import contextlib
import shutil
import time

import httpx
import numpy as np
import psutil
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from voicegw.accounts.record import Role, User
from voicegw.accounts.store import AccountStore
from voicegw.config import load
from voicegw.gateway.edge import kamailio
from voicegw.gateway.edge.following import Following, Gateways
from voicegw.gateway.edge.kamailio import Edge
from voicegw.gateway.edge.rendering import CellPlace
from voicegw.gateway.valkey import LastingValkey
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.caller import place_call
from voicegw.qa.script import SayLine, Script
from voicegw.qa.service import RunningService, start_service

pytestmark = [
    pytest.mark.calls,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not shutil.which(kamailio.PROGRAM), reason="Kamailio is not installed"),
]
SETTINGS = {
    "sip": {"host": "127.0.0.1", "port": 0},
    "edge": {"provider": "none"},
    "web": {"console": True, "port": 0},
    "llm": {"provider": "none"},
    "stt": {"provider": "stub"},
    "tts": {"provider": "stub"},
    "stub": {"hears": "where is my order|4567|no thanks bye"},
}
LOUD = 1000
"""Of 32,767: somebody speaks."""
LONG = Script((SayLine("Where is my order?", after_ms=5000), SayLine("4 5 6 7.", after_ms=3000), SayLine("No, bye.")))
SHORT = Script((SayLine("Where is my order?"), SayLine("4 5 6 7."), SayLine("No, bye.")))


@pytest.fixture
async def machines(tmp_path):
    """Two services, and the port of the edge in front of them."""
    async with contextlib.AsyncExitStack() as stack:
        valkey = LastingValkey(tmp_path)
        await valkey.start()
        stack.push_async_callback(valkey.stop)
        shared = {"redis_url": valkey.url, "database_url": f"sqlite:///{tmp_path / 'voicegw.sqlite'}"}
        services = []
        for name in ("one", "two"):
            service = await start_service({**SETTINGS, **shared, "data_dir": str(tmp_path / name)})
            stack.push_async_callback(service.stop)
            services.append(service)
        settings = load(None, {"sip": {"host": "127.0.0.1", "port": 0}})
        place = kamailio.place_for(settings, tmp_path / "edge")
        edge = Edge(settings, place, [CellPlace(each.sip_port, 4, n) for n, each in enumerate(services, 1)])
        await edge.start()
        stack.push_async_callback(edge.stop)
        yield services, edge


async def until_in_use(edge: Edge, count: int) -> None:
    async with asyncio.timeout(15):
        while True:
            records = (await edge.ask("dispatcher.list"))["RECORDS"]
            flags = [target["DEST"]["FLAGS"] for record in records for target in record["SET"]["TARGETS"]]
            if sum(flag[0] == "A" for flag in flags) == count:
                return
            await asyncio.sleep(0.1)


async def until_both_talk(services: list[RunningService]) -> None:
    async with asyncio.timeout(30):
        while not all(service.logged("call.answered") for service in services):
            await asyncio.sleep(0.1)


def kill(service: RunningService) -> None:
    """As when a machine loses its power."""
    whole = [psutil.Process(service.pid), *psutil.Process(service.pid).children(recursive=True)]
    for process in whole:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


async def hears(console: RunningService, call_id: str) -> None:
    """Somebody listens in at that machine's console, wherever the call is."""
    accounts = AccountStore(console.database_url)
    await accounts.add(User("ann", Role.QA, time.time()))
    token = await accounts.new_token("ann", "listens", (Role.QA,), time.time())
    await accounts.close()
    browser = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    hearing = browser.addTransceiver("audio", "recvonly").receiver
    await browser.setLocalDescription(await browser.createOffer())
    url = str(console.logged("web.ready")[0]["url"])
    try:
        async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
            offer = {"sdp": browser.localDescription.sdp}
            answer = (await client.post(f"/live/{call_id}/listen", json=offer, timeout=15)).json()
        await browser.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        async with asyncio.timeout(30):
            while np.abs((await hearing.track.recv()).to_ndarray().astype(int)).max() < LOUD:
                pass
    finally:
        await browser.close()


async def test_the_edge_follows_machines_that_come_and_go(tmp_path):
    settings = load(None, {"sip": {"host": "127.0.0.1", "port": 0}})
    edge = Edge(settings, kamailio.place_for(settings, tmp_path / "edge"), [CellPlace(5060, 16, 1, "127.0.0.2")])
    await edge.start()
    try:
        following = Following(edge, Gateways.parse("gateways:5060:16"))
        for hosts in ({"127.0.0.3", "127.0.0.4"}, {"127.0.0.4", "127.0.0.2"}):
            await following.follow(hosts)
            records = (await edge.ask("dispatcher.list"))["RECORDS"]
            targets = [target["DEST"]["URI"] for record in records for target in record["SET"]["TARGETS"]]
            assert set(targets) == {f"sip:{host}:5060" for host in hosts}
        assert len({cell.start for cell in edge.cells}) == 2, "one that came back has a counter of its own"
    finally:
        await edge.stop()


async def test_calls_are_heard_at_the_other_machine_which_goes_on_with_its_own_when_one_dies(machines):
    services, edge = machines
    await until_in_use(edge, 2)
    uri = f"sip:5000@127.0.0.1:{edge.place.port}"
    calling = [asyncio.create_task(place_call(uri, LONG, timeout_s=60)) for _ in range(2)]
    await until_both_talk(services)
    await hears(services[1], str(services[0].logged("call.answered")[0]["call_id"]))
    kill(services[0])
    await until_in_use(edge, 1)
    new = await place_call(uri, SHORT, timeout_s=45)
    await asyncio.gather(*calling)
    assert new.ok, new.problem
    assert len(services[1].logged("call.answered")) == 2
    await services[1].stop()  # all that it has to tell is recorded by then
    outcomes = OutcomeStore(services[1].database_url)
    ends = [call.disposition for call in await outcomes.list_calls()]
    await outcomes.close()
    assert ends.count("completed") == 2, f"the call of the machine that lives, and the new one: {ends}"
    assert len(ends) == 3
