"""Signing in by an OpenID provider: to it, and back."""

import hmac

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from voicegw.accounts.record import NAME_SHAPE, Role, User
from voicegw.web.console import Console, Shared
from voicegw.web.oidc import Attempt, Person, SignInRefused
from voicegw.web.page import Page
from voicegw.web.pages.signing_in import with_session

router = APIRouter(prefix="/sign-in/single")
PAGE = Page(router)
COOKIE = "voicegw_sign_in"
COOKIE_S = 600
_STRENGTH = (Role.ADMIN, Role.PUBLISHER, Role.EDITOR, Role.QA, Role.VIEWER)


@router.get("")
async def go(request: Request, console: Shared, next: str = "/") -> Response:
    """To the provider."""
    if not console.settings.oidc.issuer:
        raise HTTPException(404, "there is no OpenID provider in the settings (oidc.issuer)")
    attempt = Attempt.new(next)
    answer = RedirectResponse(await console.provider.address(attempt, _back(request)), 303)
    secure = request.url.scheme == "https"
    path = router.prefix
    answer.set_cookie(COOKIE, attempt.to_cookie(), COOKIE_S, path=path, httponly=True, samesite="lax", secure=secure)
    return answer


@router.get("/back", name="single_sign_on_back")
async def back(request: Request, console: Shared, state: str = "", code: str = "") -> Response:
    """From the provider, with a code that stands for somebody."""
    try:
        attempt = Attempt.from_cookie(request.cookies.get(COOKIE, ""))
        if not code or not hmac.compare_digest(state.encode(), attempt.state.encode()):
            raise SignInRefused("begin again: the provider did not let you in, or this is another sign-in")
        person = await console.provider.person(attempt, code, _back(request), console.clock())
        user = await _user(console, person)
    except SignInRefused as error:
        await console.audit.write("", "session.refused", reason=str(error))
        raise HTTPException(403, str(error)) from error
    answer = await with_session(request, console, user, attempt.target)
    answer.delete_cookie(COOKIE, path=router.prefix)
    return answer


async def _user(console: Console, person: Person) -> User:
    """Theirs: known by subject, or added under their verified address before, or made now if they have a role.

    :raises SignInRefused: they have none.
    """
    settings = console.settings.oidc
    roles = {Role(settings.roles[group]) for group in person.groups if group in settings.roles}
    role = next((role for role in _STRENGTH if role in roles), None)
    known = await console.accounts.find_subject(person.subject)
    if known is None:
        known = await _new(console, person, role or (Role(settings.default_role) if settings.default_role else None))
    elif role is not None and role is not known.role:
        await console.accounts.change(known.name, role=role)
        await console.audit.write("(provider)", "user.role_set", known.name, role=role)
    if known.disabled:
        raise SignInRefused(f"{known.name} may not sign in any more")
    return known


async def _new(console: Console, person: Person, role: Role | None) -> User:
    added = await console.accounts.find(person.name)
    if added is not None:
        if added.password_hash or added.subject or not person.email_verified:
            raise SignInRefused(f"there is another user {person.name} here: an admin must look at it")
        await console.accounts.change(added.name, subject=person.subject)
        await console.audit.write("(provider)", "user.linked", added.name)
        return added
    if role is None or not NAME_SHAPE.fullmatch(person.name):
        raise SignInRefused(f"{person.name} has no role here: an admin adds them on the page Users")
    user = User(person.name, role, console.clock(), subject=person.subject)
    await console.accounts.add(user)
    await console.audit.write("(provider)", "user.added", user.name, role=role)
    return user


def _back(request: Request) -> str:
    return str(request.url_for("single_sign_on_back"))
