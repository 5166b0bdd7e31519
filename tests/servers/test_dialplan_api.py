"""A program writes a dialplan, has it checked, puts it in force, and goes back, all by the API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient

from voicegw.accounts.record import Role, User
from voicegw.config import Settings
from voicegw.errors import ModelMissing
from voicegw.models import catalogue
from voicegw.outcomes.migrate import migrate
from voicegw.session.store import SessionStore
from voicegw.web import app
from voicegw.web.console import Console

pytestmark = pytest.mark.servers
ROOT = Path(__file__).parents[2]
ACME = (ROOT / "dialplans" / "acme-orders.yaml").read_text()
GREETED = ACME.replace("How can I help?", "What can I do for you?")
ACME_API = "/api/dialplans/acme-orders"


@pytest.fixture
async def console(tmp_path, monkeypatch) -> AsyncIterator[Console]:
    monkeypatch.chdir(ROOT)
    settings = Settings(data_dir=tmp_path)
    try:
        catalogue.path(settings.models_dir, "minilm")
    except ModelMissing as error:
        pytest.skip(str(error))
    await migrate(settings.resolved_database_url)
    store = SessionStore("redis://127.0.0.1:1", tmp_path / "spool")
    made = Console.on(settings, store)
    yield made
    await made.close()
    await store.close()


async def program(console: Console, *scopes: Role) -> AsyncClient:
    """With a token of those scopes, of somebody who may do everything."""
    if await console.accounts.find("ann") is None:
        await console.accounts.add(User("ann", Role.ADMIN, 0.0))
    token = await console.accounts.new_token("ann", " ".join(scopes), scopes, console.clock())
    headers = {"Authorization": f"Bearer {token}"}
    return AsyncClient(transport=ASGITransport(app.make(console)), base_url="http://console", headers=headers)


async def test_a_dialplan_is_written_checked_put_in_force_and_taken_back(console):
    async with await program(console, Role.EDITOR, Role.PUBLISHER, Role.VIEWER) as client:
        (one,) = [each for each in (await client.get("/api/dialplans")).json() if each["name"] == "acme-orders"]
        assert (one["takes_calls"], one["in_force"]["version"], one["draft"]) == (True, 0, None)
        assert (await client.get(f"{ACME_API}/versions/0")).json() == {"source": ACME, "files": {}}
        assert (await client.get(f"{ACME_API}/draft")).status_code == 404

        wrong = {"source": ACME.replace("greeting:", "greetin:")}
        found = (await client.post(f"{ACME_API}/check", json=wrong)).json()
        assert not found["good"]
        assert "greetin" in found["problems"][0]["message"]
        assert (await client.put(f"{ACME_API}/draft", json=wrong)).json()["revision"] == 1
        refused = await client.post(f"{ACME_API}/publish", json={"note": "in a hurry"})
        assert refused.status_code == 422
        assert "greetin" in refused.json()["detail"]

        late = await client.put(f"{ACME_API}/draft", json={"source": GREETED, "after": 0})
        assert late.status_code == 409
        await client.put(f"{ACME_API}/draft", json={"source": GREETED, "after": 1})
        change = (await client.post(f"{ACME_API}/publish", json={"note": "friendlier"})).json()
        assert (change["in_force"]["version"], change["by"], change["note"]) == (1, "ann", "friendlier")
        assert (await client.get(f"{ACME_API}/versions/1")).json()["source"] == GREETED

        await client.put(f"{ACME_API}/draft", json={"source": ACME})
        trial = (await client.post(f"{ACME_API}/publish", json={"percent": 10})).json()["in_force"]
        assert (trial["version"], trial["trial"], trial["percent"]) == (1, 2, 10)
        shared = (await client.post(f"{ACME_API}/share", json={"percent": 50})).json()["in_force"]
        assert shared["percent"] == 50
        back = (await client.post(f"{ACME_API}/rollback", json={"to": 0, "note": "as it was"})).json()["in_force"]
        assert (back["version"], back["trial"]) == (0, None)
        known = (await client.get(ACME_API)).json()
        assert [each["version"] for each in known["versions"]] == [2, 1]
        assert [each["action"] for each in known["history"]] == ["rollback", "rollout", "publish", "publish"]
    noted = [line.action for line in await console.audit.lines()]
    assert {"draft.saved", "dialplan.published", "dialplan.rolled_out", "dialplan.rolled_back"} <= set(noted)


async def test_a_token_does_no_more_than_its_scopes(console):
    async with await program(console, Role.VIEWER) as client:
        assert (await client.get(ACME_API)).status_code == 200
        for path in ("/draft", "/versions/0"):
            assert (await client.get(f"{ACME_API}{path}")).status_code == 403
        assert (await client.put(f"{ACME_API}/draft", json={"source": ACME})).status_code == 403
    async with await program(console, Role.EDITOR) as client:
        assert (await client.put(f"{ACME_API}/draft", json={"source": GREETED})).status_code == 200
        for path in ("publish", "rollback", "share"):
            answer = await client.post(f"{ACME_API}/{path}", json={"percent": 5})
            assert answer.status_code == 403, path
        assert (await client.delete(f"{ACME_API}/draft")).status_code == 204
