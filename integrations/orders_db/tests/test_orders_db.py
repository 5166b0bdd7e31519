"""The order system, on a real database."""

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


async def refund(tools: Toolbox, order_id: str):
    return await tools.run(ActionRequest("2", "orders_db.refund", {"order_id": order_id}, Effect.WRITES))


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
    first, second = await refund(tools, "4567"), await refund(tools, "4567")
    assert (first.status, first.values["amount"]) == ("done", "129.90")
    assert (second.status, second.values["amount"]) == ("already", "129.90")


async def test_an_order_that_is_too_old_is_refused(tools):
    assert (await refund(tools, "7788")).status == "refused"


async def test_two_processes_share_the_orders(tools, tmp_path):
    other = toolbox(tmp_path)
    await refund(tools, "4568")
    assert (await refund(other, "4568")).status == "already"
    await other.close()


async def test_something_that_is_no_order_number_fails(tools):
    assert (await status(tools, "4567'; drop table orders")).status == "failed"


async def test_a_database_that_is_away_is_a_failure_not_a_crash(tmp_path):
    box = toolbox(tmp_path, url="postgresql+asyncpg://nobody@127.0.0.1:1/none")
    assert (await status(box, "4567")).status == "failed"
    assert "cannot reach postgresql+asyncpg://nobody@127.0.0.1:1/none" in (await box.health())["orders_db"]


async def test_without_demo_orders_there_are_only_ones_own(tmp_path):
    box = toolbox(tmp_path, demo_orders=False)
    assert (await status(box, "4567")).status == "not_found"
    await box.close()


def test_a_wrong_setting_is_named():
    with pytest.raises(SettingsError, match=r"integration\.orders_db\.ulr"):
        toolbox(Path(), ulr="x")
