"""The spool: entries on disk, in order, past any death of its process."""

import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicegw.session.spool import Spool, format_entries, left_behind, parse_entries

ENTRIES = [{"kind": "CallOpened", "n": str(number)} for number in range(3)]


@given(st.lists(st.dictionaries(st.text(), st.text(), min_size=1)))
def test_entries_come_back_from_their_lines(entries: list[dict[str, str]]) -> None:
    assert parse_entries(format_entries(entries)) == entries


@given(st.integers(0, len(format_entries(ENTRIES))))
def test_a_file_cut_anywhere_gives_all_entries_that_are_whole(cut: int) -> None:
    data = format_entries(ENTRIES)[:cut]
    found = parse_entries(data)
    assert found == ENTRIES[: len(found)]
    assert len(found) >= data.count(b"\n")


@given(st.binary())
def test_what_is_no_entry_is_passed_over(data: bytes) -> None:
    assert parse_entries(data.replace(b"\n", b"") + b"\n" + format_entries(ENTRIES))[-3:] == ENTRIES


def test_entries_go_out_in_the_order_they_came_in(tmp_path: Path) -> None:
    spool = Spool.new(tmp_path)
    spool.put(ENTRIES[:2])
    entries, taken = spool.peek()
    spool.put(ENTRIES[2:])
    assert entries == ENTRIES[:2]
    spool.advance(taken)
    entries, taken = spool.peek()
    assert entries == ENTRIES[2:]
    spool.advance(taken)
    assert spool.empty
    assert spool.path.stat().st_size == 0


def test_a_line_longer_than_a_read_is_read_whole(tmp_path: Path) -> None:
    spool = Spool.new(tmp_path)
    long = {"text": "x" * 1000}
    spool.put([long, *ENTRIES])
    entries, taken = spool.peek(most_bytes=100)
    assert entries[0] == long
    spool.advance(taken)
    assert entries + spool.peek()[0] == [long, *ENTRIES]


def test_the_file_goes_when_all_is_sent_and_stays_when_not(tmp_path: Path) -> None:
    sent, waiting = Spool.new(tmp_path), Spool.new(tmp_path)
    waiting.put(ENTRIES)
    sent.close()
    waiting.close()
    assert list(tmp_path.iterdir()) == [waiting.path]


def test_only_what_a_dead_process_left_is_taken_over(tmp_path: Path) -> None:
    alive, dead = Spool.new(tmp_path), Spool.new(tmp_path)
    alive.put(ENTRIES[:1])
    dead.put(ENTRIES)
    dead.close()
    found = list(left_behind(tmp_path))
    assert [spool.path for spool in found] == [dead.path]
    assert found[0].peek()[0] == ENTRIES


def test_what_follows_half_a_line_is_not_glued_to_it(tmp_path: Path) -> None:
    (tmp_path / "dead.jsonl").write_bytes(format_entries(ENTRIES[:1]) + b'{"kind": "Cal')
    (spool,) = left_behind(tmp_path)
    spool.put(ENTRIES[1:])
    assert spool.peek()[0] == ENTRIES


def test_a_full_disk_is_told_and_leaves_no_half_lines(tmp_path: Path) -> None:
    spool = Spool.new(tmp_path)
    spool.put(ENTRIES[:1])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (spool.path.stat().st_size + 10, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            spool.put(ENTRIES[1:])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    spool.put(ENTRIES[1:])
    assert spool.path.read_bytes() == format_entries(ENTRIES)
