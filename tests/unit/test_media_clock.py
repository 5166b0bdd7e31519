"""The media clock of a call goes by the frames that came earliest."""

import time

from voicegw.wire.messages import FRAME_MS
from voicegw.worker.clock import MediaClock


def test_a_frame_that_comes_late_does_not_move_the_clock_and_is_told_once() -> None:
    clock = MediaClock()
    clock.on_frame(0)
    began = clock.now_ms()
    time.sleep(0.06)
    clock.on_frame(FRAME_MS)  # it was due 20 ms after the first
    assert 35 < clock.take_late_ms() < 200
    assert clock.take_late_ms() == 0.0
    assert clock.now_ms() - began > 55


def test_a_clock_that_has_waited_begins_with_its_call() -> None:
    clock = MediaClock()
    time.sleep(0.05)
    clock.begin()
    clock.on_frame(40)
    assert 60 <= clock.now_ms() < 100
    assert clock.take_late_ms() == 0.0


def test_behind_a_frame_that_is_in_time_no_other_can_wait() -> None:
    clock = MediaClock()
    clock.on_frame(1000)
    assert clock.is_new(1000)
    assert not clock.is_new(1000 - 2 * FRAME_MS)
