"""Dialplans: which there are and how each version does; written, tried and put in force."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from voicegw.accounts.record import Role, Who
from voicegw.dialplan.help import Help, help_at
from voicegw.publishing.comparing import results
from voicegw.publishing.record import shown
from voicegw.web import dialplans, workshop
from voicegw.web.access import needs
from voicegw.web.console import Shared
from voicegw.web.drawing import drawn
from voicegw.web.page import Nav, Page
from voicegw.web.rendering import render
from voicegw.web.workshop import Checked

router = APIRouter()
PAGE = Page(router, Nav("Dialplans", "/dialplans", "dialplans"))
Viewer = Annotated[Who, Depends(needs(Role.VIEWER))]
Editor = Annotated[Who, Depends(needs(Role.EDITOR))]
Publisher = Annotated[Who, Depends(needs(Role.PUBLISHER))]


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
    since = console.clock() - dialplans.COMPARED_S
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
        "results": await results(console.settings.resolved_database_url, name, console.clock() - dialplans.COMPARED_S),
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
    bundle = draft.bundle if draft else await dialplans.base(console, name)
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
    bundle = await dialplans.written(console, name, text.text, text.files)
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
    bundle = await dialplans.written(console, name, text.text, text.files)
    draft = await dialplans.save(console, who, name, bundle, text.after)
    return {"revision": draft.revision}


@router.post("/dialplans/{name}/draft/drop")
async def drop(console: Shared, who: Editor, name: str) -> Response:
    """Throw the draft away."""
    await dialplans.drop(console, who, name)
    is_left = name in await workshop.names(console.versions, console.settings)
    return RedirectResponse(f"/dialplans/{name}" if is_left else "/dialplans", 303)


@router.post("/dialplans/{name}/diff")
async def diff(request: Request, console: Shared, who: Editor, name: str, text: Text) -> Response:
    """What the text changes of what takes calls."""
    now = await workshop.in_force(console.versions, name)
    base = await dialplans.base_if_any(console, name)
    new = await dialplans.written(console, name, text.text, text.files)
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
    verdict = await dialplans.publish(console, who, name, note, percent)
    return render(request, "verdict.html", {"name": name, "verdict": verdict, "shown": shown}, who=who)


@router.post("/dialplans/{name}/rollback")
async def roll_back(
    console: Shared, who: Publisher, name: str, to: Annotated[int, Form(ge=0)], note: Annotated[str, Form()] = ""
) -> Response:
    """An earlier version for everybody."""
    await dialplans.roll_back(console, who, name, to, note)
    return RedirectResponse(f"/dialplans/{name}", 303)


@router.post("/dialplans/{name}/share")
async def share(console: Shared, who: Publisher, name: str, percent: Annotated[int, Form(ge=0, le=100)]) -> Response:
    """Another share of the callers for the version on trial; 100 puts it in force, 0 ends the trial."""
    await dialplans.share(console, who, name, percent)
    return RedirectResponse(f"/dialplans/{name}", 303)


def _drawing(checked: Checked) -> dict[str, Any]:
    return {"drawing": drawn(checked.picture) if checked.picture else None}
