"""A new dialplan: as little as can take a call, or a copy of another one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from voicegw.accounts.record import Role, Who
from voicegw.errors import SetupError
from voicegw.publishing.beginning import SKELETON, begun
from voicegw.publishing.record import Bundle
from voicegw.web import workshop
from voicegw.web.access import needs
from voicegw.web.console import Console, Shared
from voicegw.web.page import Page
from voicegw.web.rendering import render

router = APIRouter(prefix="/dialplans/new")
PAGE = Page(router)
Editor = Annotated[Who, Depends(needs(Role.EDITOR))]


@router.get("")
async def ask(request: Request, console: Shared, who: Editor) -> Response:
    """Its name, its numbers, and what to begin with."""
    return await _form(request, console, who, {"name": "", "numbers": "", "like": ""})


@router.post("")
async def begin(
    request: Request,
    console: Shared,
    who: Editor,
    name: Annotated[str, Form(max_length=60)] = "",
    numbers: Annotated[str, Form(max_length=500)] = "",
    like: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Make its first draft, and go there."""
    name = name.strip()
    try:
        base = await workshop.base(console.versions, console.settings, like) if like else Bundle(SKELETON)
        source = begun(base.source, name, numbers.replace(",", " ").split())
        if name in await _names(console):
            raise SetupError(f"there is a dialplan {name} already")
        draft = await console.drafts.save(name, Bundle(source, base.files), who.user.name, 0)
    except SetupError as error:
        asked = {"name": name, "numbers": numbers, "like": like}
        return await _form(request, console, who, asked, problem=str(error))
    await console.audit.write(who.user.name, "draft.begun", name, like=like, revision=draft.revision)
    return RedirectResponse(f"/dialplans/{name}/edit", 303)


async def _names(console: Console) -> set[str]:
    """Of all that are there, drafts too."""
    drafts = {draft.name for draft in await console.drafts.all()}
    return drafts | set(await workshop.names(console.versions, console.settings))


async def _form(request: Request, console: Console, who: Who, asked: dict[str, str], problem: str = "") -> Response:
    known = await workshop.names(console.versions, console.settings)
    values = {"asked": asked, "known": known, "problem": problem}
    return render(request, "dialplan_new.html", values, who=who, status=422 if problem else 200)
