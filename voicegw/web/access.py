"""Who asks, and whether they may: the one dependency of every page, every route of the API and every WebSocket.

    @router.get("/calls")
    async def show(who: Annotated[Who, Depends(needs(Role.VIEWER))]) -> ...

A browser shows its session by cookie and, for whatever changes something, its CSRF token besides (OWASP's
"synchronizer token": header ``X-CSRF-Token`` or form field ``csrf``). A program shows a token: ``Authorization:
Bearer vgw_…``.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable

from fastapi import HTTPException
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection, Request

from voicegw.accounts.record import Kind, Role, Who
from voicegw.web.console import Console

COOKIE = "voicegw_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER, CSRF_FIELD = "X-CSRF-Token", "csrf"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class NotSignedIn(Exception):
    """Nobody we know asks; a browser is sent to sign in, a program gets 401."""


def needs(role: Role) -> Callable[[HTTPConnection], Awaitable[Who]]:
    """A dependency: whoever asks, if they may act as ``role``.

    :raises NotSignedIn: nobody we know.
    :raises HTTPException: 403, they may not, or the request was made by another site.
    """

    async def asked_by(connection: HTTPConnection) -> Who:
        who = await who_asks(connection)
        if who is None:
            raise NotSignedIn
        if not who.may(role):
            raise HTTPException(403, f"this needs the role {role}; {who.user.name} has {who.user.role}")
        return who

    asked_by.role = role  # type: ignore[attr-defined]  # for the documentation of the API
    return asked_by


async def who_asks(connection: HTTPConnection) -> Who | None:
    """By token or session; None: nobody we know.

    :raises HTTPException: 403, a session without its CSRF token asks for a change.
    """
    console: Console = connection.app.state.console
    scheme, _, token = connection.headers.get("Authorization", "").partition(" ")
    if token:
        known = scheme.lower() == "bearer"
        return await console.accounts.who(Kind.TOKEN, token, console.clock()) if known else None
    session = connection.cookies.get(COOKIE)
    who = await console.accounts.who(Kind.SESSION, session, console.clock()) if session else None
    if who is not None and session is not None:
        await _check_csrf(connection, session)
    return who


def csrf_token(session: str) -> str:
    """Of a session: known to whoever was sent a page of it, and to no other site."""
    return hashlib.sha256(b"voicegw csrf\0" + session.encode()).hexdigest()


async def _check_csrf(connection: HTTPConnection, session: str) -> None:
    if connection.scope["type"] == "http" and connection.scope["method"] in SAFE:
        return
    if connection.scope["type"] == "websocket":  # cannot carry the token, and always carries its origin (RFC 6455 §4.1)
        if not is_same_origin(connection):
            raise HTTPException(403, "a WebSocket of another site")
        return
    given = connection.headers.get(CSRF_HEADER, "")
    if not given and isinstance(connection, Request):
        kind = connection.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        given = str((await connection.form()).get(CSRF_FIELD, "")) if kind in _FORMS else ""
    if not hmac.compare_digest(given.encode(), csrf_token(session).encode()):
        raise HTTPException(403, "this form is not of your session any more: load the page again")


def is_same_origin(connection: HTTPConnection) -> bool:
    """Whether the page that asks is ours, as far as the browser tells (Fetch §3.2)."""
    origin = connection.headers.get("Origin")
    if origin is None:
        return connection.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
    return origin.partition("://")[2].lower() == connection.headers.get("Host", "").lower()


def role_of(route: APIRoute) -> str:
    """The role that a route needs; empty: none."""
    return next((str(role) for role in _roles(route.dependant)), "")


def _roles(dependant: Dependant) -> list[Role]:
    own = getattr(dependant.call, "role", None)
    return ([own] if own else []) + [role for each in dependant.dependencies for role in _roles(each)]
