"""What pages and the API both do with calls: find, show as far as one may, export, play; every look is noted."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import HTTPException

from voicegw.accounts.record import Who
from voicegw.audio import wav
from voicegw.outcomes.personal import masked_call, masked_story
from voicegw.outcomes.queries import Wanted
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.recording import files as recordings
from voicegw.recording.format import RecordingError
from voicegw.session.vault import key_bytes
from voicegw.web.console import Console
from voicegw.web.search import PAGE_CALLS, Search
from voicegw.wire.messages import RATE_HZ


async def found(console: Console, who: Who, search: Search, limit: int = PAGE_CALLS) -> list[CallRow]:
    """A page of calls, masked as far as ``who`` may see.

    :raises HTTPException: 422, the search is not as it should be.
    """
    calls = await console.outcomes.list_calls(_wanted(search, who, limit))
    return calls if who.sees_words else [masked_call(call) for call in calls]


async def story(console: Console, who: Who, call_id: str) -> CallStory:
    """One call, masked as far as ``who`` may see.

    :raises HTTPException: 404, there is none.
    """
    known = await console.outcomes.show_call(call_id)
    if known is None:
        raise HTTPException(404, f"there is no call {call_id}")
    return known if who.sees_words else masked_story(known)


async def exported(console: Console, who: Who, search: Search) -> AsyncIterator[CallStory]:
    """All calls that ``search`` finds. The export is noted before anything of it goes out.

    :raises HTTPException: 422, the search is not as it should be.
    """
    wanted = _wanted(search, who, PAGE_CALLS)
    await console.audit.write(who.user.name, "calls.exported", search.address(), masked=not who.sees_words)

    async def stories() -> AsyncIterator[CallStory]:
        async for each in console.outcomes.export(wanted):
            yield each if who.sees_words else masked_story(each)

    return stories()


def has_recording(console: Console, call_id: str) -> bool:
    """Whether this call was recorded, and is kept. ``call_id`` is one of the database: nobody's own words."""
    return recordings.path_of(console.settings.recordings_dir, call_id).is_file()


async def recording(console: Console, who: Who, call_id: str) -> bytes:
    """A WAV, the caller left and the agent right. The look is noted before it goes out.

    :raises HTTPException: 404, no such call or no recording of it.
    """
    known = await story(console, who, call_id)
    settings = console.settings
    try:
        key = key_bytes(settings.privacy.key)
        samples = await asyncio.to_thread(recordings.read, settings.recordings_dir, known.call.call_id, key)
    except RecordingError as error:
        raise HTTPException(404, str(error)) from error
    await console.audit.write(who.user.name, "recording.heard", known.call.call_id)
    return wav.to_bytes(samples, RATE_HZ)


def _wanted(search: Search, who: Who, limit: int) -> Wanted:
    if search.words and not who.sees_words:
        raise HTTPException(403, "what callers said is not shown to you, so it cannot be searched either")
    try:
        return search.wanted(limit)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
