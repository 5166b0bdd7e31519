"""The context of a caller is read with a token or a signed link, and by nobody else."""

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from voicegw.config import Settings, WebSettings
from voicegw.errors import ServerAway
from voicegw.session import handoff
from voicegw.session.handoff import HandoffContext
from voicegw.web import app, links
from voicegw.web.console import Console

TOKEN = {"Authorization": "Bearer s3cret"}
CONTEXT = HandoffContext(
    "c1", 1.5, "+15550123", "5000", "acme", "<b>angry</b>", "refund", {"order_id": "4567"},
    ("orders_db.refund: refused",), (("caller", "where is my money & when"),), "upset",
)  # fmt: skip


class Store:
    """Texts in memory."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.away = False

    async def keep(self, key: str, text: str, expiry_s: int) -> None:
        self.texts[key] = text

    async def load(self, key: str) -> str | None:
        if self.away:
            raise ServerAway("away")
        return self.texts.get(key)


@pytest.fixture
async def store() -> Store:
    made = Store()
    await handoff.keep(made, 60, "k3y", CONTEXT)
    return made


def client(store: Store, token: str = "s3cret", now: float = 1000.0) -> AsyncClient:
    settings = Settings(web=WebSettings(token=token, link_minutes=10), database_url="sqlite:///:memory:")
    made: FastAPI = app.make(Console.on(settings, store, lambda: now))
    return AsyncClient(transport=ASGITransport(made), base_url="http://voicegw")


async def test_the_token_reads_a_context(store):
    answer = await client(store).get("/api/handoffs/k3y", headers=TOKEN)
    assert answer.status_code == 200
    assert answer.json()["reason"] == "<b>angry</b>"
    assert answer.json()["tried"] == ["orders_db.refund: refused"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic s3cret"}])
async def test_without_the_token_nothing_is_read(store, headers):
    for method, path in (("GET", "/api/handoffs/k3y"), ("POST", "/api/handoffs/k3y/link")):
        answer = await client(store).request(method, path, headers=headers)
        assert answer.status_code == 401
        assert "15550123" not in answer.text


async def test_without_a_token_in_the_settings_an_empty_one_opens_nothing(store):
    nobody = client(store, token="")
    assert (await nobody.get("/api/handoffs/k3y", headers={"Authorization": "Bearer "})).status_code == 401
    until = 2000
    answer = await nobody.get(f"/handoffs/k3y?until={until}&sig={links.signature('', 'k3y', until)}")
    assert answer.status_code == 403


async def test_a_link_shows_the_page_until_it_ends(store):
    made = (await client(store).post("/api/handoffs/k3y/link", headers=TOKEN)).json()
    assert made["until"] == 1600
    answer = await client(store).get(made["url"])
    assert answer.status_code == 200
    assert "&lt;b&gt;angry&lt;/b&gt;" in answer.text
    assert "where is my money &amp; when" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert (await client(store, now=1600.0).get(made["url"])).status_code == 403


@pytest.mark.parametrize("change", ["key", "until", "sig", "nothing"])
async def test_a_link_that_was_changed_opens_nothing(store, change):
    await handoff.keep(store, 60, "other", CONTEXT)
    good = links.signature("s3cret", "k3y", 1600)
    path = {
        "key": f"/handoffs/other?until=1600&sig={good}",
        "until": f"/handoffs/k3y?until=9999&sig={good}",
        "sig": f"/handoffs/k3y?until=1600&sig={good[:-1]}!",
        "nothing": "/handoffs/k3y",
    }[change]
    assert (await client(store).get(path)).status_code == 403


async def test_what_is_gone_and_a_store_that_is_away_are_told_apart(store):
    assert (await client(store).get("/api/handoffs/gone", headers=TOKEN)).status_code == 404
    assert (await client(store).post("/api/handoffs/gone/link", headers=TOKEN)).status_code == 404
    store.away = True
    answer = await client(store).get("/api/handoffs/k3y", headers=TOKEN)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
