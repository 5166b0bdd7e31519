"""What pages and the API both do with dialplans: keep a draft, publish it, go back, share callers; all is noted."""

from collections.abc import Mapping
from contextlib import suppress

from fastapi import HTTPException

from voicegw.accounts.record import Who
from voicegw.errors import SetupError
from voicegw.publishing.drafts import DraftConflict
from voicegw.publishing.record import Bundle, Change, Draft
from voicegw.publishing.store import Author
from voicegw.web import workshop
from voicegw.web.console import Console
from voicegw.web.workshop import Verdict

COMPARED_S = 30 * 86400.0
"""Versions are compared by the calls of so long."""


async def base(console: Console, name: str) -> Bundle:
    """What takes calls under that name.

    :raises HTTPException: 404, nothing does.
    """
    try:
        return await workshop.base(console.versions, console.settings, name)
    except SetupError as error:
        raise HTTPException(404, str(error)) from None


async def written(console: Console, name: str, source: str, files: Mapping[str, str] | None) -> Bundle:
    """A text with its files; None: those of the draft, or of what takes calls.

    :raises HTTPException: 404, there is neither.
    """
    if files is not None:
        return Bundle(source, files)
    draft = await console.drafts.find(name)
    return Bundle(source, (draft.bundle if draft else await base(console, name)).files)


async def draft_of(console: Console, name: str) -> Draft:
    """:raises HTTPException: 404, there is none."""
    draft = await console.drafts.find(name)
    if draft is None:
        raise HTTPException(404, f"{name} has no draft")
    return draft


async def save(console: Console, who: Who, name: str, bundle: Bundle, after: int) -> Draft:
    """Keep the draft, whatever state it is in.

    :raises HTTPException: 409, somebody else has saved it since.
    """
    try:
        return await console.drafts.save(name, bundle, who.user.name, after)
    except DraftConflict as conflict:
        raise HTTPException(409, str(conflict)) from None


async def drop(console: Console, who: Who, name: str) -> None:
    """Throw the draft away."""
    await console.drafts.drop(name)
    await console.audit.write(who.user.name, "draft.dropped", name)


async def publish(console: Console, who: Who, name: str, note: str, percent: int) -> Verdict:
    """Put the draft in force, or on trial, if its check and its tests agree.

    :raises HTTPException: 409, there is none.
    """
    draft = await console.drafts.find(name)
    if draft is None:
        raise HTTPException(409, f"{name} has no draft to publish")
    author = Author(who.user.name, note)
    verdict = await workshop.publish(draft, console.versions, console.settings, author, percent)
    if verdict.change:
        await console.drafts.drop(name)
        version = max(verdict.change.in_force.versions)
        await console.audit.write(who.user.name, "dialplan.published", name, version=version, percent=percent)
    return verdict


async def roll_back(console: Console, who: Who, name: str, to: int | None, note: str) -> Change:
    """An earlier version for everybody.

    :raises SetupError: there is no such version.
    """
    change = await console.versions.roll_back(name, Author(who.user.name, note), to)
    await console.audit.write(who.user.name, "dialplan.rolled_back", name, version=change.in_force.version)
    return change


async def share(console: Console, who: Who, name: str, percent: int, note: str = "") -> Change:
    """Another share of the callers for the version on trial; 100 puts it in force, 0 ends the trial.

    :raises SetupError: none is on trial.
    """
    change = await console.versions.roll_out(name, percent, Author(who.user.name, note))
    await console.audit.write(who.user.name, "dialplan.rolled_out", name, percent=percent)
    return change


async def base_if_any(console: Console, name: str) -> Bundle:
    """What takes calls under that name; an empty one for a new name."""
    with suppress(SetupError):
        return await workshop.base(console.versions, console.settings, name)
    return Bundle("")
