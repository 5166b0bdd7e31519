"""``voicegw bench live``: how soon what happens in one of 200 calls is seen by whoever looks on."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from voicegw import config
from voicegw.accounts.record import Role, User
from voicegw.accounts.store import AccountStore
from voicegw.config import Settings
from voicegw.errors import SetupError
from voicegw.gateway.valkey import LastingValkey
from voicegw.gateway.web import Web, start_web
from voicegw.outcomes.migrate import migrate
from voicegw.outcomes.record import CallOpened, CallPickedUp
from voicegw.qa.benching import Run
from voicegw.qa.figures import Figure, percentile
from voicegw.session.live import LiveLink
from voicegw.session.moments import AgentSpeaks
from voicegw.session.store import SessionStore
from voicegw.web.access import COOKIE

CALLS = 200
MOMENTS_PER_S = 100
"""Of 200 calls each says something every two seconds."""
LASTS_S = 15.0
TARGET_MS = 300
PERSON = "bench"


@dataclass(frozen=True)
class Stage:
    """A web process on servers of its own, and calls in progress that nobody makes."""

    web: Web
    settings: Settings
    store: SessionStore
    link: LiveLink
    session: str
    """Cookie of somebody who is signed in."""

    async def begin_calls(self, count: int) -> None:
        """So many calls are answered."""
        for number in range(count):
            call_id, now = call_name(number), time.time()
            self.store.append_soon(CallOpened(call_id, now, f"+1555{number:07}", "5000", "acme-orders", 3))
            self.store.append_soon(CallPickedUp(call_id, now, 30.0, "PCMU"))
        await self.store.flush(10.0)

    def say(self, number: int) -> str:
        """Something is said in call ``number`` at this moment; the words, which are the Unix time."""
        now = time.time()
        words = f"{now:.4f}"
        self.link.show_soon(AgentSpeaks(call_name(number), now, 1, words))
        return words


def call_name(number: int) -> str:
    """Its id."""
    return f"bench-{number:04}"


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """Everything that stands between a worker and a browser, and nothing else.

    :raises SetupError: something must be mended first.
    """
    values = {"data_dir": str(folder), "web": {"port": 0}}
    settings = config.from_values(values)
    valkey = LastingValkey(settings.data_dir)
    await valkey.start()
    settings = config.from_values({**values, "redis_url": valkey.url})
    await migrate(settings.resolved_database_url)
    accounts = AccountStore(settings.resolved_database_url)
    await accounts.add(User(PERSON, Role.ADMIN, time.time()))
    session = await accounts.open_session(PERSON, time.time())
    await accounts.close()
    store, link = SessionStore(settings.redis_url, folder / "spool"), LiveLink(settings.redis_url)
    try:
        web = await start_web(settings)
        try:
            yield Stage(web, settings, store, link, session)
        finally:
            await web.child.stop()
    finally:
        await link.close()
        await store.close()
        await valkey.stop()


async def run(how: Run) -> tuple[Figure, ...]:
    """Some 25 seconds.

    :raises SetupError: something must be mended first.
    """
    with tempfile.TemporaryDirectory(prefix="voicegw-bench-", ignore_cleanup_errors=True) as folder:
        async with stage(Path(folder)) as here:
            how.tell(f"{CALLS} calls are up")
            await here.begin_calls(CALLS)
            process = psutil.Process(here.web.child.pid)
            seen: list[float] = []
            looking = asyncio.create_task(_look_on(here, seen))
            await asyncio.sleep(2.0)  # all calls are on the board
            seen.clear()
            before = process.cpu_times()
            await _talk(here)
            used = process.cpu_times()
            looking.cancel()
    busy = (used.user + used.system - before.user - before.system) / LASTS_S
    if not seen:
        raise SetupError("nothing was seen of the calls: does the web process answer?")
    return (
        Figure("live: event seen, p50", _ms(percentile(seen, 50)), "ms", "", len(seen)),
        Figure("live: event seen, p95", _ms(percentile(seen, 95)), "ms", f"≤ {TARGET_MS}", len(seen)),
        Figure("live: web process with 200 calls", round(100 * busy, 1), "% of a core", "≤ 50"),
    )


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


async def _talk(here: Stage) -> None:
    began = time.monotonic()
    for number in range(round(LASTS_S * MOMENTS_PER_S)):
        await asyncio.sleep(max(0.0, began + number / MOMENTS_PER_S - time.monotonic()))
        here.say(number % CALLS)


async def _look_on(here: Stage, seen: list[float]) -> None:
    """What the browser's end of the connection gets, and how old it is then, in ms."""
    async with (
        httpx.AsyncClient(base_url=here.web.url, cookies={COOKIE: here.session}, timeout=30.0) as client,
        client.stream("GET", "/live/events") as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                now = time.time()
                calls = json.loads(line.removeprefix("data: "))["calls"]
                seen += [(now - float(call["words"].rpartition(" ")[2])) * 1000 for call in calls if call["words"]]
