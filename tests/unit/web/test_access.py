"""Nobody sees or changes what they may not, and nobody does so from another site."""

import pytest

from voicegw.accounts.record import Kind, Role
from voicegw.web import handoffs
from voicegw.web.access import COOKIE, CSRF_HEADER, role_of
from voicegw.web.api import ROUTERS
from voicegw.web.pages import PAGES

OPEN = {"/sign-in", "/sign-out", "/welcome/{secret}", "/sign-in/single", "/sign-in/single/back", "/handoffs/{key}"}
OWN_TOKEN = {"/api/handoffs/{key}", "/api/handoffs/{key}/link"}


def roles() -> dict[str, str]:
    """What each path needs, by its methods."""
    routers = [handoffs.router, *(page.router for page in PAGES)]
    found = [route for router in routers for route in router.routes]
    found += [route for router in ROUTERS for route in router.routes]
    return {f"{route.path} {sorted(route.methods)}": role_of(route) for route in found}


def test_every_route_needs_a_role_but_those_that_let_people_in():
    assert {route.partition(" ")[0] for route, role in roles().items() if not role} == OPEN | OWN_TOKEN
    assert roles()["/users ['POST']"] == "admin"


async def test_a_page_sends_nobody_to_sign_in_and_back(nobody):
    answer = await nobody.get("/calls?task=refund")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/sign-in?next=%2Fcalls%3Ftask%3Drefund")
    part = await nobody.get("/calls", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/sign-in")


async def test_the_api_asks_nobody_for_a_token(nobody):
    answer = await nobody.get("/api/calls/c1")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
async def test_only_an_admin_changes_users(signed_in, role):
    client = await signed_in(role)
    assert (await client.get("/users")).status_code == 403
    assert (await client.post("/users", data={"name": "eve", "role": "admin"})).status_code == 403


async def test_a_change_without_the_sessions_csrf_token_is_refused(signed_in, console):
    client = await signed_in(Role.ADMIN)
    token = client.headers.pop(CSRF_HEADER)
    form = {"name": "ann", "role": "qa"}
    for wrong in ({}, {CSRF_HEADER: "wrong"}):
        assert (await client.post("/users", data=form, headers=wrong)).status_code == 403
    assert await console.accounts.find("ann") is None
    assert (await client.post("/users", data={**form, "csrf": token})).status_code == 200
    assert (await console.accounts.find("ann")).role is Role.QA


@pytest.mark.parametrize("headers", [{"Origin": "http://evil"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_a_change_from_another_site_is_refused_even_with_the_token(signed_in, headers):
    client = await signed_in(Role.ADMIN)
    assert (await client.post("/users", data={"name": "ann", "role": "qa"}, headers=headers)).status_code == 403


async def test_a_session_ends_after_a_working_day_and_when_the_user_changes(signed_in, console, clock):
    client = await signed_in(Role.ADMIN)
    other = await signed_in(Role.QA)
    assert (await client.get("/calls")).status_code == 200
    assert (await client.post("/users/qa/role", data={"role": "viewer"})).status_code == 303
    assert (await other.get("/calls")).status_code == 303
    clock.now += 12 * 3600
    assert (await client.get("/calls")).status_code == 303


async def test_somebody_stays_admin(signed_in, console):
    client = await signed_in(Role.ADMIN)
    for path, form in (("role", {"role": "viewer"}), ("disabled", {"disabled": "true"})):
        assert (await client.post(f"/users/admin/{path}", data=form)).status_code == 409
    assert (await console.accounts.find("admin")).role is Role.ADMIN


async def test_a_token_does_what_it_is_given_and_its_user_still_may(signed_in, console, nobody, clock):
    await signed_in(Role.PUBLISHER)
    secret = await console.accounts.new_token("publisher", "export", (Role.VIEWER, Role.QA), clock.now, clock.now + 60)
    authorised = {"Authorization": f"Bearer {secret}"}
    assert (await nobody.get("/api/openapi.json", headers=authorised)).status_code == 200
    who = await console.accounts.who(Kind.TOKEN, secret, clock.now)
    assert who.roles == {Role.VIEWER}  # a publisher is no QA, whatever the token says
    clock.now += 60
    assert (await nobody.get("/api/openapi.json", headers=authorised)).status_code == 401


async def test_a_token_of_a_disabled_user_opens_nothing_and_a_session_is_no_token(signed_in, console, nobody, clock):
    client = await signed_in(Role.ADMIN)
    await signed_in(Role.QA)
    secret = await console.accounts.new_token("qa", "export", (Role.QA,), clock.now)
    await client.post("/users/qa/disabled", data={"disabled": "true"})
    for wrong in (secret, client.cookies[COOKIE]):
        answer = await nobody.get("/api/openapi.json", headers={"Authorization": f"Bearer {wrong}"})
        assert answer.status_code == 401


async def test_every_answer_carries_the_headers_that_keep_scripts_of_others_out(nobody):
    for path in ("/sign-in", "/static/console.css", "/api/nothing", "/handoffs/k?until=1"):
        headers = (await nobody.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    page = await nobody.get("/sign-in")
    assert page.headers["Cache-Control"] == "no-store"
    # By no-referrer a browser sends "Origin: null" with our own forms, which are then taken for another site's.
    assert page.headers["Referrer-Policy"] == "same-origin"
