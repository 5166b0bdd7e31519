"""What the caller really hears, found in the audio that arrives at the other end of a real call."""

import numpy as np
import pytest

from voicegw.wire.messages import (
    RATE_HZ,
    ClearPlayout,
    Frame,
    HangUp,
    PausePlayout,
    PlayoutEnded,
    PlayoutPaused,
    PlayoutStarted,
    ResumePlayout,
    Speech,
    SpeechEnded,
)

pytestmark = pytest.mark.calls

MS = RATE_HZ // 1000


def sweep(seconds, low_hz=300.0, high_hz=3000.0):
    """A sound each moment of which is like no other, so that a place in it can be found again."""
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * (low_hz * at + (high_hz - low_hz) / (2 * seconds) * at**2)
    return (8000 * np.sin(phase)).astype("<i2")


def place_of(piece, whole):
    """Where ``piece`` lies in ``whole`` (samples), and how well it fits (0 to 1)."""
    piece, whole = piece.astype(float), whole.astype(float)
    product = np.correlate(whole, piece, "valid")
    energy = np.sqrt(np.convolve(whole**2, np.ones(len(piece)), "valid") * (piece**2).sum() + 1)
    likeness = product / energy
    best = int(likeness.argmax())
    return best, float(likeness[best])


def samples(frames, side):
    return np.frombuffer(b"".join(getattr(frame, side) or bytes(320) for frame in frames), "<i2").astype(float)


@pytest.fixture
def talk(exchange):
    gateway, phone = exchange.cell(), exchange.cell()
    agent, placed = exchange.talk(gateway, phone)
    agent.wait_frames(25)
    return agent, placed.end


def test_every_sample_arrives_and_the_times_that_are_told_are_those_of_the_audio(talk):
    agent, caller = talk
    said = sweep(2.0)
    agent.say(said.tobytes())
    started = agent.expect(PlayoutStarted)
    ended = agent.expect(PlayoutEnded)
    caller.wait_frames(20)
    assert (ended.heard_ms, ended.complete, ended.at_ms - started.at_ms) == (2000, True, 2000)
    heard = caller.heard()
    first, likeness_first = place_of(said[: 200 * MS], heard)
    last, likeness_last = place_of(said[-200 * MS :], heard)
    assert min(likeness_first, likeness_last) > 0.95
    # On a busy machine the far end's jitter buffer grows or shrinks by frames or parts of them meanwhile.
    assert last - first == pytest.approx(1800 * MS, abs=60 * MS)


def test_the_frames_worker_gets_hold_what_was_played_at_their_own_time(talk):
    agent, _ = talk
    said = sweep(1.0)
    agent.say(said.tobytes())
    started = agent.expect(PlayoutStarted)
    agent.expect(PlayoutEnded)
    agent.wait_frames(3)
    playing = [frame for frame in agent.frames() if frame.played]
    assert playing[0].at_ms == started.at_ms
    assert [frame.at_ms - started.at_ms for frame in playing] == list(range(0, 1000, 20))
    assert samples(playing, "played").tolist() == said.tolist()


def test_paused_speech_goes_on_from_the_same_sample_and_nothing_is_lost(talk):
    agent, caller = talk
    said = sweep(2.0)
    agent.say(said.tobytes())
    agent.wait_frames(30)
    agent.send(PausePlayout())
    paused = agent.expect(PlayoutPaused)
    caller.wait_frames(40)
    before = caller.heard()
    agent.send(ResumePlayout())
    ended = agent.expect(PlayoutEnded)
    assert (ended.heard_ms, ended.complete) == (2000, True)
    caller.wait_frames(20)
    after = caller.heard()[len(before) :]
    last_heard, fits = place_of(said[(paused.heard_ms - 100) * MS : paused.heard_ms * MS], before)
    assert fits > 0.95
    assert np.abs(before[last_heard + 130 * MS :]).max() < 200, "silence while paused"
    resumed = said[(paused.heard_ms + 10) * MS : (paused.heard_ms + 110) * MS]
    _, fits = place_of(resumed, after)
    assert fits > 0.95
    rest, _ = place_of(said[-100 * MS :], after)
    start, _ = place_of(resumed, after)
    assert rest - start == pytest.approx((1900 - paused.heard_ms - 10) * MS, abs=2)


def test_a_barge_in_silences_the_caller_within_two_frames_and_says_how_much_was_heard(talk):
    agent, caller = talk
    said = sweep(5.0)
    agent.say(said.tobytes())
    agent.wait_frames(50)
    asked_at_ms = agent.frames()[-1].at_ms
    agent.send(ClearPlayout())
    ended = agent.expect(PlayoutEnded)
    assert not ended.complete
    assert ended.at_ms - asked_at_ms <= 60
    caller.wait_frames(30)
    heard = caller.heard()
    last = int(np.nonzero(np.abs(heard) > 300)[0][-1])
    end_of_heard, fits = place_of(said[(ended.heard_ms - 100) * MS : ended.heard_ms * MS], heard)
    assert fits > 0.95
    assert last - (end_of_heard + 100 * MS) <= 8 * MS, "only the fade comes after what counts as heard"


def test_speech_that_comes_in_pieces_in_time_has_no_gap(talk, exchange):
    agent, caller = talk
    said = sweep(1.6).tobytes()
    for start in range(0, len(said), 3200):
        agent.send(Speech(1, said[start : start + 3200]))
        exchange.pass_time(0.1)
    agent.send(SpeechEnded(1))
    assert agent.expect(PlayoutEnded).heard_ms == 1600
    started = agent.expect(PlayoutStarted)
    assert agent.expect(PlayoutEnded).at_ms - started.at_ms <= 1640
    caller.send(HangUp())
    assert exchange.cells[0].ended()["gap_ms"] <= 40


def test_speech_that_comes_too_late_is_counted_as_a_gap(talk, exchange):
    agent, caller = talk
    said = sweep(0.4).tobytes()
    agent.send(Speech(1, said[:3200]))
    agent.expect(PlayoutStarted)
    agent.wait_frames(25)
    agent.send(Speech(1, said[3200:]), SpeechEnded(1))
    assert agent.expect(PlayoutEnded).complete
    caller.send(HangUp())
    facts = exchange.cells[0].ended()
    assert facts["gaps"] == 1
    assert facts["longest_gap_ms"] == facts["gap_ms"] == pytest.approx(300, abs=80)


def test_sound_needs_less_than_three_frames_from_worker_to_worker(talk, exchange):
    """Codec, RTP, jitter buffer and both cells' clocks together, on a clean line."""
    agent, caller = talk
    click = np.zeros(800, "<i2")
    click[:400] = 12_000 * np.sign(np.sin(np.arange(400) * 2 * np.pi * 500 / RATE_HZ))
    delays_ms = []
    for _ in range(10):
        played, heard = len(agent.got), len(caller.got)
        agent.say(click.tobytes())
        caller.wait_frames(20)
        delays_ms.append(1000 * (onset(caller, heard, "heard") - onset(agent, played, "played")))
    assert float(np.median(delays_ms)) < 60


def onset(end, since, side):
    """When the first loud sample was handed over (monotonic seconds)."""
    for message, arrived in zip(end.got[since:], end.arrived[since:], strict=True):
        if isinstance(message, Frame):
            loud = np.nonzero(np.abs(samples([message], side)) > 3000)[0]
            if len(loud):
                return arrived + loud[0] / RATE_HZ
    raise AssertionError("no click")
