"""Heartbeats and packets, on given times."""

from voicegw.gateway.cell_watch import GRACE_S, MOST_LOST_WORKERS, MediaWatch, TransferWatch, WorkerWatch


def test_a_worker_hangs_when_its_beats_stop():
    watch = WorkerWatch(hang_s=2.0)
    watch.assigned(10.0)
    watch.beat(10.5 + GRACE_S)
    assert not watch.hangs(12.4 + GRACE_S)
    assert watch.hangs(12.6 + GRACE_S)


def test_a_new_worker_has_time_for_its_first_beat():
    watch = WorkerWatch(hang_s=1.0)
    watch.assigned(10.0)
    assert not watch.hangs(10.0 + GRACE_S + 0.9)
    assert watch.hangs(10.0 + GRACE_S + 1.1)


def test_nobody_hangs_where_nobody_was_assigned():
    watch = WorkerWatch(hang_s=1.0)
    watch.beat(1.0)  # an outbound call's program may beat or not
    assert not watch.hangs(100.0)


def test_a_lost_worker_is_not_hanging_and_too_many_are_hopeless():
    watch = WorkerWatch(hang_s=1.0)
    for _ in range(MOST_LOST_WORKERS):
        assert not watch.hopeless
        watch.assigned(0.0)
        watch.gone()
        assert not watch.hangs(100.0)
    assert watch.hopeless


def test_media_that_never_comes_or_stops_is_noticed():
    watch = MediaWatch(timeout_s=5.0)
    assert not watch.silent_too_long(0, now=1.0)
    assert not watch.silent_too_long(0, now=5.9)
    assert watch.silent_too_long(0, now=6.0)
    assert not watch.silent_too_long(50, now=6.5)
    assert watch.silent_too_long(50, now=11.5)


def test_on_hold_nobody_needs_to_send():
    watch = MediaWatch(timeout_s=5.0)
    watch.silent_too_long(50, now=1.0)
    watch.rest()
    assert not watch.silent_too_long(50, now=100.0)
    assert watch.silent_too_long(50, now=105.0)


def test_a_transfer_that_rings_too_long_has_failed_once():
    watch = TransferWatch()
    watch.asked(25.0, 10.0)
    assert watch.pending
    assert watch.notified(180, final=False)
    assert not watch.overdue(34.9)
    assert watch.overdue(35.1)
    assert not watch.overdue(36.0)
    assert not watch.pending
    assert watch.outcome == ""


def test_a_failure_is_told_once_when_it_comes_after_the_ring_timeout():
    watch = TransferWatch()
    watch.asked(5.0, 0.0)
    watch.notified(100, final=False)
    assert watch.overdue(6.0)
    assert not watch.notified(486, final=True)


def test_an_answer_after_the_ring_timeout_still_counts():
    watch = TransferWatch()
    watch.asked(5.0, 0.0)
    assert watch.overdue(6.0)
    assert watch.notified(200, final=True)
    assert watch.outcome == "confirmed"


def test_the_other_side_may_leave_as_soon_as_it_has_accepted():
    watch = TransferWatch()
    assert watch.outcome == ""
    watch.asked(25.0, 0.0)
    assert watch.outcome == "", "a BYE that crossed our REFER is a caller who hung up"
    watch.notified(100, final=False)
    assert watch.outcome == "accepted"
    watch.notified(486, final=True)
    assert watch.outcome == ""


def test_a_second_transfer_begins_anew():
    watch = TransferWatch()
    watch.asked(25.0, 0.0)
    watch.notified(486, final=True)
    watch.asked(25.0, 30.0)
    assert watch.pending
    assert watch.outcome == ""
    assert watch.notified(180, final=False)


def test_how_late_sound_reached_the_worker_is_told_once() -> None:
    watch = WorkerWatch(2.0)
    watch.assigned(0.0)
    watch.beat(0.5, 12.0)
    watch.beat(1.0, 3.0)
    assert (watch.take_late_ms(), watch.take_late_ms()) == (12.0, 0.0)


def test_what_a_worker_sent_while_it_waited_takes_no_grace_away() -> None:
    watch = WorkerWatch(hang_s=2.0)
    watch.assigned(10.0)
    watch.beat(10.0)
    assert not watch.hangs(10.0 + GRACE_S + 1.9)
    assert watch.hangs(10.0 + GRACE_S + 2.1)
