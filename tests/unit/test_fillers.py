"""Words that fill a wait: never the same twice in a row, and never into an answer."""

import asyncio
from itertools import pairwise

from voicegw.call.commands import Say
from voicegw.call.fillers import Fillers
from voicegw.worker.clock import MediaClock
from voicegw.worker.dead_air import DEAD_AIR_MS, DeadAir


def test_no_filler_is_said_twice_in_a_row() -> None:
    fillers = Fillers(("One moment.", "Let me check."))
    said = [fillers.next() for _ in range(5)]
    assert all(one != other for one, other in pairwise(said))


def test_the_dialplans_own_words_come_first_and_not_twice_in_a_row_either() -> None:
    fillers = Fillers(("One moment.", "Let me check."))
    said = [fillers.next("Let me look that up.") for _ in range(4)]
    assert said[0] == "Let me look that up."
    assert all(one != other for one, other in pairwise(said))
    assert fillers.next("One moment.") != said[-1]


def test_own_words_equal_to_a_usual_filler_are_not_repeated_by_it() -> None:
    fillers = Fillers(("One moment.", "Let me check."))
    assert fillers.next("One moment.") == "One moment."
    assert fillers.next() == "Let me check."


def test_where_there_is_only_one_filler_the_second_wait_is_silent() -> None:
    fillers = Fillers(("One moment.",))
    assert [fillers.next(), fillers.next()] == ["One moment.", ""]


async def waited(*, dead: bool) -> list[Say]:
    said: list[Say] = []
    clock = MediaClock()
    air = DeadAir(Fillers(("One moment.",)), clock, lambda: dead, said.append)
    air.watch(clock.now_ms() - DEAD_AIR_MS)
    await asyncio.sleep(0.01)
    return said


async def test_a_wait_that_lasts_is_filled_once() -> None:
    assert await waited(dead=True) == [Say("One moment.", filler=True, repeats=True)]


async def test_nothing_fills_a_wait_that_is_over() -> None:
    assert await waited(dead=False) == []


def test_the_agent_says_that_it_is_at_work_before_900_ms() -> None:
    assert DEAD_AIR_MS < 900
