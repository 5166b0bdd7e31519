"""People get in by a one-time link, then by their password; whoever tries many waits."""

import time

import pytest

from voicegw.accounts.record import Role, User
from voicegw.accounts.secrets import hash_password
from voicegw.accounts.welcome import first_secret
from voicegw.web.access import COOKIE
from voicegw.web.attempts import MOST, WITHIN_S, Attempts

PASSWORD = "correct horse battery"


@pytest.fixture
async def ann(console):
    await console.accounts.add(User("ann", Role.QA, 1.0, await hash_password(PASSWORD)))
    return {"name": "Ann ", "password": PASSWORD}


async def test_the_first_start_makes_an_admin_who_gets_in_by_a_link_once(console, nobody, clock):
    url = console.settings.resolved_database_url
    clock.now = time.time()
    secret = await first_secret(url, clock.now)
    page = await nobody.get(f"/welcome/{secret}")
    assert "Welcome, <b>admin</b>" in page.text
    assert (await nobody.post(f"/welcome/{secret}", data={"password": "short"})).status_code == 422
    answer = await nobody.post(f"/welcome/{secret}", data={"password": PASSWORD})
    assert answer.status_code == 303
    assert (await nobody.get("/users")).status_code == 200
    assert (await nobody.post(f"/welcome/{secret}", data={"password": "another one, mine"})).status_code == 410
    assert await first_secret(url, clock.now) == ""
    assert [line.action for line in await console.audit.lines()] == ["session.began", "password.chosen"]


async def test_a_link_ends_after_a_day(console, nobody, clock):
    secret = await first_secret(console.settings.resolved_database_url, clock.now)
    clock.now += 24 * 3600
    assert (await nobody.get(f"/welcome/{secret}")).status_code == 410


async def test_a_password_opens_a_session_and_signing_out_ends_it(console, nobody, ann):
    answer = await nobody.post("/sign-in", data={**ann, "next": "/calls?task=refund"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/calls?task=refund")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (await nobody.get("/calls")).status_code == 200
    secret = nobody.cookies[COOKIE]
    csrf = (await nobody.get("/calls")).text.partition('name="csrf" content="')[2].partition('"')[0]
    assert (await nobody.post("/sign-out", data={"csrf": csrf})).status_code == 303
    nobody.cookies.set(COOKIE, secret)
    assert (await nobody.get("/calls")).status_code == 303


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", ""])
async def test_signing_in_leads_to_pages_of_ours_only(nobody, ann, target):
    answer = await nobody.post("/sign-in", data={**ann, "next": target})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


async def test_after_some_wrong_passwords_also_the_right_one_waits(console, nobody, ann, clock):
    for _ in range(MOST):
        assert (await nobody.post("/sign-in", data={**ann, "password": "wrong"})).status_code == 403
    answer = await nobody.post("/sign-in", data=ann)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, f"{WITHIN_S:.0f}")
    clock.now += WITHIN_S
    assert (await nobody.post("/sign-in", data=ann)).status_code == 303


async def test_wrong_unknown_and_disabled_are_told_the_same(console, nobody, ann):
    await console.accounts.add(User("boss", Role.ADMIN, 1.0))
    wrong = await nobody.post("/sign-in", data={**ann, "password": "wrong"})
    unknown = await nobody.post("/sign-in", data={**ann, "name": "nobody"})
    await console.accounts.change("ann", disabled=True)
    disabled = await nobody.post("/sign-in", data=ann)
    for answer in (wrong, unknown, disabled):
        assert answer.status_code == 403
        assert "That is not a name and its password." in answer.text


def test_failures_are_forgotten_by_age_by_success_and_by_number():
    attempts = Attempts()
    for second in range(MOST):
        assert attempts.wait_s(("a", "b"), second) == 0
        attempts.failed(("a",), second)
    assert attempts.wait_s(("a", "b"), MOST) == WITHIN_S - MOST
    attempts.succeeded(("a",))
    assert attempts.wait_s(("a",), MOST) == 0
