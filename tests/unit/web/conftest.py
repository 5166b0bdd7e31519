"""A console on a real SQLite store, and people who are signed in to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from httpx import ASGITransport, AsyncClient

from voicegw.accounts.record import Role, User
from voicegw.config import PrivacySettings, Settings
from voicegw.outcomes.migrate import migrate
from voicegw.session.vault import new_key
from voicegw.web import app
from voicegw.web.access import COOKIE, CSRF_HEADER, csrf_token
from voicegw.web.console import Console

NOW = 1_790_000_000.0


@dataclass
class Clock:
    """Says what it is set to."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Texts:
    """A session store in memory."""

    texts: dict[str, str] = field(default_factory=dict)

    async def keep(self, key: str, text: str, expiry_s: int) -> None:
        self.texts[key] = text

    async def load(self, key: str) -> str | None:
        return self.texts.get(key)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def console(tmp_path, clock) -> AsyncIterator[Console]:
    settings = Settings(data_dir=tmp_path, privacy=PrivacySettings(key=new_key()))
    await migrate(settings.resolved_database_url)
    made = Console.on(settings, Texts(), clock)
    yield made
    await made.close()


@pytest.fixture
async def nobody(console) -> AsyncIterator[AsyncClient]:
    """A browser that is not signed in."""
    async with AsyncClient(transport=ASGITransport(app.make(console)), base_url="http://voicegw") as client:
        yield client


@pytest.fixture
async def signed_in(console) -> AsyncIterator[Callable[[Role], Awaitable[AsyncClient]]]:
    """``await signed_in(Role.EDITOR)``: a browser of somebody of that role and name, who sends the CSRF token."""
    clients: list[AsyncClient] = []

    async def sign_in(role: Role) -> AsyncClient:
        if await console.accounts.find(role) is None:
            await console.accounts.add(User(str(role), role, NOW))
        secret = await console.accounts.open_session(role, console.clock())
        client = AsyncClient(
            transport=ASGITransport(app.make(console)),
            base_url="http://voicegw",
            cookies={COOKIE: secret},
            headers={CSRF_HEADER: csrf_token(secret)},
        )
        clients.append(client)
        return client

    yield sign_in
    for client in clients:
        await client.aclose()
