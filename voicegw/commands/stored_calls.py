"""How commands get at stored calls."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from voicegw import config
from voicegw.errors import SetupError
from voicegw.outcomes.migrate import check_migrated
from voicegw.outcomes.rows import CallStory
from voicegw.outcomes.store import OutcomeStore

_R = TypeVar("_R")


async def find_story(store: OutcomeStore, call: str) -> CallStory:
    """The call with this id, or the only one whose id begins so, or the ``last``.

    :raises SetupError: there is none, or several.
    """
    call_id = await store.last_call() if call == "last" else await _only_one(store, call)
    story = await store.show_call(call_id) if call_id else None
    if story is None:
        raise SetupError("no calls yet" if call == "last" else f"no call {call}: `voicegw outcomes list` shows them")
    return story


async def _only_one(store: OutcomeStore, prefix: str) -> str | None:
    found = await store.find_calls(prefix, limit=5)
    if len(found) > 1 and prefix not in found:
        raise SetupError(f"{prefix} begins several calls: {', '.join(found)}")
    return prefix if prefix in found else next(iter(found), None)


def with_store(file: Path | None, act: Callable[[OutcomeStore], Awaitable[_R]]) -> _R:
    """Do something with the outcomes that the settings in ``file`` name.

    :raises SetupError: no database there, or an older one.
    """
    url = config.load(file).resolved_database_url

    async def run() -> _R:
        await check_migrated(url)
        store = OutcomeStore(url)
        try:
            return await act(store)
        finally:
            await store.close()

    return asyncio.run(run())
