"""The sound of a call goes through a real Redis, to those who listen to that call."""

import asyncio
from contextlib import aclosing

import pytest

from voicegw.errors import ServerAway
from voicegw.session.overheard import SoundLink

pytestmark = pytest.mark.servers
SOUND = bytes(range(256))


@pytest.fixture
async def link(redis_server):
    made = SoundLink(redis_server.url)
    yield made
    await made.close()


async def test_who_listens_hears_that_call_alone(link, redis_server):
    other = SoundLink(redis_server.url)

    async def speak() -> None:
        while True:
            other.let_hear("c2", b"another call")
            other.let_hear("c1", SOUND)
            await asyncio.sleep(0.02)

    speaking = asyncio.create_task(speak())
    try:
        async with asyncio.timeout(10), aclosing(link.hear("c1")) as pieces:
            assert [await anext(pieces) for _ in range(3)] == [SOUND] * 3
    finally:
        speaking.cancel()
        await other.close()


async def test_a_redis_that_goes_away_is_told_to_who_listens_and_costs_the_call_nothing(link, redis_server):
    async with aclosing(link.hear("c1")) as pieces:
        waiting = asyncio.create_task(anext(pieces))
        await asyncio.sleep(0.2)
        redis_server.stop()
        with pytest.raises(ServerAway):
            await asyncio.wait_for(waiting, 20)
    for _ in range(1000):
        link.let_hear("c1", SOUND)
    await asyncio.sleep(0.1)
    redis_server.start()
