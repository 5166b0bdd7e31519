"""What the console asks of the database is answered by SQLite and PostgreSQL, and alike."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence

import pytest
from httpx import ASGITransport, AsyncClient

from voicegw.accounts.record import Role, User
from voicegw.config import Settings
from voicegw.outcomes.filling import fill_stories
from voicegw.outcomes.insights import DAY_S, Period
from voicegw.outcomes.replies import Latency
from voicegw.outcomes.rows import CallStory
from voicegw.qa.bench_console import DAYS, NEWEST, PAGES, RARE, made_up_stories
from voicegw.session.store import SessionStore
from voicegw.web import app
from voicegw.web.access import COOKIE
from voicegw.web.console import Console

pytestmark = pytest.mark.servers
COUNT = 400
PERIOD = Period(NEWEST - (DAYS + 1) * DAY_S, NEWEST + 1)


@pytest.fixture
def stories() -> Sequence[CallStory]:
    return tuple(made_up_stories(COUNT))


@pytest.fixture
async def console(database, stories, tmp_path) -> AsyncIterator[Console]:
    await fill_stories(database, iter(stories))
    store = SessionStore("redis://127.0.0.1:1", tmp_path / "spool")
    made = Console.on(Settings(data_dir=tmp_path, database_url=database), store, lambda: NEWEST)
    yield made
    await made.close()
    await store.close()


@pytest.fixture
async def client(console) -> AsyncIterator[AsyncClient]:
    """A browser of somebody who may do everything."""
    await console.accounts.add(User("ann", Role.ADMIN, NEWEST))
    cookies = {COOKIE: await console.accounts.open_session("ann", NEWEST)}
    transport = ASGITransport(app.make(console))
    async with AsyncClient(transport=transport, base_url="http://console", cookies=cookies) as browser:
        yield browser


async def test_every_page_is_answered(client, stories):
    for path in PAGES.values():
        answer = await client.get(path.format(call_id=stories[0].call.call_id))
        assert answer.status_code == 200, path


async def test_what_is_found_and_counted_is_what_is_there(client, console, stories):
    calls = [story.call for story in stories]
    by_words = [
        story.call.call_id for story in stories if any("lost my password" in turn.caller_text for turn in story.turns)
    ]
    for search, expected in {
        "task=refund": [call.call_id for call in calls if call.task == "refund"],
        "words=lost+my+pass": by_words,
        f"words={RARE}+submarine": [],
        "slower_ms=900": [call.call_id for call in calls if (call.slowest_ms or 0) >= 900],
    }.items():
        found = (await client.get(f"/api/calls.json?{search}")).json()
        assert {each["call_id"] for each in found} == set(expected), search
    counted = await console.insights.counted(PERIOD)
    whole = counted.whole()
    assert whole.calls == sum(call.disposition is not None for call in calls)
    assert whole.missed == sum(call.turns_missed for call in calls if call.disposition)
    assert {group.name: group.calls for group in counted.by("task")} == {
        task: sum(call.task == task and call.disposition is not None for call in calls)
        for task in {call.task for call in calls}
    }
    last = Period(NEWEST - 7 * DAY_S, NEWEST + 1)
    assert not last.is_most_since(min(call.began_at for call in calls)), "it is counted another way"
    assert (await console.insights.counted(last)).whole().calls == sum(
        call.disposition is not None and call.began_at >= last.since for call in calls
    )
    answered = Counter((event.tool, event.status) for story in stories for event in story.events)
    tools = await console.insights.tools(PERIOD)
    assert {(tool.tool, tool.status): tool.count for tool in tools} == answered
    assert {tool.slowest_ms for tool in tools} == {40.0}
    waits = [turn.waterfall.wait_ms for story in stories for turn in story.turns]
    replies = await console.insights.replies(PERIOD, whole.turns)
    assert replies.whole() == Latency.of([wait for wait in waits if wait is not None])
    assert sum(latency.count for latency in replies.over_time(PERIOD.since, DAY_S).values()) == replies.whole().count
