"""Signing in and out, and the link by which somebody chooses a password."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from voicegw.accounts.record import SHORTEST_PASSWORD, Kind, User
from voicegw.accounts.secrets import hash_password, is_password
from voicegw.accounts.store import SESSION_S
from voicegw.web.access import COOKIE, who_asks
from voicegw.web.console import Console, Shared
from voicegw.web.page import Page
from voicegw.web.rendering import render

router = APIRouter()
PAGE = Page(router)
LONGEST = 1000
"""Characters of what is typed in; a hash of more costs time and gains nothing."""
Typed = Annotated[str, Form(max_length=LONGEST)]


@router.get("/sign-in", name="sign_in")
async def ask(request: Request, console: Shared, next: str = "/") -> Response:
    """The form."""
    return _form(request, console, next)


def _form(
    request: Request, console: Console, next: str, *, name: str = "", problem: str = "", status: int = 200
) -> Response:
    values = {"next": next, "problem": problem, "name": name, "single": bool(console.settings.oidc.issuer)}
    return render(request, "sign_in.html", values, status=status)


@router.post("/sign-in")
async def sign_in(request: Request, console: Shared, name: Typed, password: Typed, next: Typed = "/") -> Response:
    """Opens a session, if that is their password; after some failures one waits."""
    name, now = name.strip().lower()[:63], console.clock()
    keys = (f"address {request.client.host if request.client else ''}", f"name {name}")
    if wait_s := console.attempts.wait_s(keys, now):
        problem = f"Too many tries. Wait {wait_s / 60:.0f} min, or use a link that an admin makes for you."
        answer = _form(request, console, next, name=name, problem=problem, status=429)
        answer.headers["Retry-After"] = str(round(wait_s))
        return answer
    user = await console.accounts.find(name)
    if not await is_password(user.password_hash if user else None, password) or user is None or user.disabled:
        console.attempts.failed(keys, now)
        await console.audit.write(name, "session.refused", address=request.client.host if request.client else "")
        problem = "That is not a name and its password."
        return _form(request, console, next, name=name, problem=problem, status=403)
    console.attempts.succeeded(keys)
    return await with_session(request, console, user, next)


@router.post("/sign-out")
async def sign_out(request: Request, console: Shared) -> Response:
    """Ends the session."""
    if who := await who_asks(request):
        await console.accounts.end(who.credential.digest)
        await console.audit.write(who.user.name, "session.ended")
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/welcome/{secret}")
async def welcome(request: Request, console: Shared, secret: str) -> Response:
    """The form where somebody chooses a password; looking at it does not use the link up."""
    who = await console.accounts.who(Kind.LINK, secret, console.clock())
    values = {"name": who.user.name if who else "", "shortest": SHORTEST_PASSWORD, "problem": ""}
    return render(request, "welcome.html", values, status=200 if who else 410)


@router.post("/welcome/{secret}")
async def choose_password(request: Request, console: Shared, secret: str, password: Typed) -> Response:
    """Sets the password, uses the link up, and signs in."""
    who = await console.accounts.who(Kind.LINK, secret, console.clock())
    problem = password_problem(password)
    if who is None or problem:
        values = {"name": who.user.name if who else "", "shortest": SHORTEST_PASSWORD, "problem": problem}
        return render(request, "welcome.html", values, status=422 if who else 410)
    await console.accounts.change(who.user.name, password_hash=await hash_password(password))
    await console.audit.write(who.user.name, "password.chosen", who.user.name)
    return await with_session(request, console, who.user, "/")


def password_problem(password: str) -> str:
    """Why it is not good enough; empty: it is (NIST SP 800-63B §5.1.1: length, and no rules of composition)."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Too short: {SHORTEST_PASSWORD} characters or more. A few words that make no sentence are good."
    return "" if len(set(password)) > 3 else "Too easy to guess."


async def with_session(request: Request, console: Console, user: User, target: str) -> Response:
    """To ``target``, signed in."""
    secret = await console.accounts.open_session(user.name, console.clock())
    await console.audit.write(user.name, "session.began")
    answer = RedirectResponse(_within(target), 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, secret, max_age=int(SESSION_S), httponly=True, samesite="lax", secure=secure)
    return answer


def _within(target: str) -> str:
    """A path of ours; whatever else was asked for is the first page."""
    ours = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if ours and target.isprintable() else "/"
