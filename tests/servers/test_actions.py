"""What the action runner takes and what it refuses, with a real shop and a ledger on each kind of database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.servers.shop import Shop, buy, call_of, open_shop, write_integration
from voicegw.actions.answering import answer_at
from voicegw.actions.inbox import FOLDER, INBOX, SOCKET
from voicegw.actions.performing import at_once
from voicegw.actions.registry import Toolbox
from voicegw.actions.runner import ActionRunner
from voicegw.call.commands import SendWhenDone
from voicegw.config import from_values
from voicegw.outcomes.action import ActionRow
from voicegw.outcomes.ledger import Ledger
from voicegw.wire.place import socket_place
from voicegw.worker.writes import Writes

pytestmark = pytest.mark.servers


@dataclass
class Desk:
    """A runner that begins work at once, its shop, its ledger, and calls that have things done."""

    shop: Shop
    data_dir: Path
    ledger: Ledger

    def call(self, call_id: str = "c1", caller: str = "+15550111") -> Writes:
        return call_of(self.data_dir, call_id, caller)

    async def rows(self) -> list[ActionRow]:
        return await self.ledger.all()

    @asynccontextmanager
    async def running(self, **shop: object) -> AsyncIterator[None]:
        values = {"shop": {"url": self.shop.url, **shop}}
        tools = Toolbox.load(from_values({"integrations": self.data_dir / "integrations", "integration": values}))
        begun: dict[str, asyncio.Task[None]] = {}

        async def start(work: str) -> None:
            if work not in begun:
                begun[work] = asyncio.create_task(runner.work(work, at_once))

        folder = self.data_dir / FOLDER
        runner = ActionRunner("me", folder / INBOX, tools, self.ledger, {}, start)
        server = await answer_at(socket_place(folder, SOCKET), runner.result)
        running = asyncio.create_task(runner.run())
        yield
        running.cancel()
        server.close()
        await asyncio.gather(*begun.values())
        await tools.close()


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    write_integration(tmp_path / "integrations")
    ledger = Ledger(database)
    async with open_shop() as shop:
        yield Desk(shop, tmp_path, ledger)
    await ledger.close()


async def test_the_same_yes_told_twice_is_one(desk: Desk) -> None:
    async with desk.running():
        results = await asyncio.gather(*(desk.call().run(buy("lamp")) for _ in range(3)))
        assert {result.status for result in results} == {"done"}
        assert desk.shop.count("pay") == 1
        assert len(await desk.rows()) == 1


async def test_the_same_subject_from_another_call_finds_the_first(desk: Desk) -> None:
    async with desk.running():
        calls = [desk.call(f"c{number}") for number in range(4)]
        results = await asyncio.gather(*(call.run(buy("lamp", number)) for number, call in enumerate(calls)))
        assert [result.status for result in results] == ["done"] * 4
        assert {result.values["number"] for result in results} == {2}
        assert (desk.shop.count("book"), desk.shop.count("pay")) == (1, 1)
        assert sorted(row.state for row in await desk.rows()) == ["changed", "repeat", "repeat", "repeat"]


async def test_what_was_refused_may_be_asked_for_again(desk: Desk) -> None:
    desk.shop.refuses.add("pay")
    async with desk.running():
        first = await desk.call().run(buy("lamp"))
        assert (first.status, desk.shop.count("book"), desk.shop.count("unbook")) == ("failed", 1, 1)
        desk.shop.refuses.clear()
        assert (await desk.call().run(buy("lamp", 2))).status == "done"
        assert [row.state for row in await desk.rows()] == ["unchanged", "changed"]


async def test_an_answer_that_comes_too_late_is_asked_for_again_and_done_once(desk: Desk) -> None:
    desk.shop.answers_late = {"book": 1, "pay": 1}
    async with desk.running(time_limit_s=0.5):
        assert (await desk.call().run(buy("lamp"))).status == "done"
        assert [what for what, _, _ in desk.shop.done] == ["book", "pay"]


async def test_a_shop_that_is_away_for_a_while_is_waited_for(desk: Desk) -> None:
    desk.shop.fails = {"book": 3, "pay": 2}
    async with desk.running():
        assert (await desk.call().run(buy("lamp"))).status == "done"
        assert (desk.shop.count("book"), desk.shop.count("pay")) == (1, 1)


async def test_a_policy_refuses_before_anything_is_sent(desk: Desk) -> None:
    async with desk.running():
        policy = {"amount": {"value": "price", "most": "50"}}
        result = await desk.call().run(buy("lamp", policy=policy, values={"price": "50.01"}))
        assert (result.status, result.values["refused_for"]) == ("refused", "amount")
        assert not desk.shop.asked_for
        assert (await desk.call().run(buy("lamp", 2, policy=policy, values={"price": "49.99"}))).status == "done"


async def test_a_caller_may_do_it_only_so_often(desk: Desk) -> None:
    async with desk.running():
        policy = {"per_caller": {"most": 2}}
        items = ["lamp", "chair", "table"]
        results = [await desk.call().run(buy(item, number, policy=policy)) for number, item in enumerate(items)]
        assert [result.status for result in results] == ["done", "done", "refused"]
        assert (await desk.call("c2", "+15550222").run(buy("table", policy=policy))).status == "done"


async def test_a_promise_made_when_it_was_done_already_is_kept(desk: Desk, eventually: Callable[..., Any]) -> None:
    async with desk.running():
        call, request = desk.call(), buy("lamp")
        await call.run(request)
        call.promise(SendWhenDone(request, "shop.send", "joe", "s", {"otherwise": "Number {number}."}, {}))
        await eventually(lambda: desk.shop.count("send"), 30)


async def test_what_cannot_be_read_is_set_aside_and_stops_nobody(desk: Desk) -> None:
    folder = desk.data_dir / FOLDER / INBOX
    folder.mkdir(parents=True)
    (folder / "0.json").write_text("{", encoding="utf-8")
    async with desk.running():
        assert (await desk.call().run(buy("lamp"))).status == "done"
        assert [file.name for file in folder.iterdir()] == ["0.refused"]
