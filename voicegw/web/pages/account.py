"""One's own account: password, and tokens of the API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from voicegw.accounts.record import Role, Who, included
from voicegw.accounts.secrets import hash_password, is_password
from voicegw.web.access import needs
from voicegw.web.console import Console, Shared
from voicegw.web.page import Page
from voicegw.web.pages.signing_in import Typed, password_problem, with_session
from voicegw.web.rendering import render

router = APIRouter()
PAGE = Page(router)
Anybody = Annotated[Who, Depends(needs(Role.VIEWER))]
DAY_S = 86400.0


@router.get("/account")
async def show(request: Request, console: Shared, who: Anybody) -> Response:
    """Whoever is signed in."""
    return await _page(request, console, who)


@router.post("/account/password")
async def change_password(request: Request, console: Shared, who: Anybody, current: Typed, password: Typed) -> Response:
    """Ends all other sessions, too."""
    _check_is_session(who)
    keys, now = (f"name {who.user.name}",), console.clock()
    if console.attempts.wait_s(keys, now) or not await is_password(who.user.password_hash, current):
        console.attempts.failed(keys, now)
        return await _page(request, console, who, problem="That is not your password of now.", status=403)
    if problem := password_problem(password):
        return await _page(request, console, who, problem=problem, status=422)
    await console.accounts.change(who.user.name, password_hash=await hash_password(password))
    await console.audit.write(who.user.name, "password.chosen", who.user.name)
    return await with_session(request, console, who.user, "/account")


@router.post("/account/tokens")
async def make_token(
    request: Request,
    console: Shared,
    who: Anybody,
    label: Annotated[str, Form(min_length=1, max_length=80)],
    scopes: Annotated[list[Role], Form()],
    days: Annotated[int, Form(ge=0, le=3650)] = 90,
) -> Response:
    """Shown once. It may do what it is given and its user may: no more."""
    _check_is_session(who)
    if beyond := set(scopes) - included([who.user.role]):
        raise HTTPException(403, f"you may not give a token what you may not do: {', '.join(sorted(beyond))}")
    now = console.clock()
    secret = await console.accounts.new_token(
        who.user.name, label, tuple(scopes), now, now + days * DAY_S if days else None
    )
    await console.audit.write(who.user.name, "token.made", label, scopes=scopes)
    return await _page(request, console, who, token=secret)


@router.post("/account/tokens/{id}/end")
async def end_token(console: Shared, who: Anybody, id: str) -> Response:
    """One's own; an admin ends anybody's."""
    _check_is_session(who)
    for token in await console.accounts.tokens(None if who.may(Role.ADMIN) else who.user.name):
        if token.id == id:
            await console.accounts.end(token.digest)
            await console.audit.write(who.user.name, "token.ended", token.label, user=token.user)
    return RedirectResponse("/account", 303)


def _check_is_session(who: Who) -> None:
    """A token does not make tokens: whoever steals one has that one."""
    if who.credential.kind != "session":
        raise HTTPException(403, "this is done in the console, signed in")


async def _page(
    request: Request, console: Console, who: Who, *, token: str = "", problem: str = "", status: int = 200
) -> Response:
    admin = who.may(Role.ADMIN)
    values = {
        "tokens": await console.accounts.tokens(None if admin else who.user.name),
        "scopes": [role for role in Role if role in included([who.user.role])],
        "token": token,
        "problem": problem,
    }
    return render(request, "account.html", values, who=who, status=status)
