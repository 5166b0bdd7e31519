"""Simulated callers on a call with sound: when they think, when they speak, and what they take back."""

import asyncio

import numpy as np

from voicegw.qa.simulated.speaking import PATIENCE_MS, THINKS_AFTER_MS, Said, UnscriptedConversation
from voicegw.qa.surroundings import FRAME_SAMPLES
from voicegw.wire.messages import FRAME_MS

AGENT = np.tile(np.array([6000, -6000], np.int16), FRAME_SAMPLES // 2)
SILENCE = np.zeros(FRAME_SAMPLES, np.int16)
LINE = np.full(10 * FRAME_SAMPLES, 5000, np.int16)
"""200 ms."""


class Caller:
    """Decides as it is told to; ``thinks`` frames after it was asked."""

    def __init__(self, *decisions: Said | Exception | None) -> None:
        self.decisions = list(decisions)
        self.heard_ms: list[int] = []
        self.taken_back = 0
        self.free = asyncio.Event()
        self.free.set()
        self.side = UnscriptedConversation(self.decide, self.take_back, (), lambda step: None, 0.0)

    async def decide(self, heard: np.ndarray) -> Said | None:
        self.heard_ms.append(int(np.count_nonzero(heard)) // FRAME_SAMPLES * FRAME_MS)
        await self.free.wait()
        decision = self.decisions.pop(0)
        if isinstance(decision, Exception):
            raise decision
        return decision

    def take_back(self) -> None:
        self.taken_back += 1

    async def hears(self, frame: np.ndarray, ms: float) -> list[int]:
        """When (ms since now) something was sent."""
        sent = []
        for at in range(0, int(ms), FRAME_MS):
            if self.side.on_frame(frame).voice.any():
                sent.append(at)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return sent


YES = Said("Yes.", LINE)


async def test_a_caller_speaks_once_the_agent_has_finished_and_hears_all_of_it() -> None:
    caller = Caller(YES, None)
    assert await caller.hears(AGENT, 1000) == []
    assert await caller.hears(SILENCE, 600) == []
    assert await caller.hears(AGENT, 500) == []
    sent = await caller.hears(SILENCE, THINKS_AFTER_MS + 400)
    assert len(sent) * FRAME_MS == 200
    assert THINKS_AFTER_MS - FRAME_MS <= sent[0] <= THINKS_AFTER_MS + 2 * FRAME_MS
    assert caller.heard_ms == [1500]
    (line,) = caller.side.lines
    assert (line.text, line.label, line.span.end - line.span.begin) == ("Yes.", "0", len(LINE))


async def test_what_was_decided_on_half_of_the_agents_words_is_taken_back() -> None:
    caller = Caller(YES, YES)
    caller.free.clear()
    await caller.hears(AGENT, 500)
    await caller.hears(SILENCE, THINKS_AFTER_MS + 100)
    await caller.hears(AGENT, 500)
    caller.free.set()
    assert await caller.hears(SILENCE, THINKS_AFTER_MS - 100) == []
    assert caller.taken_back == 1
    assert len(await caller.hears(SILENCE, 500)) * FRAME_MS == 200
    assert caller.heard_ms == [500, 1000]


async def test_an_agent_who_says_nothing_is_spoken_to_all_the_same() -> None:
    caller = Caller(YES)
    sent = await caller.hears(SILENCE, PATIENCE_MS + 400)
    assert sent
    assert sent[0] >= PATIENCE_MS - FRAME_MS


async def test_who_has_nothing_more_to_say_hangs_up() -> None:
    caller = Caller(None)
    await caller.hears(AGENT, 500)
    await caller.hears(SILENCE, THINKS_AFTER_MS + 100)
    assert caller.side.on_frame(SILENCE).hang_up
    assert caller.side.error is None


async def test_a_caller_who_cannot_decide_hangs_up_and_says_why() -> None:
    failure = RuntimeError("no model")
    caller = Caller(failure)
    await caller.hears(AGENT, 500)
    await caller.hears(SILENCE, THINKS_AFTER_MS + 100)
    assert caller.side.on_frame(SILENCE).hang_up
    assert caller.side.error is failure
