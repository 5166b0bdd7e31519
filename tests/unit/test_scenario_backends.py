"""Backends under test: tools that are noted and answered as a scenario says, and what a call changed in tables."""

import sqlite3
import sys
from pathlib import Path

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import ActionRequest, Effect
from voicegw.config import Settings
from voicegw.qa.scenarios import backend
from voicegw.qa.scenarios.evidence import Changes
from voicegw.qa.scenarios.stand_in import StandIns

ROOT = Path(__file__).parent.parent.parent
STATUS = ActionRequest(1, "orders_db.order_status", {"order_id": "4567"}, Effect.READS)
REFUND = ActionRequest(2, "orders_db.refund", {"order_id": "1234"}, Effect.WRITES)


async def test_tools_answer_as_the_scenario_says_and_every_call_is_noted(tmp_path: Path) -> None:
    stand_ins = StandIns(tmp_path, ROOT / "integrations")
    settings = Settings(data_dir=tmp_path, integrations=stand_ins.integrations)
    tools = Toolbox.load(settings, ["orders_db"])
    stand_ins.begin({STATUS.tool: [{"status": "failed"}, {"status": "not_found"}, {"status": "real"}]})
    statuses = [(await tools.run(STATUS)).status for _ in range(4)]
    before = backend.state(tmp_path)
    refund = await tools.run(REFUND)
    after = backend.state(tmp_path)
    await tools.close()
    assert statuses == ["failed", "not_found", "found", "found"]
    assert refund.status == "done"
    assert [(call.tool, call.status, call.writes) for call in stand_ins.calls()] == [
        *((STATUS.tool, status, False) for status in statuses),
        (REFUND.tool, "done", True),
    ]
    assert backend.difference(before, before) == {}
    (row,) = backend.difference(before, after)["orders.order_refunds"].added
    assert row["order_id"] == "1234"
    stand_ins.begin({})
    assert stand_ins.calls() == ()


def test_what_stands_in_is_read_once_as_the_real_ones_are(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, integrations=StandIns(tmp_path, ROOT / "integrations").integrations)
    Toolbox.load(settings)
    read = dict(sys.modules)
    Toolbox.load(settings)
    assert {name: module for name, module in sys.modules.items() if read.get(name) is not module} == {}


def test_rows_that_come_go_and_change_are_told_by_table(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "shop.sqlite")
    database.executescript(
        "CREATE TABLE items (id INTEGER PRIMARY KEY, left INT); INSERT INTO items VALUES (1, 5), (2, 6)"
    )
    before = backend.state(tmp_path)
    database.executescript("DELETE FROM items WHERE id = 1; UPDATE items SET left = 7 WHERE id = 2; "
                           "INSERT INTO items VALUES (3, 1)")  # fmt: skip
    database.close()
    changes = backend.difference(before, backend.state(tmp_path))
    assert changes == {"shop.items": Changes(({"id": 3, "left": 1},), ({"id": 1, "left": 5},), ({"id": 2, "left": 7},))}
