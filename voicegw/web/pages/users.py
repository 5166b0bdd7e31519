"""Users: who may sign in, and as what."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from voicegw.accounts.record import NAME_SHAPE, Role, User, Who
from voicegw.web.access import needs
from voicegw.web.console import Shared
from voicegw.web.page import Nav, Page
from voicegw.web.rendering import render

router = APIRouter()
PAGE = Page(router, Nav("Users", "/users", "users", Role.ADMIN))
Admin = Annotated[Who, Depends(needs(Role.ADMIN))]


@router.get("/users")
async def show(request: Request, console: Shared, who: Admin) -> Response:
    """All of them."""
    values = {"users": await console.accounts.users(), "roles": list(Role), "link": "", "link_of": ""}
    return render(request, "users.html", values, who=who)


@router.post("/users")
async def add(
    request: Request, console: Shared, who: Admin, name: Annotated[str, Form()], role: Annotated[Role, Form()]
) -> Response:
    """Somebody new, and the link by which they choose a password."""
    name = name.strip().lower()
    if not NAME_SHAPE.fullmatch(name):
        raise HTTPException(422, "a name is made of letters, digits and . _ @ + -")
    await console.accounts.add(User(name, role, console.clock()))
    await console.audit.write(who.user.name, "user.added", name, role=role)
    return await _with_link(request, console, who, name)


@router.post("/users/{name}/link")
async def make_link(request: Request, console: Shared, who: Admin, name: str) -> Response:
    """A new link for somebody who forgot their password."""
    if await console.accounts.find(name) is None:
        raise HTTPException(404, f"there is no user {name}")
    return await _with_link(request, console, who, name)


@router.post("/users/{name}/role")
async def set_role(console: Shared, who: Admin, name: str, role: Annotated[Role, Form()]) -> Response:
    """Whoever it is signs in again, as what they are now."""
    await console.accounts.change(name, role=role)
    await console.audit.write(who.user.name, "user.role_set", name, role=role)
    return RedirectResponse("/users", 303)


@router.post("/users/{name}/disabled")
async def set_disabled(console: Shared, who: Admin, name: str, disabled: Annotated[bool, Form()]) -> Response:
    """Lets somebody in no more, or again; nobody is deleted, since the audit log names them."""
    await console.accounts.change(name, disabled=disabled)
    await console.audit.write(who.user.name, "user.disabled" if disabled else "user.enabled", name)
    return RedirectResponse("/users", 303)


async def _with_link(request: Request, console: Shared, who: Who, name: str) -> Response:
    secret = await console.accounts.new_link(name, console.clock())
    await console.audit.write(who.user.name, "link.made", name)
    link = str(request.url_for("welcome", secret=secret))
    values = {"users": await console.accounts.users(), "roles": list(Role), "link": link, "link_of": name}
    return render(request, "users.html", values, who=who)
