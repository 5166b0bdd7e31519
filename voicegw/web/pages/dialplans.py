"""Dialplans: which there are and how each version does; written, tried and put in force."""

import asyncio
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from voicegw.accounts.record import Role, Who
from voicegw.dialplan.help import Help, help_at
from voicegw.errors import SetupError
from voicegw.publishing.comparing import results
from voicegw.publishing.drafts import DraftConflict
from voicegw.publishing.record import Bundle, Draft, shown
from voicegw.publishing.store import Author
from voicegw.web import workshop
from voicegw.web.access import needs
from voicegw.web.console import Console, Shared
from voicegw.web.drawing import drawn
from voicegw.web.page import Nav, Page
from voicegw.web.rendering import render
from voicegw.web.workshop import Checked

router = APIRouter()
PAGE = Page(router, Nav("Dialplans", "/dialplans", "dialplans"))
Viewer = Annotated[Who, Depends(needs(Role.VIEWER))]
Editor = Annotated[Who, Depends(needs(Role.EDITOR))]
Publisher = Annotated[Who, Depends(needs(Role.PUBLISHER))]
COMPARED_S = 30 * 86400.0
"""Versions are compared by the calls of so long."""


class Text(BaseModel):
    """A dialplan as it stands in the editor."""

    text: str = Field(max_length=1_000_000)
    files: dict[str, Annotated[str, Field(max_length=1_000_000)]] | None = Field(None, max_length=50)
    """Markdown files that it answers from, by name; None: as they are."""
    line: int = 1
    column: int = 0
    after: int = 0
    """The revision that was changed."""


@router.get("/dialplans")
async def listed(request: Request, console: Shared, who: Viewer) -> Response:
    """All of them."""
    drafts = {draft.name: draft for draft in await console.drafts.all()}
    taking_calls = await workshop.names(console.versions, console.settings)
    since = console.clock() - COMPARED_S
    rows = []
    for name in sorted({*drafts, *taking_calls}):
        done = await results(console.settings.resolved_database_url, name, since)
        now = await workshop.in_force(console.versions, name)
        taking = next((each for each in done if each.version == now.version), None)
        row = {"name": name, "in_force": now, "draft": drafts.get(name), "results": taking}
        rows.append(row | {"takes_calls": name in taking_calls})
    return render(request, "dialplans.html", {"rows": rows, "shown": shown, "editor": Role.EDITOR}, who=who)


@router.get("/dialplans/{name}")
async def one(request: Request, console: Shared, who: Viewer, name: str) -> Response:
    """Its versions, how each does, and who put what in force."""
    draft = await console.drafts.find(name)
    takes_calls = name in await workshop.names(console.versions, console.settings)
    if draft is None and not takes_calls:
        raise HTTPException(404, f"there is no dialplan {name}")
    values = {
        "name": name,
        "takes_calls": takes_calls,
        "in_force": await workshop.in_force(console.versions, name),
        "versions": await console.versions.versions(name),
        "history": await console.versions.history(name),
        "results": await results(console.settings.resolved_database_url, name, console.clock() - COMPARED_S),
        "draft": draft,
        "shown": shown,
        "editor": Role.EDITOR,
        "publisher": Role.PUBLISHER,
    }
    return render(request, "dialplan.html", values, who=who)


@router.get("/dialplans/{name}/edit")
async def edit(request: Request, console: Shared, who: Editor, name: str) -> Response:
    """The draft, or what takes calls to begin one from."""
    draft = await console.drafts.find(name)
    now = await workshop.in_force(console.versions, name)
    bundle = draft.bundle if draft else await _base(console, name)
    checked = await asyncio.to_thread(workshop.check, bundle.source, bundle.files, console.settings)
    values = {
        "name": name,
        "in_force": now,
        "draft": draft,
        "text": bundle.source,
        "files": {name: bundle.files.get(name, "") for name in checked.file_names(bundle.files)},
        "ice_servers": console.settings.web.ice_servers,
        "shown": shown,
        "publisher": Role.PUBLISHER,
        **_drawing(checked),
    }
    return render(request, "dialplan_edit.html", values, who=who)


@router.post("/dialplans/{name}/check")
async def check(request: Request, console: Shared, _: Editor, name: str, text: Text) -> dict[str, Any]:
    """What is wrong, by line and column, and the picture."""
    bundle = await _bundle(console, name, text)
    checked = await asyncio.to_thread(workshop.check, bundle.source, bundle.files, console.settings)
    svg = render(request, "picture.html", _drawing(checked)).body if checked.picture else b""
    names = checked.file_names(bundle.files)
    return {"problems": checked.problems, "picture": bytes(svg).decode(), "files": names}


