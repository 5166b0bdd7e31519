"""Frames that came in bursts, late or not at all are taken one every 20 ms, by a clock that follows the sender's."""

import random
from collections.abc import Callable

import pytest

from voicegw.audio.arrivals import FRAME_S, MOST_FRAMES, SETTLE_FRAMES, SPARE_S, Arrivals
from voicegw.wire.messages import FRAME_BYTES


def frame(number: int) -> bytes:
    return bytes([number % 256]) * FRAME_BYTES


def test_pieces_of_any_size_come_out_as_frames_in_order() -> None:
    arrivals = Arrivals()
    whole = frame(1) + frame(2)
    arrivals.add(whole[:100], 0)
    assert arrivals.take(0) is None
    arrivals.add(whole[100:], 0)
    assert [arrivals.take(0), arrivals.take(0), arrivals.take(0)] == [frame(1), frame(2), None]
    assert arrivals.missed == 2


def test_what_came_while_nobody_listened_is_not_heard_late() -> None:
    arrivals = Arrivals()
    for number in range(8):
        arrivals.add(frame(number), number * FRAME_S)
    assert [arrivals.take(8 * FRAME_S), arrivals.take(9 * FRAME_S)] == [frame(7), None]


def test_a_burst_is_heard_whole_and_then_caught_up_a_frame_a_second() -> None:
    arrivals = Arrivals()
    arrivals.take(0)
    for number in range(4):
        arrivals.add(frame(number), 0)
    heard = []
    for number in range(4, 4 + 5 * SETTLE_FRAMES):
        now = number * FRAME_S
        heard.append(arrivals.take(now))
        arrivals.add(frame(number), now)
    assert None not in heard
    assert heard[: SETTLE_FRAMES - 1] == [frame(number) for number in range(SETTLE_FRAMES - 1)]
    assert arrivals.dropped == 3


def test_what_is_hopelessly_late_is_let_go_at_once() -> None:
    arrivals = Arrivals()
    arrivals.take(0)
    for number in range(MOST_FRAMES + 5):
        arrivals.add(frame(number), 0)
    assert arrivals.take(0) == frame(5)
    assert arrivals.dropped == 5


def waits_s(arrivals: Arrivals, comes_at: Callable[[int], float], seconds: float) -> list[float]:
    """How long each frame waited, taken by a clock that does as it is told; 0 for one that was missed."""
    now, number, waited = 0.013, 0, []
    while now < seconds:
        while comes_at(number) <= now:
            arrivals.add(frame(number), comes_at(number))
            number += 1
        before = arrivals.missed
        arrivals.take(now)
        waited.append(now - comes_at(number - 1) if arrivals.missed == before else 0.0)
        now += FRAME_S - arrivals.early_s()
    return waited


@pytest.mark.parametrize("drift", [0.0, 0.0005, -0.0005])
def test_frames_are_asked_for_just_after_they_come_whatever_clock_the_sender_has(drift: float) -> None:
    arrivals = Arrivals()
    chance = random.Random(7)
    late = [chance.uniform(0, 0.003) for _ in range(10_000)]
    waited = waits_s(arrivals, lambda number: number * FRAME_S * (1 + drift) + late[number], 60)
    assert arrivals.missed <= 1
    assert arrivals.dropped <= 1
    assert sum(waited[500:]) / len(waited[500:]) < SPARE_S + 0.004


def test_a_network_that_holds_frames_up_is_given_more_time() -> None:
    arrivals = Arrivals()
    chance = random.Random(7)
    late = [0.018 if chance.random() < 0.05 else 0.0 for _ in range(10_000)]
    waits_s(arrivals, lambda number: number * FRAME_S + late[number], 100)
    assert arrivals.missed <= 5
