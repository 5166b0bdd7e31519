"""People sign in by a real OpenID provider, as what it says they are, and never as somebody else."""

import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import oidc_provider_mock
import pytest
from httpx import ASGITransport, AsyncClient

from voicegw.accounts.record import Role, User
from voicegw.config import OidcSettings, Settings
from voicegw.outcomes.migrate import migrate
from voicegw.web import app
from voicegw.web.access import COOKIE
from voicegw.web.console import Console
from voicegw.web.oidc import Attempt, SignInRefused, claims, person
from voicegw.web.pages import single_sign_on

pytestmark = [pytest.mark.servers, pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib")]
ROLES = {"call-center": "viewer", "quality": "qa", "boss": "admin"}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://127.0.0.1:{server.server_port}"


class NoTexts:
    async def keep(self, key: str, text: str, expiry_s: int) -> None:
        """Nothing is kept."""

    async def load(self, key: str) -> str | None:
        return None


@pytest.fixture
async def console(provider, tmp_path) -> AsyncIterator[Console]:
    oidc = OidcSettings(issuer=provider, client_id="console", client_secret="s3cret", roles=ROLES)
    settings = Settings(data_dir=tmp_path, oidc=oidc)
    await migrate(settings.resolved_database_url)
    made = Console.on(settings, NoTexts())
    await made.accounts.add(User("admin", Role.ADMIN, time.time()))
    yield made
    await made.close()


@pytest.fixture
async def browser(console) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(transport=ASGITransport(app.make(console)), base_url="http://console") as client:
        yield client


async def sign_in(browser: AsyncClient, provider: str, subject: str, **told: object) -> httpx.Response:
    """Through the provider's form, as ``subject``, of whom it tells ``told``; the console's last answer."""
    async with AsyncClient() as outside:
        await outside.put(f"{provider}/users/{subject}", json=told)
        asked = await browser.get("/sign-in/single?next=/insights")
        assert asked.status_code == 303
        chosen = await outside.post(asked.headers["Location"], data={"sub": subject})
        assert chosen.status_code in (302, 303), chosen.text
    return await browser.get(chosen.headers["Location"])


async def test_somebody_of_a_known_group_gets_in_as_what_it_says(console, browser, provider):
    verified = {"email": "Ann@example.com", "email_verified": True}
    answer = await sign_in(browser, provider, "s1", groups=["quality", "others"], **verified)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/insights")
    assert (await browser.get("/calls")).status_code == 200
    user = await console.accounts.find("ann@example.com")
    assert (user.role, user.subject) == (Role.QA, f"{provider} s1")
    await sign_in(browser, provider, "s1", groups=["boss", "quality"], **verified)
    assert (await console.accounts.find("ann@example.com")).role is Role.ADMIN


async def test_somebody_without_a_role_stays_out_until_an_admin_adds_them(console, browser, provider):
    joe = {"email": "joe@example.com", "email_verified": True}
    assert (await sign_in(browser, provider, "s2", **joe)).status_code == 403
    await console.accounts.add(User("joe@example.com", Role.EDITOR, time.time()))
    assert (await sign_in(browser, provider, "s2", **joe)).status_code == 303
    assert (await console.accounts.find_subject(f"{provider} s2")).role is Role.EDITOR
    await console.accounts.change("joe@example.com", disabled=True)
    assert (await sign_in(browser, provider, "s2", **joe)).status_code == 403


@pytest.mark.parametrize("verified", [True, False])
async def test_nobody_becomes_a_user_who_is_somebody_else(console, browser, provider, verified):
    await console.accounts.add(User("eve@example.com", Role.ADMIN, 1.0, password_hash="x" if verified else None))
    told = {"email": "eve@example.com", "preferred_username": "eve@example.com", "email_verified": verified}
    assert (await sign_in(browser, provider, f"s3{verified}", groups=["boss"], **told)).status_code == 403
    assert COOKIE not in browser.cookies


async def test_a_code_of_another_browsers_sign_in_is_refused(console, browser, provider):
    await browser.get("/sign-in/single")
    for query in ("state=wrong&code=x", "code=x", "state=x", ""):
        assert (await browser.get(f"/sign-in/single/back?{query}")).status_code == 403
    browser.cookies.set(single_sign_on.COOKIE, "nonsense")
    assert (await browser.get("/sign-in/single/back?state=x&code=y")).status_code == 403


async def test_the_provider_is_asked_with_pkce_and_a_nonce(browser, provider):
    asked = parse_qs(urlsplit((await browser.get("/sign-in/single")).headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://console/sign-in/single/back"]
    assert len(asked["nonce"][0]) >= 32


GOOD = {"iss": "https://id.example", "aud": "console", "exp": 1000.0, "nonce": "n", "sub": "s"}
SETTINGS = OidcSettings(issuer="https://id.example/", client_id="console")


@pytest.mark.parametrize(
    "wrong",
    [{"iss": "https://evil"}, {"aud": "other"}, {"aud": ["console", "other"]}, {"exp": 900}, {"exp": None},
     {"nonce": "m"}, {"nonce": None}, {"sub": ""}],
)  # fmt: skip
def test_a_token_for_somebody_else_is_refused(wrong):
    assert person(GOOD, SETTINGS, "n", 1000.0).subject == "https://id.example s"
    with pytest.raises(SignInRefused):
        person(GOOD | wrong, SETTINGS, "n", 1000.0)


@pytest.mark.parametrize("text", ["", "a.b", "a.!.c", "a.bm90IGpzb24.c", "a.W10.c"])
def test_what_is_no_token_is_refused(text):
    with pytest.raises(SignInRefused):
        claims(text)


def test_an_attempt_survives_its_cookie():
    attempt = Attempt.new("/calls?words=ü")
    assert Attempt.from_cookie(attempt.to_cookie()) == attempt
