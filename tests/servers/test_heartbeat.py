"""Calls whose machine or cell died are found by their heartbeat, on real Redis and real databases."""

import time
from pathlib import Path

import pytest

from voicegw.errors import ServerAway
from voicegw.gateway.heartbeat import REASON, Heartbeat
from voicegw.outcomes.record import CallClosed, CallOpened, CallPickedUp
from voicegw.outcomes.store import OutcomeStore
from voicegw.session.record import Snapshot
from voicegw.session.store import SessionStore

pytestmark = pytest.mark.servers

LONG_AGO = time.time() - 3600


@pytest.fixture
async def two_up(outcomes: OutcomeStore) -> OutcomeStore:
    """Two calls that began an hour ago and have no end."""
    await outcomes.apply([CallOpened(call_id, LONG_AGO, "1", "5000", "acme", 3) for call_id in ("ours", "theirs")])
    await outcomes.apply([CallPickedUp("theirs", LONG_AGO + 1, 30.0)])
    return outcomes


def heartbeat(store: SessionStore, outcomes: OutcomeStore, *live: str, **values: float) -> Heartbeat:
    return Heartbeat(store, outcomes, lambda: live, steady_s=0.0, **values)


async def dispositions(outcomes: OutcomeStore) -> dict[str, str | None]:
    return {call.call_id: call.disposition for call in await outcomes.list_calls()}


async def test_a_call_whose_heartbeat_stopped_is_closed_as_failed_with_the_reason(
    session_store: SessionStore, two_up: OutcomeStore, redis_server, tmp_path: Path
) -> None:
    other_machine = SessionStore(redis_server.url, tmp_path / "other")
    theirs = heartbeat(other_machine, two_up, "theirs")
    ours = heartbeat(session_store, two_up, "ours", silent_s=0.5)
    await theirs.beat()
    await ours.beat()
    await ours.close_lost()
    assert await dispositions(two_up) == {"ours": None, "theirs": None}
    await other_machine.close()  # the machine dies: nobody beats for its call any more
    give_up_at = time.monotonic() + 20
    while (await dispositions(two_up))["theirs"] is None:
        assert time.monotonic() < give_up_at
        await ours.beat()
        await ours.close_lost()
    story = await two_up.show_call("theirs")
    assert story is not None
    assert (story.call.disposition, story.call.reason) == ("failed", REASON)
    assert (await dispositions(two_up))["ours"] is None
    await two_up.apply([CallClosed("theirs", LONG_AGO + 60, "caller", 200, "OK", {"rtp_received": 50.0})])
    assert (await dispositions(two_up))["theirs"] == "abandoned", "a true end that was on its way counts"


async def test_after_redis_was_away_everybody_gets_time_to_beat_again(
    session_store: SessionStore, two_up: OutcomeStore, redis_server
) -> None:
    ours = Heartbeat(session_store, two_up, lambda: ("ours",), steady_s=60.0, silent_s=0.0)
    await ours.beat()
    await ours.close_lost()
    assert await dispositions(two_up) == {"ours": None, "theirs": None}
    redis_server.stop()
    with pytest.raises(ServerAway):
        await ours.beat()


async def test_a_call_that_has_only_begun_is_left_alone(session_store: SessionStore, outcomes: OutcomeStore) -> None:
    await outcomes.apply([CallOpened("young", time.time(), "1", "5000", "acme", 3)])
    ours = heartbeat(session_store, outcomes)
    await ours.beat()
    await ours.close_lost()
    assert await dispositions(outcomes) == {"young": None}


async def test_what_a_call_had_in_redis_goes_when_it_ends(session_store: SessionStore, outcomes: OutcomeStore) -> None:
    live = ["c1", "c2"]
    ours = Heartbeat(session_store, outcomes, lambda: live)
    for call_id in live:
        await session_store.save_snapshot(Snapshot(call_id, "acme", 3, {"caller": "+15551234567"}, 1, time.time()))
    await ours.beat()
    live.remove("c1")
    await ours.beat()
    assert await session_store.load_snapshot("c1") is None
    assert await session_store.load_snapshot("c2") is not None
    assert await session_store.live_calls() == {"c2"}
