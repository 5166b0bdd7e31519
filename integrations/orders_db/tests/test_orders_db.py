"""The order system, on a real database."""

import asyncio
from datetime import date, timedelta
from pathlib import Path

import pytest

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import ActionRequest, Effect
from voicegw.config import from_values
from voicegw.errors import SettingsError

INTEGRATIONS = Path(__file__).parents[2]


def toolbox(data_dir: Path, **settings) -> Toolbox:
    return Toolbox.load(
        from_values(
            {"integrations": INTEGRATIONS, "data_dir": data_dir, "integration": {"orders_db": settings}},
        ),
        ["orders_db"],
    )


@pytest.fixture
async def tools(tmp_path):
    box = toolbox(tmp_path)
    yield box
    await box.close()


async def status(tools: Toolbox, order_id: str):
    return await tools.run(ActionRequest("1", "orders_db.order_status", {"order_id": order_id}))


async def refund(tools: Toolbox, order_id: str, key: str = ""):
    return await tools.run(ActionRequest("2", "orders_db.refund", {"order_id": order_id}, Effect.WRITES), key)


async def test_order_4567_has_shipped_and_comes_on_a_thursday(tools):
    result = await status(tools, "4567")
    assert result.status == "found"
    assert result.values["state"] == "shipped"
    arrives = date.fromisoformat(str(result.values["arrives"]))
    assert arrives.weekday() == 3
    assert date.today() < arrives <= date.today() + timedelta(days=7)


async def test_an_unknown_order_is_not_found(tools):
    assert (await status(tools, "9999")).status == "not_found"


async def test_a_refund_is_done_once(tools):
    first, second = await refund(tools, "4567", "call-1"), await refund(tools, "4567", "call-2")
    assert (first.status, first.values["amount"]) == ("done", "129.90")
    assert (second.status, second.values["amount"]) == ("already", "129.90")


async def test_the_same_request_tried_again_is_done_and_not_done_twice(tools):
    first, again = await refund(tools, "4567", "call-7 refund"), await refund(tools, "4567", "call-7 refund")
    assert [first.status, again.status] == ["done", "done"]
    assert again.values["amount"] == "129.90"
    assert (await refund(tools, "4567", "call-8 refund")).status == "already"


async def test_of_many_at_once_one_refunds_and_all_know_the_amount(tools, tmp_path):
    other = toolbox(tmp_path)
    results = await asyncio.gather(
        *(refund(box, "4567", f"call-{number}") for number, box in enumerate((tools, other) * 4))
    )
    assert sorted(result.status for result in results) == ["already"] * 7 + ["done"]
    assert {result.values["amount"] for result in results} == {"129.90"}
    await other.close()


async def test_an_order_that_is_too_old_is_refused_with_a_reason(tools):
    result = await refund(tools, "7788")
    assert (result.status, "too long ago" in result.values["reason"]) == ("refused", True)


async def test_two_processes_share_the_orders(tools, tmp_path):
    other = toolbox(tmp_path)
    await refund(tools, "4568", "call-1")
    assert (await refund(other, "4568", "call-2")).status == "already"
    await other.close()


async def test_something_that_is_no_order_number_fails(tools):
    assert (await status(tools, "4567'; drop table orders")).status == "failed"


async def test_a_database_that_is_away_is_a_failure_not_a_crash(tmp_path):
    box = toolbox(tmp_path, url="postgresql+asyncpg://nobody@127.0.0.1:1/none")
    assert (await status(box, "4567")).status == "failed"
    assert "cannot reach postgresql+asyncpg://nobody@127.0.0.1:1/none" in (await box.health())["orders_db"]


async def test_a_database_of_ones_own_gets_no_demo_unasked(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'own.sqlite'}"
    box, asked = toolbox(tmp_path, url=url), toolbox(tmp_path, url=url, demo=True)
    assert (await status(box, "4567")).status == "not_found"
    assert (await status(asked, "4567")).status == "found"
    await box.close()
    await asked.close()


async def test_without_demo_there_are_only_ones_own(tmp_path):
    box = toolbox(tmp_path, demo=False)
    assert (await status(box, "4567")).status == "not_found"
    await box.close()


def test_a_wrong_setting_is_named():
    with pytest.raises(SettingsError, match=r"integration\.orders_db\.ulr"):
        toolbox(Path(), ulr="x")
