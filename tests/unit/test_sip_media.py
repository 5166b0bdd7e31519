"""The clock and the line of a call, ticked by hand."""

import pytest

from voicegw.sip import frames
from voicegw.sip.media import CallClock, Line
from voicegw.sip.stats import RtpFacts
from voicegw.wire import link as wire_link
from voicegw.wire.messages import FRAME_BYTES, Frame, Frames, GatherFrames, PlayoutEnded, PlayoutStarted

HEARD = b"\x01\x02" * (FRAME_BYTES // 2)
SPEECH = b"\x03\x04" * (FRAME_BYTES // 2)


def test_ticks_in_time_are_20_ms_apart_and_none_is_late():
    clock = CallClock(began=100.0)
    first = clock.tick(100.5)
    assert [clock.tick(100.5 + 0.02 * n) for n in range(1, 4)] == [first + 20, first + 40, first + 60]
    assert clock.late_frames == 0
    assert abs(first - 500) <= 20


def test_a_tick_more_than_10_ms_after_its_time_is_late_and_the_next_is_not():
    clock = CallClock(began=0.0)
    for at in (1.0, 1.020, 1.052, 1.060):
        clock.tick(at)
    assert clock.late_frames == 1


def test_lateness_is_measured_from_the_most_punctual_tick():
    clock = CallClock(began=0.0)
    for at in (1.009, 1.020, 1.0525):  # the first itself was late
        clock.tick(at)
    assert clock.late_frames == 1


def test_a_clock_that_stalled_for_long_jumps_and_counts_what_it_skipped():
    clock = CallClock(began=0.0)
    before = clock.tick(1.0)
    after = clock.tick(1.6)
    assert after - before == 600
    assert clock.late_frames == 29
    assert clock.tick(1.62) == after + 20


def test_quick_ticks_after_a_short_stall_have_the_times_they_should_have_had():
    clock = CallClock(began=0.0)
    before = clock.tick(1.0)
    caught_up = [clock.tick(1.3 + 0.001 * n) for n in range(15)]
    assert caught_up[-1] == before + 300
    assert clock.tick(1.32) == before + 320
    assert clock.late_frames == 15


def test_a_clock_that_jumped_unseen_is_set_right_within_a_second():
    clock = CallClock(began=0.0)
    clock.tick(1.0)
    for n in range(60):
        clock.tick(1.45 + 0.02 * n)
    assert clock.at_ms == pytest.approx(1450 + 59 * 20, abs=20)


def test_after_hold_time_has_gone_on_and_nothing_was_late():
    clock = CallClock(began=0.0)
    before = clock.tick(1.0)
    clock.rest()
    after = clock.tick(4.0)
    assert after - before == 3000
    assert clock.late_frames == 0


@pytest.fixture
def line():
    return Line(CallClock(began=0.0))


def ticks(line, times, start=1.0):
    for n in range(times):
        line.requested(start + n * 0.02)
        line.received(HEARD)


def messages(link):
    found = []
    while (message := link.receive()) is not None:
        found.append(message)
    return found


def test_a_frame_holds_both_directions_of_one_tick(line):
    ours, theirs = wire_link.pair()
    line.connect(ours)
    line.flow()
    line.command(lambda playout: (playout.add(1, SPEECH), playout.end(1)))
    ticks(line, 2)
    started, ended, first, second = messages(theirs)
    assert (started, ended) == (PlayoutStarted(1, first.at_ms), PlayoutEnded(1, 20, True, first.at_ms + 20))
    assert first == Frame(first.at_ms, HEARD, SPEECH)
    assert second == Frame(first.at_ms + 20, HEARD, b"")


def test_frames_are_gathered_as_the_worker_wants_and_no_answer_overtakes_them(line):
    ours, theirs = wire_link.pair()
    line.connect(ours)
    line.flow()
    line.gather(GatherFrames(3))
    ticks(line, 4)
    line.command(lambda playout: (playout.add(1, SPEECH), playout.end(1)))
    ticks(line, 2, start=1.08)
    line.gather(GatherFrames(1))
    ticks(line, 1, start=1.12)
    three, fourth, started, ended, rest = messages(theirs)
    began = three.frames[0].at_ms
    assert [frame.at_ms - began for frame in three.frames] == [0, 20, 40]
    assert fourth == Frame(began + 60, HEARD, b"")
    assert (type(started), type(ended)) == (PlayoutStarted, PlayoutEnded)
    assert rest == Frames(
        tuple(Frame(began + at, HEARD, played) for at, played in ((80, SPEECH), (100, b""), (120, b"")))
    )


def test_soft_frames_wait_longer_until_one_is_loud(line):
    ours, theirs = wire_link.pair()
    line.connect(ours)
    line.flow()
    line.gather(GatherFrames(2, 5, -50.0))
    loud = b"\x00\x10" * (FRAME_BYTES // 2)
    for n, heard in enumerate([bytes(FRAME_BYTES)] * 8 + [loud, loud, loud, bytes(FRAME_BYTES)]):
        line.requested(1.0 + n * 0.02)
        line.received(heard)
    assert [len(message.frames) for message in messages(theirs)] == [5, 5, 2]


def test_nothing_is_heard_or_played_before_answer_and_on_hold(line):
    ours, theirs = wire_link.pair()
    line.connect(ours)
    line.command(lambda playout: playout.add(1, SPEECH))
    ticks(line, 3)
    assert messages(theirs) == []
    line.flow()
    ticks(line, 1)
    line.stop()
    ticks(line, 3)
    assert [type(message) for message in messages(theirs)] == [PlayoutStarted, Frame]


def test_a_worker_that_does_not_read_loses_frames_but_no_answers_and_blocks_nobody(line):
    ours, theirs = wire_link.pair()
    line.connect(ours)
    line.flow()
    ticks(line, 2000)
    assert line.dropped_frames > 0
    line.command(lambda playout: (playout.add(1, SPEECH), playout.end(1)))
    ticks(line, 2, start=41.0)
    messages(theirs)
    ticks(line, 1, start=41.04)
    assert [type(message) for message in messages(theirs)] == [PlayoutStarted, PlayoutEnded, Frame]


def test_a_worker_that_is_gone_is_no_error_on_the_media_thread(line):
    ours, theirs = wire_link.pair()
    line.connect(ours)
    line.flow()
    theirs.close()
    ticks(line, 3)


def test_a_new_worker_begins_with_an_empty_queue_and_gaps_are_kept(line):
    line.flow()
    line.command(lambda playout: playout.add(7, SPEECH))
    ticks(line, 3)
    line.command(lambda playout: playout.add(7, SPEECH))
    ticks(line, 1, start=1.06)
    assert line.gaps() == (1, 40, 40)
    line.connect(None)
    assert line.gaps() == (1, 40, 40)
    assert line.requested(1.08) is None


def test_streams_of_one_leg_add_up():
    both = RtpFacts(10, 30, 1, 2.0) + RtpFacts(5, 10, 0, 6.0)
    assert both == RtpFacts(15, 40, 1, 3.0)
    assert RtpFacts() + RtpFacts() == RtpFacts()


def test_frames_are_copied_by_the_fast_way_here():
    assert frames.WAY in ("pointer", "method")
