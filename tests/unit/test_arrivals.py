"""Frames that came in bursts, late or not at all are taken one every 20 ms."""

from voicegw.audio.arrivals import MOST_FRAMES, SETTLE_FRAMES, SPARE_FRAMES, Arrivals
from voicegw.wire.messages import FRAME_BYTES


def frame(number: int) -> bytes:
    return bytes([number % 256]) * FRAME_BYTES


def test_pieces_of_any_size_come_out_as_frames_in_order() -> None:
    arrivals = Arrivals()
    whole = frame(1) + frame(2)
    arrivals.add(whole[:100])
    assert arrivals.take() is None
    arrivals.add(whole[100:])
    assert [arrivals.take(), arrivals.take(), arrivals.take()] == [frame(1), frame(2), None]
    assert arrivals.missed == 2


def test_a_burst_is_heard_whole_and_then_caught_up_a_frame_a_second() -> None:
    arrivals = Arrivals()
    for number in range(4):
        arrivals.add(frame(number))
    heard = []
    for number in range(4, 4 + 3 * SETTLE_FRAMES):
        heard.append(arrivals.take())
        arrivals.add(frame(number))
    assert None not in heard
    assert heard[:SETTLE_FRAMES] == [frame(number) for number in range(SETTLE_FRAMES)]
    assert arrivals.dropped == 4 - 1 - SPARE_FRAMES


def test_what_is_hopelessly_late_is_let_go_at_once() -> None:
    arrivals = Arrivals()
    for number in range(MOST_FRAMES + 5):
        arrivals.add(frame(number))
    assert arrivals.take() == frame(5)
    assert arrivals.dropped == 5
