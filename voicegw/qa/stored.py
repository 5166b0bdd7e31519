"""What the service under test has stored about its calls."""

import asyncio

from voicegw.outcomes.rows import CallStory
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.service import RunningService

PATIENCE_S = 10.0
"""The recorder follows the calls at some distance."""


async def stories(service: RunningService, calls: int) -> list[CallStory]:
    """The calls so far in the order in which they began; fewer than ``calls`` if they are not stored in time."""
    outcomes = OutcomeStore(service.database_url)
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    try:
        while True:
            rows = sorted(await outcomes.list_calls(), key=lambda row: row.began_at)
            stored = sum(row.closed_at is not None for row in rows) >= calls
            if stored or asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.2)
        found = [await outcomes.show_call(row.call_id) for row in rows]
    finally:
        await outcomes.close()
    return [story for story in found if story]
