"""Recordings: encrypted, on one clock, silent where a secret was given, whole up to where a writer died."""

import numpy as np
import pytest

from voicegw.recording import files
from voicegw.recording.files import RecordingFile, path_of, read
from voicegw.recording.format import Chunk, RecordingError
from voicegw.recording.notes import ToolNote
from voicegw.recording.track import CHUNK_FRAMES, LEAD_FRAMES, MOST_HELD_FRAMES, Track
from voicegw.session.vault import key_bytes, new_key
from voicegw.wire.messages import FRAME_MS, Frame
from voicegw.worker.recorder import Recorder

KEY = key_bytes(new_key())
LOUD = (np.ones(160) * 8000).astype("<i2").tobytes()
SOFT = (np.ones(160) * 4000).astype("<i2").tobytes()


def feed(track: Track, frames: int, start: int = 0) -> None:
    for number in range(start, start + frames):
        track.add(number * FRAME_MS, LOUD, SOFT)


def loud_frames(chunks: list[Chunk]) -> list[bool]:
    """Frame by frame: is the caller to be heard?"""
    codes = np.frombuffer(b"".join(chunk.samples for chunk in chunks), np.uint8).reshape(-1, 160, 2)
    return [bool((frame[:, 0] != 0xFF).any()) for frame in codes]


def test_chunks_come_second_by_second_and_the_rest_at_the_end():
    track = Track()
    feed(track, 3 * CHUNK_FRAMES)
    assert [chunk.at_ms for chunk in track.take()] == [0, 1000]
    assert [chunk.at_ms for chunk in track.take(all_of_it=True)] == [2000]
    assert track.take(all_of_it=True) == []


def test_what_is_asked_in_secret_is_silent_and_the_clock_goes_on():
    track = Track()
    feed(track, 100)
    track.silence(True)
    feed(track, 100, 100)
    track.silence(False)
    feed(track, 100, 200)
    heard = loud_frames(track.take(all_of_it=True))
    assert heard == [True] * (100 - LEAD_FRAMES) + [False] * (100 + LEAD_FRAMES) + [True] * 100


def test_a_secret_said_unasked_is_silent_from_the_voices_onset():
    track = Track()
    feed(track, 200)
    before = track.take()
    track.hold()
    feed(track, 300, 200)
    assert track.take() == [], "held until the words are known"
    track.release(secret=True)
    feed(track, 50, 500)
    heard = loud_frames(before + track.take(all_of_it=True))
    assert heard == [True] * (200 - LEAD_FRAMES) + [False] * (300 + LEAD_FRAMES) + [True] * 50


def test_harmless_words_are_kept():
    track = Track()
    feed(track, 60)
    track.hold()
    feed(track, 100, 60)
    track.release(secret=False)
    assert all(loud_frames(track.take(all_of_it=True)))


def test_a_voice_without_end_is_not_held_for_ever():
    track = Track()
    track.hold()
    feed(track, MOST_HELD_FRAMES + 500)
    assert len(track.take()) >= 400 // CHUNK_FRAMES


def test_a_recording_comes_back_with_both_sides(tmp_path):
    recorder = Recorder(tmp_path, "call-1", KEY)
    for number in range(120):
        recorder.add(Frame(number * FRAME_MS, LOUD, SOFT if number >= 60 else b""))
    recorder.close()
    pcm = read(tmp_path, "call-1", KEY)
    assert pcm.shape == (120 * 160, 2)
    assert abs(int(pcm[100, 0]) - 8000) < 300
    assert not pcm[: 60 * 160, 1].any()
    assert abs(int(pcm[-1, 1]) - 4000) < 150


def test_another_writer_goes_on_where_one_died_and_the_gap_is_silent(tmp_path):
    first = RecordingFile(tmp_path, "call-1", KEY)
    first.append([Chunk(0, bytes([1, 2]) * 8000)])
    first.close()
    with path_of(tmp_path, "call-1").open("ab") as torn:
        torn.write(b"\0\0\1\0half")
    second = RecordingFile(tmp_path, "call-1", KEY)
    second.append([Chunk(3000, bytes([1, 2]) * 8000)])
    second.close()
    pcm = read(tmp_path, "call-1", KEY)
    assert len(pcm) == 4 * 8000
    assert not pcm[8000:24000].any()
    assert pcm[-1].all()


def test_what_tools_answered_is_kept_beside_the_sound_until_the_call_is_over(tmp_path):
    recorder = Recorder(tmp_path, "call-1", KEY)
    note = ToolNote(1.5, "orders.status", {"order_id": "4567"}, "found", {"state": "shipped"})
    for number in range(100):
        recorder.add(Frame((number + 10) * FRAME_MS, LOUD, SOFT))
        if number == 50:
            recorder.note(note)
    recorder.close()
    recorder.note(note)
    kept = files.read_all(tmp_path, "call-1", KEY)
    assert (kept.begins_ms, len(kept.pcm), kept.notes) == (200, 100 * 160, (note,))


def test_nothing_in_the_file_is_readable_and_only_its_owner_may_try(tmp_path):
    file = RecordingFile(tmp_path, "call-1", KEY)
    file.append([Chunk(0, b"\x11" * 16000)])
    file.close()
    path = path_of(tmp_path, "call-1")
    assert b"\x11" * 4 not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_another_key_a_changed_bit_and_a_chunk_of_another_call_are_refused(tmp_path):
    for call_id in ("call-1", "call-2"):
        file = RecordingFile(tmp_path, call_id, KEY)
        file.append([Chunk(0, bytes(800)), Chunk(50, bytes(800))])
        file.close()
    with pytest.raises(RecordingError, match="another key"):
        read(tmp_path, "call-1", key_bytes(new_key()))
    data = bytearray(path_of(tmp_path, "call-1").read_bytes())
    path_of(tmp_path, "call-2").write_bytes(data)
    with pytest.raises(RecordingError, match="damaged, or from another"):
        read(tmp_path, "call-2", KEY)
    data[-1] ^= 1
    path_of(tmp_path, "call-1").write_bytes(data)
    with pytest.raises(RecordingError, match="chunk 1"):
        read(tmp_path, "call-1", KEY)


@pytest.mark.parametrize("content", [b"", b"RIFF....WAVE", b"VGREC1short"])
def test_what_is_no_recording_says_so(tmp_path, content):
    files.path_of(tmp_path, "x").write_bytes(content)
    with pytest.raises(RecordingError, match="not a recording"):
        read(tmp_path, "x", KEY)
    with pytest.raises(RecordingError, match="no recording of call y"):
        read(tmp_path, "y", KEY)


def test_a_disk_that_cannot_be_written_ends_the_recording_and_not_the_call(tmp_path):
    (tmp_path / "file").write_text("in the way")
    recorder = Recorder(tmp_path / "file", "call-1", KEY)
    for number in range(200):
        recorder.add(Frame(number * FRAME_MS, LOUD, b""))
    recorder.close()
