"""What the service under test has stored about its calls."""

import asyncio

from voicegw.outcomes.queries import Wanted
from voicegw.outcomes.rows import CallRow, CallStory
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.service import RunningService

MOST = 1000
PATIENCE_S = 10.0
"""The recorder follows the calls at some distance."""


async def stories(service: RunningService, calls: int) -> list[CallStory]:
    """The calls so far in the order in which they began; fewer than ``calls`` if they are not stored in time."""
    return await stories_since(service.database_url, 0.0, calls)


async def stories_since(database_url: str, since: float, calls: int) -> list[CallStory]:
    """The calls that began at ``since`` (Unix time) or later, in that order, once ``calls`` of them are told to their
    end; fewer if they are not stored in time."""
    outcomes = OutcomeStore(database_url)
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    try:
        while True:
            rows = sorted(await outcomes.list_calls(Wanted(since=since, limit=MOST)), key=lambda row: row.began_at)
            stored = sum(map(_is_told, rows)) >= calls
            if stored or asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.2)
        found = [await outcomes.show_call(row.call_id) for row in rows]
    finally:
        await outcomes.close()
    return [story for story in found if story]


def _is_told(row: CallRow) -> bool:
    """The gateway has said its last word, and the worker, if there was one, too."""
    return row.closed_at is not None and (row.answered_at is None or row.concluded_at is not None)
