"""``voicegw bench console``: how long the server takes for each page, with 100,000 calls in the database."""

import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from httpx import ASGITransport, AsyncClient

from voicegw.accounts.record import Role, User
from voicegw.config import Settings
from voicegw.loaded import keep_loaded
from voicegw.outcomes.filling import fill_stories
from voicegw.outcomes.migrate import migrate
from voicegw.outcomes.record import ToolAnswered, TurnTaken, Waterfall
from voicegw.outcomes.rows import CallStory
from voicegw.outcomes.store import OutcomeStore
from voicegw.qa.bench_outcomes import DAY_S, NEWEST, YEAR_S, made_up_calls
from voicegw.qa.benching import Run
from voicegw.qa.figures import Figure, percentile
from voicegw.session.store import SessionStore
from voicegw.web import app
from voicegw.web.access import COOKIE
from voicegw.web.console import Console

CALLS, DAYS = 100_000, 90
TARGET = "≤ 200"
REPEATS = 15
SEED = 6
SAID = (
    "hi where is my order four five six seven", "I want a refund please", "no thanks bye", "do you ship to canada",
    "what are your opening hours", "I lost my password", "can I talk to somebody", "yes please", "tomorrow at noon",
)  # fmt: skip
RARE = "zeppelin"
"""Said once in a thousand calls."""
PAGES = {
    "calls": "/calls",
    "calls by number": "/calls?number=%2B15550001234",
    "calls by a word that is common": "/calls?words=order",
    "calls by a word that is rare": f"/calls?words={RARE}",
    "calls by words that nobody said": "/calls?words=submarine+warranty",
    "calls by task and outcome": "/calls?task=refund&outcome=failed",
    "calls with a slow reply": "/calls?slower_ms=1900",
    "calls with a reply slower than any": "/calls?slower_ms=60000",
    "a call": "/calls/{call_id}",
    "insights of a day": "/insights?days=1",
    "insights of a week": "/insights?days=7",
    "insights of a month": "/insights?days=30",
    "insights of three months": "/insights?days=90",
    "insights of a month, charts": "/insights/over-time.json?days=30",
    "audit": "/audit",
    "users": "/users",
}


def made_up_stories(count: int) -> Iterator[CallStory]:
    """Calls of ``DAYS`` days with five turns and a tool each."""
    chance = random.Random(SEED)
    for call in made_up_calls(count):
        began_at = NEWEST - (NEWEST - call.began_at) * DAYS * DAY_S / YEAR_S
        turns = tuple(_turn(chance, call.call_id, number, began_at) for number in range(5))
        waits = [wait for turn in turns if (wait := turn.waterfall.wait_ms) is not None]
        row = replace(
            call,
            began_at=began_at,
            answered_at=began_at + 0.1,
            closed_at=began_at + 90.0,
            task=chance.choice(("refund", "order_status", "appointment", "password")),
            turns=len(turns),
            turns_said=4,
            turns_missed=sum(turn.no_match for turn in turns),
            turns_interrupted=sum(turn.interrupted for turn in turns),
            slowest_ms=max(waits),
        )
        status = "failed" if chance.random() < 0.02 else "found"
        tool = ToolAnswered(call.call_id, began_at + 20, "a1", "orders_db.order_status", "reads", status, 40.0)
        yield CallStory(row, turns, (tool,))


def _turn(chance: random.Random, call_id: str, number: int, began_at: float) -> TurnTaken:
    if not number:
        return TurnTaken(call_id, 0, began_at + 1, "", "Hello, this is Acme. How can I help?", decided_by="greeting")
    said = chance.choice(SAID) + (f" {RARE}" if chance.random() < 0.00025 else "")
    at_ms = 10_000.0 * number
    transcript, turn, decision, audio = (at_ms + wait for wait in sorted(chance.uniform(20, 900) for _ in range(4)))
    heard = Waterfall(at_ms, at_ms + 10, transcript, turn, decision, audio, audio + chance.expovariate(1 / 60))
    return TurnTaken(
        call_id,
        number,
        began_at + 10 * number,
        said,
        "Order 4 5 6 7 has shipped. It should arrive on Thursday.",
        task="order_status",
        confidence=0.9,
        no_match=chance.random() < 0.05,
        interrupted=chance.random() < 0.08,
        waterfall=heard,
    )


async def run(how: Run) -> tuple[Figure, ...]:
    """About a minute: fills SQLite in a folder of its own, and asks for each page."""
    with tempfile.TemporaryDirectory(prefix="voicegw-bench-", ignore_cleanup_errors=True) as folder:
        return await measure(Settings(data_dir=Path(folder)), CALLS, how)


async def measure(settings: Settings, count: int, how: Run) -> tuple[Figure, ...]:
    """Fill the database of ``settings`` with ``count`` calls, and time each page."""
    url = settings.resolved_database_url
    await migrate(url)
    how.tell(f"making up {count:,} calls")
    await fill_stories(url, made_up_stories(count))
    store = OutcomeStore(url)
    call_id = await store.last_call() or ""
    await store.close()
    session_store = SessionStore("redis://127.0.0.1:1", settings.data_dir / "spool")
    console = Console.on(settings, session_store, lambda: NEWEST)
    try:
        await console.accounts.add(User("bench", Role.ADMIN, NEWEST))
        cookies = {COOKIE: await console.accounts.open_session("bench", NEWEST)}
        transport = ASGITransport(app.make(console))
        keep_loaded()  # as the web process does
        async with AsyncClient(transport=transport, base_url="http://console", cookies=cookies) as client:
            figures = []
            for name, path in PAGES.items():
                how.tell(name)
                took_ms = [await _took_ms(client, path.format(call_id=call_id)) for _ in range(REPEATS)]
                slow = percentile(took_ms, 95)
                figures.append(Figure(f"console, {count:,} calls: {name}, p95", slow, "ms", TARGET, REPEATS))
    finally:
        await console.close()
        await session_store.close()
    return tuple(figures)


async def _took_ms(client: AsyncClient, path: str) -> float:
    began = time.perf_counter()
    answer = await client.get(path)
    answer.raise_for_status()
    return (time.perf_counter() - began) * 1000
