"""The outbox: facts leave in order, or wait on disk; never in anybody's way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from voicegw.errors import ServerAway
from voicegw.session import outbox as outbox_module
from voicegw.session.outbox import Outbox
from voicegw.session.spool import Entry, left_behind


class Line:
    """The other side: takes entries, is away, or never answers."""

    def __init__(self) -> None:
        self.got: list[Entry] = []
        self.away = False
        self.stuck = asyncio.Event()
        self.stuck.set()
        self.tries = 0

    async def send(self, entries: Sequence[Entry]) -> None:
        self.tries += 1
        await self.stuck.wait()
        if self.away:
            raise ServerAway("away")
        self.got += entries


def entry(number: int) -> Entry:
    return {"n": str(number)}


def entries(*numbers: int) -> list[Entry]:
    return [entry(number) for number in numbers]


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
async def outbox(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Outbox]:
    monkeypatch.setattr(outbox_module, "FIRST_RETRY_S", 0.01)
    monkeypatch.setattr(outbox_module, "LAST_RETRY_S", 0.02)
    box = Outbox(line.send, tmp_path)
    yield box
    await box.close(0.0)


async def until_drained(box: Outbox) -> None:
    while box.spooled:
        await asyncio.sleep(0.001)


async def test_entries_are_sent_in_order(outbox: Outbox, line: Line) -> None:
    for number in range(5):
        outbox.put(entry(number))
    assert await outbox.flush(1.0)
    assert line.got == entries(0, 1, 2, 3, 4)


async def test_put_returns_at_once_though_nobody_answers(outbox: Outbox, line: Line) -> None:
    line.stuck.clear()
    outbox.put(entry(0))
    assert not await outbox.flush(0.01)
    line.stuck.set()
    assert await outbox.flush(1.0)


async def test_what_is_not_taken_waits_on_disk_and_leaves_in_order_later(outbox: Outbox, line: Line) -> None:
    line.away = True
    for number in range(3):
        outbox.put(entry(number))
        assert await outbox.flush(1.0)
    assert outbox.spooled
    line.away = False
    outbox.put(entry(3))
    await until_drained(outbox)
    outbox.put(entry(4))
    assert await outbox.flush(1.0)
    assert line.got == entries(0, 1, 2, 3, 4)


async def test_what_is_spooled_leaves_by_itself_once_the_line_is_back(outbox: Outbox, line: Line) -> None:
    line.away = True
    outbox.put(entry(0))
    assert await outbox.flush(1.0)
    line.away = False
    await asyncio.wait_for(until_drained(outbox), 2.0)
    assert line.got == entries(0)


async def test_a_line_that_stays_away_is_tried_ever_more_seldom(outbox: Outbox, line: Line) -> None:
    line.away = True
    outbox.put(entry(0))
    await outbox.flush(1.0)
    for number in range(200):
        outbox.put(entry(number))
        await outbox.flush(1.0)
    assert line.tries < 100


async def test_closing_while_nobody_answers_leaves_all_on_disk(tmp_path: Path, line: Line) -> None:
    line.stuck.clear()
    box = Outbox(line.send, tmp_path)
    for number in range(3):
        box.put(entry(number))
    await box.close(within_s=0.02)
    (left,) = left_behind(tmp_path)
    assert left.peek()[0] == entries(0, 1, 2)


async def test_closing_sends_what_waits_and_leaves_no_file(tmp_path: Path, line: Line) -> None:
    box = Outbox(line.send, tmp_path)
    box.put(entry(0))
    await box.close()
    assert line.got == entries(0)
    assert not list(tmp_path.iterdir())


async def test_without_redis_or_disk_the_oldest_go_and_are_counted(
    tmp_path: Path, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "MOST_WAITING", 3)
    line.stuck.clear()
    box = Outbox(line.send, tmp_path)
    for number in range(5):
        box.put(entry(number))
    assert box.dropped == 2
    line.stuck.set()
    await box.close()
    assert line.got == entries(2, 3, 4)


async def test_a_folder_that_cannot_be_written_loses_nothing_while_memory_lasts(tmp_path: Path, line: Line) -> None:
    (tmp_path / "file").write_text("no folder")
    box = Outbox(line.send, tmp_path / "file")
    line.away = True
    for number in range(3):
        box.put(entry(number))
    assert not await box.flush(0.05)
    line.away = False
    assert await box.flush(2.0)
    assert line.got == entries(0, 1, 2)
    await box.close()