@router.post("/dialplans/{name}/help")
async def help_for(_: Editor, name: str, text: Text) -> Help:
    """What may stand at a place."""
    return help_at(text.text, text.line, text.column)


@router.post("/dialplans/{name}/draft")
async def save(console: Shared, who: Editor, name: str, text: Text) -> dict[str, Any]:
    """Keep the draft, whatever state it is in, and let workers know it if it is good."""
    draft = await _saved(console, who, name, text)
    return {"revision": draft.revision}


@router.post("/dialplans/{name}/draft/drop")
async def drop(console: Shared, who: Editor, name: str) -> Response:
    """Throw the draft away."""
    await console.drafts.drop(name)
    await console.audit.write(who.user.name, "draft.dropped", name)
    is_left = name in await workshop.names(console.versions, console.settings)
    return RedirectResponse(f"/dialplans/{name}" if is_left else "/dialplans", 303)


@router.post("/dialplans/{name}/diff")
async def diff(request: Request, console: Shared, who: Editor, name: str, text: Text) -> Response:
    """What the text changes of what takes calls."""
    now = await workshop.in_force(console.versions, name)
    base = Bundle("")
    with suppress(SetupError):  # a new one
        base = await workshop.base(console.versions, console.settings, name)
    new = await _bundle(console, name, text)
    lines = workshop.difference(base, new, shown(now.version), "this draft")
    return render(request, "diff.html", {"lines": lines}, who=who)


@router.post("/dialplans/{name}/publish")
async def publish(
    request: Request,
    console: Shared,
    who: Publisher,
    name: str,
    note: Annotated[str, Form(max_length=500)] = "",
    percent: Annotated[int, Form(ge=1, le=100)] = 100,
) -> Response:
    """Put the draft in force, or on trial, if its check and its tests agree."""
    draft = await console.drafts.find(name)
    if draft is None:
        raise HTTPException(409, f"{name} has no draft to publish")
    author = Author(who.user.name, note)
    verdict = await workshop.publish(draft, console.versions, console.settings, author, percent)
    if verdict.change:
        await console.drafts.drop(name)
        await console.audit.write(
            who.user.name, "dialplan.published", name, version=max(verdict.change.in_force.versions), percent=percent
        )
    return render(request, "verdict.html", {"name": name, "verdict": verdict, "shown": shown}, who=who)


@router.post("/dialplans/{name}/rollback")
async def roll_back(
    console: Shared, who: Publisher, name: str, to: Annotated[int, Form(ge=0)], note: Annotated[str, Form()] = ""
) -> Response:
    """An earlier version for everybody."""
    await console.versions.roll_back(name, Author(who.user.name, note), to)
    await console.audit.write(who.user.name, "dialplan.rolled_back", name, version=to)
    return RedirectResponse(f"/dialplans/{name}", 303)


@router.post("/dialplans/{name}/share")
async def share(console: Shared, who: Publisher, name: str, percent: Annotated[int, Form(ge=0, le=100)]) -> Response:
    """Another share of the callers for the version on trial; 100 puts it in force, 0 ends the trial."""
    await console.versions.roll_out(name, percent, Author(who.user.name))
    await console.audit.write(who.user.name, "dialplan.rolled_out", name, percent=percent)
    return RedirectResponse(f"/dialplans/{name}", 303)


async def _saved(console: Console, who: Who, name: str, text: Text) -> Draft:
    try:
        return await console.drafts.save(name, await _bundle(console, name, text), who.user.name, text.after)
    except DraftConflict as conflict:
        raise HTTPException(409, str(conflict)) from None


async def _base(console: Console, name: str) -> Bundle:
    try:
        return await workshop.base(console.versions, console.settings, name)
    except SetupError as error:
        raise HTTPException(404, str(error)) from None


async def _bundle(console: Console, name: str, text: Text) -> Bundle:
    """What stands in the editor, with the files as they are where it does not say."""
    if text.files is not None:
        return Bundle(text.text, text.files)
    draft = await console.drafts.find(name)
    return Bundle(text.text, (draft.bundle if draft else await _base(console, name)).files)


def _drawing(checked: Checked) -> dict[str, Any]:
    return {"drawing": drawn(checked.picture) if checked.picture else None}
