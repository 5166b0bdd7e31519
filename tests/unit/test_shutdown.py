"""The order in which a service goes down."""

import asyncio
import time

from voicegw.gateway import shutdown
from voicegw.gateway.shutdown import Patience, shut_down


class Calls:
    """Some calls, of which each ends when it has been told so often."""

    def __init__(self, *told_before_end: int) -> None:
        self._left = dict(enumerate(told_before_end))
        self.happened: list[str] = []

    @property
    def live_call_ids(self) -> list[str]:
        return [str(number) for number in self._left]

    def drain(self) -> None:
        self.happened.append("drain")

    def wrap_up(self) -> None:
        self.happened.append("wrap up")
        self._left = {number: left - 1 for number, left in self._left.items() if left > 1}


async def took_s(calls: Calls, patience: Patience, hurry: asyncio.Event | None = None) -> float:
    began = time.monotonic()
    await shut_down(calls, patience, hurry or asyncio.Event())
    return time.monotonic() - began


async def test_without_calls_it_is_over_at_once():
    calls = Calls()
    assert await took_s(calls, Patience(60, 60)) < 5
    assert calls.happened == ["drain"]


async def test_calls_get_their_time_and_are_then_told_until_they_end(monkeypatch):
    monkeypatch.setattr(shutdown, "WRAP_UP_EVERY_S", 0.02)
    calls = Calls(1, 3)
    assert await took_s(calls, Patience(0.3, 60)) >= 0.3
    assert calls.happened == ["drain"] + ["wrap up"] * 3


async def test_calls_that_do_not_end_do_not_keep_it_for_ever(monkeypatch):
    monkeypatch.setattr(shutdown, "WRAP_UP_EVERY_S", 0.0625)
    calls = Calls(10**6)
    assert await took_s(calls, Patience(0.0, 0.25)) < 10
    assert calls.happened.count("wrap up") == 4


async def test_whoever_is_in_a_hurry_does_not_wait():
    hurry = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, hurry.set)
    calls = Calls(10**6)
    assert await took_s(calls, Patience(60, 60), hurry) < 10
    assert calls.happened == ["drain"]
