"""A write runs stage by stage; what fails is tried again as its error asks, and what cannot be finished is undone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import BaseModel

from voicegw.actions.performing import Kept, Outcome, at_once, perform
from voicegw.actions.requests import (
    Effect,
    Retry,
    Stage,
    Tool,
    ToolBusy,
    ToolFailed,
    ToolResult,
    ToolTimeout,
    ToolUnreachable,
    earlier_results,
    idempotency_key,
)

QUICK = {ToolFailed: Retry(tries=3, pause_s=0.001)}


class Table(BaseModel):
    """What is booked."""

    seats: int


class Booked(ToolResult):
    """What came of it."""

    status: str = "done"
    seats: int = 0


@dataclass
class House:
    """A restaurant that remembers, and fails as told."""

    fails: dict[str, list[Exception]] = field(default_factory=dict)
    refuses: str = ""
    log: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def doing(self, what: str) -> Callable[[Table], Any]:
        async def do(table: Table) -> Booked:
            self.keys.append(idempotency_key())
            if self.fails.get(what):
                raise self.fails[what].pop(0)
            if what == self.refuses:
                return Booked(status="refused")
            self.log.append(what)
            return Booked(seats=table.seats)

        return do

    def tool(self, **options: Any) -> Tool:
        stages = (
            Stage("book", self.doing("book"), self.doing("unbook")),
            Stage("pay", self.doing("pay"), self.doing("unpay")),
            Stage("tell", self.doing("tell")),
        )
        return Tool("house.book", Effect.WRITES, Table, Booked, None, 0.5, stages=stages, retries=QUICK, **options)

    async def run(self, **options: Any) -> Outcome:
        return await perform(self.tool(**options), {"seats": 2}, "k", at_once)


async def test_all_stages_run_in_order_each_with_a_key_of_its_own() -> None:
    house = House()
    assert await house.run() == Outcome("done", {"status": "done", "reason": "", "seats": 2}, changed=True)
    assert house.log == ["book", "pay", "tell"]
    assert house.keys == ["k/book", "k/pay", "k/tell"]


async def test_what_may_pass_is_tried_again_with_the_same_key() -> None:
    house = House({"pay": [ToolBusy("later"), ToolUnreachable("gone")]})
    assert (await house.run()).status == "done"
    assert house.keys == ["k/book", "k/pay", "k/pay", "k/pay", "k/tell"]


async def test_what_will_not_pass_is_not_tried_again_and_what_came_before_is_undone() -> None:
    house = House({"pay": [ToolFailed("no such account")]})
    assert await house.run() == Outcome("failed")
    assert house.log == ["book", "unbook"]


async def test_a_refusal_undoes_what_came_before_and_is_the_result() -> None:
    house = House(refuses="pay")
    outcome = await house.run()
    assert (outcome.status, outcome.changed) == ("refused", False)
    assert house.log == ["book", "unbook"]


async def test_a_stage_that_never_answers_is_undone_too_since_it_may_have_been_done() -> None:
    house = House({"pay": [ToolTimeout("?")] * 3})
    assert await house.run() == Outcome("failed")
    assert house.log == ["book", "unpay", "unbook"]


async def test_nobody_knows_when_a_stage_without_undo_never_answers() -> None:
    house = House({"tell": [ToolTimeout("?")] * 3})
    assert await house.run() == Outcome("too_slow", changed=True)


async def test_an_undo_has_the_key_of_what_it_undoes_and_is_tried_again() -> None:
    house = House({"pay": [ToolFailed("no")], "unbook": [ToolBusy("later")]})
    await house.run()
    assert house.keys == ["k/book", "k/pay", "k/book", "k/book"]
    assert house.log == ["book", "unbook"]


async def test_what_cannot_be_undone_is_not_called_a_failure() -> None:
    house = House({"pay": [ToolFailed("no")], "unbook": [ToolFailed("no")]})
    assert await house.run() == Outcome("too_slow", changed=True)


async def test_each_kind_of_error_has_its_own_policy() -> None:
    house = House({"book": [ToolTimeout("?"), ToolTimeout("?")]})
    never = {ToolTimeout: Retry(tries=1), ToolFailed: Retry(tries=5, pause_s=0.001)}
    tool = house.tool()
    policy = Tool(tool.name, tool.effect, Table, Booked, stages=tool.stages, retries=never)
    assert policy.retry_of(ToolTimeout("?")).tries == 1
    assert policy.retry_of(ToolBusy("later")).tries == 5
    assert policy.retry_of(ToolFailed("no")).tries == 1
    assert (await perform(policy, {"seats": 1}, "k", at_once)).status == "failed"


async def test_stages_that_were_kept_are_not_run_again_and_later_ones_see_what_they_gave() -> None:
    kept: dict[str, Kept] = {"book": {"status": "done", "values": {"seats": 7}, "unsure": False}}
    seen: list[object] = []

    async def keep(name: str, run: Callable[[], Any]) -> Kept:
        return kept[name] if name in kept else await run()

    async def pay(table: Table) -> Booked:
        seen.append(earlier_results("book")["seats"])
        return Booked()

    house = House()
    stages = (Stage("book", house.doing("book")), Stage("pay", pay))
    tool = Tool("house.book", Effect.WRITES, Table, Booked, stages=stages)
    assert (await perform(tool, {"seats": 2}, "k", keep)).status == "done"
    assert (house.log, seen) == ([], [7])


async def test_arguments_that_do_not_fit_change_nothing() -> None:
    house = House()
    assert await perform(house.tool(), {"seats": "many"}, "k", at_once) == Outcome("failed")
    assert house.log == []


async def test_a_tool_that_breaks_leaves_nobody_knowing() -> None:
    house = House({"tell": [KeyError("oh")]})
    assert (await house.run()).status == "too_slow"


def test_pauses_double_up_to_the_longest() -> None:
    retry = Retry(tries=9, pause_s=0.5, longest_pause_s=3)
    assert [retry.pause_after_s(tries) for tries in (1, 2, 3, 4)] == pytest.approx([0.5, 1.0, 2.0, 3.0])


def test_outside_of_a_write_there_is_no_key() -> None:
    assert idempotency_key() == ""
    assert not earlier_results("book")
