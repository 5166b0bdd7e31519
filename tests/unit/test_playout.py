"""The playout queue, pulled by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegw.audio import playout as module
from voicegw.audio.playout import FADE_SAMPLES, Playout
from voicegw.wire.messages import FRAME_BYTES, PlayoutEnded, PlayoutPaused, PlayoutStarted

FRAME_SAMPLES = FRAME_BYTES // 2


def ramp(samples, start=1000):
    """Each sample is different, so that any cut shows."""
    return np.arange(start, start + samples, dtype="<i2").tobytes()


def loud(samples, value=8000):
    return np.full(samples, value, dtype="<i2").tobytes()


class Player:
    """A playout queue with its clock."""

    def __init__(self):
        self.queue = Playout()
        self.at_ms = 0
        self.events = []

    def pull(self, times=1):
        """Samples of so many frames, silence as zeros."""
        out = b""
        for _ in range(times):
            out += self.queue.pull(self.at_ms) or bytes(FRAME_BYTES)
            self.at_ms += 20
            self.events += self.queue.events()
        return np.frombuffer(out, dtype="<i2").astype(int)

    def say(self, number, pcm):
        self.queue.add(number, pcm)
        self.queue.end(number)


@pytest.fixture
def player():
    return Player()


def test_an_utterance_is_played_whole_and_told_at_both_ends(player):
    player.say(1, ramp(400))
    heard = player.pull(4)
    assert heard[:400].tolist() == list(range(1000, 1400))
    assert not heard[400:].any()
    assert player.events == [PlayoutStarted(1, 0), PlayoutEnded(1, 50, True, 50)]


def test_an_idle_queue_gives_none_so_that_nothing_needs_to_be_copied(player):
    assert player.queue.pull(0) is None
    assert player.queue.idle


def test_utterances_follow_each_other_without_a_sample_between_them(player):
    player.say(1, ramp(200))
    player.say(2, ramp(200, start=5000))
    heard = player.pull(3)
    assert heard[:400].tolist() == [*range(1000, 1200), *range(5000, 5200)]
    assert player.events == [
        PlayoutStarted(1, 0),
        PlayoutEnded(1, 25, True, 25),
        PlayoutStarted(2, 25),
        PlayoutEnded(2, 25, True, 50),
    ]


def test_the_end_is_told_only_when_no_more_can_come(player):
    player.queue.add(1, ramp(160))
    player.pull(2)
    assert player.events == [PlayoutStarted(1, 0)]
    player.queue.end(1)
    player.pull()
    assert player.events[-1] == PlayoutEnded(1, 20, True, 40)
    assert player.queue.gaps == 0, "a late end is no gap: all of it had been heard"


def test_pause_tells_what_was_heard_and_resume_goes_on_from_the_same_sample(player):
    player.say(1, ramp(1600))
    before = player.pull(2)
    player.queue.pause()
    pause = player.pull(3)
    assert player.events[-1] == PlayoutPaused(1, 40, 40)
    player.queue.resume()
    after = player.pull(9)
    assert before.tolist() == list(range(1000, 1320))
    assert not pause[FADE_SAMPLES:].any()
    assert after[FADE_SAMPLES : 1600 - 320].tolist() == list(range(1320 + FADE_SAMPLES, 2600))
    assert player.events[-1] == PlayoutEnded(1, 200, True, 100 + 160)


def test_neither_pause_nor_resume_nor_clear_clicks(player):
    player.say(1, loud(3200))
    heard = [player.pull(2)]
    player.queue.pause()
    heard.append(player.pull(2))
    player.queue.resume()
    heard.append(player.pull(2))
    player.queue.clear()
    heard.append(player.pull(2))
    steps = np.abs(np.diff(np.concatenate(heard)))
    assert steps.max() <= 8000 / FADE_SAMPLES + 2


def test_what_comes_while_paused_waits(player):
    player.queue.pause()
    player.say(1, ramp(160))
    assert not player.pull(2).any()
    assert player.events == []
    player.queue.resume()
    player.pull(2)
    assert player.events == [PlayoutStarted(1, 40), PlayoutEnded(1, 20, True, 60)]


def test_pause_before_the_first_sample_says_zero_heard(player):
    player.say(1, ramp(160))
    player.queue.pause()
    assert not player.pull().any()
    assert player.events == [PlayoutPaused(1, 0, 0)]
    player.queue.resume()
    assert player.pull().tolist() == list(range(1000, 1160)), "nothing had sounded: nothing to fade in"


def test_a_pause_taken_back_before_a_frame_was_due_leaves_no_trace(player):
    player.say(1, ramp(480))
    player.pull()
    player.queue.pause()
    player.queue.resume()
    assert player.pull().tolist() == list(range(1160, 1320))
    assert player.events == [PlayoutStarted(1, 0)]


def test_pausing_twice_is_told_once(player):
    player.say(1, ramp(480))
    player.pull()
    player.queue.pause()
    player.queue.pause()
    player.pull()
    player.queue.pause()
    player.pull()
    assert [event for event in player.events if isinstance(event, PlayoutPaused)] == [PlayoutPaused(1, 20, 20)]


def test_clear_answers_for_each_utterance_in_the_queue(player):
    player.say(1, ramp(480))
    player.say(2, ramp(480))
    player.pull()
    player.queue.clear()
    player.pull()
    assert player.events[1:] == [PlayoutEnded(1, 20, False, 20), PlayoutEnded(2, 0, False, 20)]
    assert player.queue.idle


def test_clear_while_paused_is_silent_and_lifts_the_pause(player):
    player.say(1, ramp(480))
    player.pull()
    player.queue.pause()
    player.pull(2)
    player.queue.clear()
    player.say(2, ramp(160, start=7000))
    assert player.pull().tolist() == list(range(7000, 7160))
    assert player.events[-3:] == [PlayoutEnded(1, 20, False, 60), PlayoutStarted(2, 60), PlayoutEnded(2, 20, True, 80)]


def test_pause_and_clear_at_once_are_one_end_and_no_pause(player):
    player.say(1, ramp(480))
    player.pull()
    player.queue.pause()
    player.queue.clear()
    player.pull()
    assert player.events[1:] == [PlayoutEnded(1, 20, False, 20)]


def test_pieces_of_a_cleared_utterance_that_come_late_are_not_played(player):
    player.queue.add(1, ramp(320))
    player.pull()
    player.queue.clear()
    player.queue.add(1, ramp(320))
    player.queue.end(1)
    player.pull()
    assert not player.pull(3).any()
    assert player.events[1:] == [PlayoutEnded(1, 20, False, 20)]


def test_what_is_said_right_after_clear_is_kept(player):
    player.say(1, loud(480))
    player.pull()
    player.queue.clear()
    player.say(2, ramp(320, start=7000))
    heard = player.pull(3)
    assert heard[160:480].tolist() == list(range(7000, 7320))


def test_a_late_piece_is_counted_as_a_gap_and_speech_goes_on(player):
    player.queue.add(1, loud(240))
    player.pull(3)
    player.say(1, loud(240))
    player.pull(3)
    assert (player.queue.gaps, player.queue.gap_ms, player.queue.longest_gap_ms) == (1, 30, 30)
    assert player.events == [PlayoutStarted(1, 0), PlayoutEnded(1, 60, True, 90)]


def test_a_gap_does_not_click_either(player):
    player.queue.add(1, loud(200))
    heard = [player.pull(2)]
    player.say(1, loud(400))
    heard.append(player.pull(1))
    steps = np.abs(np.diff(np.concatenate(heard)))
    assert steps.max() <= 8000 / FADE_SAMPLES + 2


def test_waiting_for_the_first_piece_is_no_gap(player):
    player.queue.add(1, b"")
    player.pull(5)
    player.say(1, loud(160))
    player.pull()
    assert player.queue.gaps == 0


def test_a_newer_utterance_ends_an_older_one_that_nobody_ended(player):
    player.queue.add(1, ramp(160))
    player.say(2, ramp(160, start=5000))
    assert player.pull(2).tolist() == [*range(1000, 1160), *range(5000, 5160)]
    assert [type(event) for event in player.events] == [PlayoutStarted, PlayoutEnded] * 2


def test_an_empty_utterance_is_over_at_once(player):
    player.queue.end(1)
    player.pull()
    assert player.events == [PlayoutEnded(1, 0, True, 0)]


def test_a_worker_gone_wild_does_not_fill_the_memory(player, monkeypatch):
    monkeypatch.setattr(module, "MOST_QUEUED_BYTES", 1000)
    player.queue.add(1, bytes(900))
    player.queue.add(1, bytes(200))
    assert player.queue.refused_bytes == 200


@given(st.lists(st.sampled_from(["add", "end", "pause", "resume", "clear", "pull", "next"]), max_size=60))
def test_whatever_is_asked_in_whatever_order_each_utterance_ends_exactly_once(steps):
    player = Player()
    number = 1
    for step in steps:
        match step:
            case "add":
                player.queue.add(number, ramp(250))
            case "end":
                player.queue.end(number)
            case "next":
                number += 1
            case "pull":
                player.pull()
            case _:
                getattr(player.queue, step)()
    player.queue.resume()
    for one in range(1, number + 1):
        player.queue.end(one)
    player.pull(60 * 2)
    ended = [event.utterance for event in player.events if isinstance(event, PlayoutEnded)]
    started = [event.utterance for event in player.events if isinstance(event, PlayoutStarted)]
    assert player.queue.idle
    assert len(ended) == len(set(ended))
    assert set(started) <= set(ended)
    assert len(started) == len(set(started))
