"""The web process on a real session store: what a worker kept, a person reads; secrets last as long as they should."""

import httpx
import pytest

from voicegw import config
from voicegw.errors import SetupError
from voicegw.gateway.web import is_wanted, start_web
from voicegw.session import handoff
from voicegw.session.handoff import HandoffContext
from voicegw.session.vault import Vault, key_bytes, new_key

pytestmark = pytest.mark.servers
CONTEXT = HandoffContext("c1", 1.5, "+15550123", "5000", "acme", "was not understood", sentiment="upset")


def settings_for(session_store, redis_server, tmp_path, port: int = 0):
    web = {"token": "s3cret", "port": port}
    return config.from_values({"redis_url": redis_server.url, "data_dir": str(tmp_path), "web": web})


async def test_a_context_is_kept_by_a_worker_and_read_over_http(session_store, redis_server, tmp_path):
    settings = settings_for(session_store, redis_server, tmp_path)
    key = handoff.new_key()
    await handoff.keep(session_store, 60, key, CONTEXT)
    web = await start_web(settings)
    try:
        async with httpx.AsyncClient(base_url=web.url) as client:
            authorised = {"Authorization": "Bearer s3cret"}
            assert (await client.get("/health")).json() == {"status": "ok"}
            assert (await client.get(f"/api/handoffs/{key}")).status_code == 401
            read = await client.get(f"/api/handoffs/{key}", headers=authorised)
            assert (read.json()["reason"], read.json()["sentiment"]) == ("was not understood", "upset")
            link = (await client.post(f"/api/handoffs/{key}/link", headers=authorised)).json()["url"]
            assert "was not understood" in (await client.get(link)).text
            redis_server.stop()
            assert (await client.get(f"/api/handoffs/{key}", headers=authorised)).status_code == 503
        with pytest.raises(SetupError):
            await start_web(settings_for(session_store, redis_server, tmp_path, int(web.url.rpartition(":")[2])))
    finally:
        assert await web.child.stop() == 0


async def test_without_console_and_token_there_is_no_web_process(tmp_path):
    assert not is_wanted(config.from_values({"data_dir": str(tmp_path), "web": {"console": False}}))


async def test_a_secret_survives_its_worker_and_cannot_be_read_in_redis(session_store, redis_server):
    key = key_bytes(new_key())
    vault = Vault(key, session_store)
    token = vault.put("4111111111111111")
    await vault.settle()
    assert await Vault(key, session_store).reveal(token) == "4111111111111111"
    for file in redis_server.path.parent.rglob("*"):
        assert not file.is_file() or b"4111111111111111" not in file.read_bytes()
