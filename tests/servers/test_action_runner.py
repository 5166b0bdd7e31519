"""The action runner as a process: killed wherever it hurts, it has done everything once in a real shop."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.servers.shop import Shop, buy, call_of, open_shop, write_integration
from voicegw.actions.inbox import FOLDER, INBOX
from voicegw.call.commands import SendWhenDone
from voicegw.config import Settings, from_values
from voicegw.gateway.actions import ActionRunnerProcess
from voicegw.outcomes.action import ActionRow
from voicegw.outcomes.ledger import Ledger
from voicegw.outcomes.migrate import migrate
from voicegw.worker.writes import Writes

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]


@dataclass
class Desk:
    """A runner, its shop, its ledger, and calls that have things done."""

    shop: Shop
    settings: Settings
    runner: ActionRunnerProcess
    ledger: Ledger

    def call(self) -> Writes:
        return call_of(self.settings.data_dir)

    async def start(self, **shop: object) -> None:
        """Start the runner, or another one with other settings of the shop."""
        values = {"url": self.shop.url, **shop}
        self.runner = ActionRunnerProcess(self.settings.model_copy(update={"integration": {"shop": values}}))
        await self.runner.start()

    async def all_told(self) -> bool:
        return all(row.notice_status == "done" for row in await self.rows())

    async def rows(self) -> list[ActionRow]:
        return await self.ledger.all()


on_each_database = pytest.mark.parametrize("desk", ["sqlite", "postgresql"], indirect=True)
"""Others run on SQLite alone: a runner's start is a matter of seconds."""


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    database = f"sqlite:///{tmp_path / 'calls.sqlite'}"
    if getattr(request, "param", "sqlite") == "postgresql":
        database = await request.getfixturevalue("postgres_server").new_database()
    await migrate(database)
    async with open_shop() as shop:
        integrations = write_integration(tmp_path / "integrations")
        data_dir = tmp_path / "data"
        settings = from_values({"database_url": database, "integrations": integrations, "data_dir": data_dir})
        desk = Desk(shop, settings, ActionRunnerProcess(settings), Ledger(database))
        yield desk
        await desk.runner.stop()
        await desk.ledger.close()


@on_each_database
async def test_a_write_is_stored_done_and_told(desk: Desk) -> None:
    await desk.start()
    result = await desk.call().run(buy("lamp"))
    assert (result.status, result.values["number"]) == ("done", 2)
    (row,) = await desk.rows()
    assert (row.state, row.status, row.question, row.answer) == ("changed", "done", "Shall I buy lamp?", "yes")
    assert [what for what, _, _ in desk.shop.done] == ["book", "pay"]
    assert desk.shop.done[1][2]["booked"] == 1
    assert not list((desk.settings.data_dir / FOLDER / INBOX).iterdir())


async def test_a_yes_that_no_runner_took_yet_is_done_when_one_comes(desk: Desk) -> None:
    waiting = asyncio.create_task(desk.call().run(buy("lamp")))
    await asyncio.sleep(0.3)
    assert not desk.shop.asked_for
    await desk.start()
    assert (await waiting).status == "done"


async def test_killed_inside_stages_it_goes_on_and_everything_is_done_once(desk: Desk) -> None:
    desk.shop.kills_before = {"book": 1}
    desk.shop.kills_after = {"pay": 1}
    await desk.start()
    first_pid = desk.runner.pid
    assert (await desk.call().run(buy("lamp"))).status == "done"
    assert [what for what, _, _ in desk.shop.done] == ["book", "pay"]
    assert desk.runner.pid != first_pid


@on_each_database
async def test_killed_between_stages_it_does_not_do_the_first_again(desk: Desk) -> None:
    desk.shop.fails["pay"] = 10_000
    await desk.start()
    waiting = asyncio.create_task(desk.call().run(buy("lamp")))
    while desk.shop.fails["pay"] == 10_000:
        await asyncio.sleep(0.01)
    books = desk.shop.asked_for["book"]
    os.kill(desk.runner.pid, signal.SIGKILL)
    desk.shop.fails.clear()
    assert (await waiting).status == "done"
    assert (books, desk.shop.asked_for["book"]) == (1, 1)
    assert [what for what, _, _ in desk.shop.done] == ["book", "pay"]


async def test_killed_while_it_undoes_it_goes_on_undoing(desk: Desk) -> None:
    desk.shop.refuses.add("pay")
    desk.shop.kills_after = {"unbook": 1}
    await desk.start()
    assert (await desk.call().run(buy("lamp"))).status == "failed"
    assert [what for what, _, _ in desk.shop.done] == ["book", "unbook"]


@on_each_database
async def test_what_was_promised_goes_out_with_the_result_once(desk: Desk, eventually: Callable[..., Any]) -> None:
    desk.shop.holds.clear()
    await desk.start(time_limit_s=20)
    call = desk.call()
    request = buy("lamp", patience_s=0.5)
    assert (await call.run(request)).status == "too_slow"
    texts = {"done": "Bought {item}, number {number}.", "otherwise": "Not bought."}
    for _ in range(2):
        call.promise(SendWhenDone(request, "shop.send", "joe@example.com", "Your lamp", texts, {"item": "lamp"}))
    await call.stored()
    desk.shop.holds.set()
    await eventually(desk.all_told, 30)
    sent = [body for what, _, body in desk.shop.done if what == "send"]
    assert sent == [{"to": "joe@example.com", "subject": "Your lamp", "body": "Bought lamp, number 2."}]
