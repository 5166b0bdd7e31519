"""Dialplans, for programs: read versions, keep a draft, check it, put it in force, go back."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path
from pydantic import BaseModel, Field, StringConstraints

from voicegw.accounts.record import Role, Who
from voicegw.errors import Problem, SetupError
from voicegw.publishing.comparing import VersionResults, results
from voicegw.publishing.record import Change, Draft, InForce, Version
from voicegw.web import dialplans, workshop
from voicegw.web.access import needs
from voicegw.web.console import Shared

router = APIRouter(prefix="/dialplans", tags=["dialplans"])
Viewer = Annotated[Who, Depends(needs(Role.VIEWER))]
Editor = Annotated[Who, Depends(needs(Role.EDITOR))]
Publisher = Annotated[Who, Depends(needs(Role.PUBLISHER))]
Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
FileName = Annotated[str, StringConstraints(pattern=r"^[\w][\w .-]*(/[\w][\w .-]*)*$", max_length=100)]
Note = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=500)]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=1_000_000)]


class Listed(BaseModel):
    """A dialplan."""

    name: str
    takes_calls: bool
    in_force: InForce = Field(description="Version 0 is the file.")
    draft: int | None = Field(description="Revision of the draft; none: there is no draft.")


class Known(Listed):
    """A dialplan, its versions, who put what in force, and how each version did in the last 30 days."""

    versions: list[Version]
    history: list[Change]
    results: list[VersionResults]


class Content(BaseModel):
    """The text of a dialplan."""

    source: Text = Field(description="YAML.")
    files: dict[FileName, Text] | None = Field(
        None, max_length=50, description="Markdown files that it answers from; none: as they are."
    )


class NewDraft(Content):
    """A text to keep as the draft."""

    after: int = Field(0, ge=0, le=2**31, description="The revision that was changed; 0: there was no draft.")


class KeptDraft(BaseModel):
    """The draft."""

    revision: int
    at: float = Field(description="When it was saved, Unix time.")
    by: str
    source: str
    files: dict[str, str]


class Checked(BaseModel):
    """What is wrong with a text."""

    good: bool = Field(description="Nothing stands in the way of trying it; there may be warnings.")
    problems: list[Problem]


class Publishing(BaseModel):
    """How to put a draft in force."""

    note: Note = Field("", description="Why.")
    percent: int = Field(100, ge=1, le=100, description="Share of the callers; below 100 it is a trial.")


class RollingBack(BaseModel):
    """What to go back to."""

    to: int | None = Field(
        None, ge=0, le=2**31, description="The version, 0 for the file; none: end the trial, or the one before."
    )
    note: Note = ""


class Sharing(BaseModel):
    """How many callers get the version on trial."""

    percent: int = Field(ge=0, le=100, description="100 puts it in force, 0 ends the trial.")
    note: Note = ""


@router.get("")
async def listed(console: Shared, _: Viewer) -> list[Listed]:
    """All that take calls or have a draft."""
    drafts = {draft.name: draft.revision for draft in await console.drafts.all()}
    taking_calls = await workshop.names(console.versions, console.settings)
    return [
        Listed(
            name=name,
            takes_calls=name in taking_calls,
            in_force=await workshop.in_force(console.versions, name),
            draft=drafts.get(name),
        )
        for name in sorted({*drafts, *taking_calls})
    ]


@router.get("/{name}")
async def show(console: Shared, _: Viewer, name: Name) -> Known:
    """One: its versions, its history, and how each version does."""
    draft = await console.drafts.find(name)
    takes_calls = name in await workshop.names(console.versions, console.settings)
    if draft is None and not takes_calls:
        raise HTTPException(404, f"there is no dialplan {name}")
    return Known(
        name=name,
        takes_calls=takes_calls,
        in_force=await workshop.in_force(console.versions, name),
        draft=draft.revision if draft else None,
        versions=await console.versions.versions(name),
        history=await console.versions.history(name),
        results=await results(console.settings.resolved_database_url, name, console.clock() - dialplans.COMPARED_S),
    )


@router.get("/{name}/versions/{version}")
async def version(console: Shared, _: Editor, name: Name, version: Annotated[int, Path(ge=0, le=2**31)]) -> Content:
    """The text of a version; 0 is the file."""
    try:
        bundle = await workshop.published(console.versions, console.settings, name, version)
    except SetupError as error:
        raise HTTPException(404, str(error)) from None
    return Content(source=bundle.source, files=dict(bundle.files))


@router.post("/{name}/check")
async def check(console: Shared, _: Editor, name: Name, content: Content) -> Checked:
    """What is wrong with a text, by line and column. Nothing is kept."""
    bundle = await dialplans.written(console, name, content.source, content.files)
    found = await asyncio.to_thread(workshop.check, bundle.source, bundle.files, console.settings)
    return Checked(good=found.is_good, problems=found.problems)


@router.get("/{name}/draft")
async def draft(console: Shared, _: Editor, name: Name) -> KeptDraft:
    """The draft."""
    return _kept(await dialplans.draft_of(console, name))


@router.put("/{name}/draft")
async def put_draft(console: Shared, who: Editor, name: Name, new: NewDraft) -> KeptDraft:
    """Keep a text as the draft, whatever state it is in; a new name makes a new dialplan."""
    bundle = await dialplans.written(console, name, new.source, new.files)
    kept = await dialplans.save(console, who, name, bundle, new.after)
    await console.audit.write(who.user.name, "draft.saved", name, revision=kept.revision)
    return _kept(kept)


@router.delete("/{name}/draft", status_code=204)
async def drop_draft(console: Shared, who: Editor, name: Name) -> None:
    """Throw the draft away."""
    await dialplans.draft_of(console, name)
    await dialplans.drop(console, who, name)


@router.post("/{name}/publish")
async def publish(console: Shared, who: Publisher, name: Name, how: Publishing) -> Change:
    """Put the draft in force if its check and its tests agree; else 422, which says all that is wrong."""
    verdict = await dialplans.publish(console, who, name, how.note, how.percent)
    if verdict.change is None:
        raise HTTPException(422, "\n".join(map(str, verdict.examined.problems)))
    return verdict.change


@router.post("/{name}/rollback")
async def roll_back(console: Shared, who: Publisher, name: Name, back: RollingBack) -> Change:
    """Put an earlier version in force for everybody."""
    return await dialplans.roll_back(console, who, name, back.to, back.note)


@router.post("/{name}/share")
async def share(console: Shared, who: Publisher, name: Name, sharing: Sharing) -> Change:
    """Give the version on trial another share of the callers."""
    return await dialplans.share(console, who, name, sharing.percent, sharing.note)


def _kept(draft: Draft) -> KeptDraft:
    bundle = draft.bundle
    return KeptDraft(revision=draft.revision, at=draft.at, by=draft.by, source=bundle.source, files=dict(bundle.files))
