"""In a rehearsal a write is judged, and answered as if it were done."""

from decimal import Decimal
from typing import Literal

import pytest
from pydantic import BaseModel

from voicegw.actions.registry import Toolbox
from voicegw.actions.rehearsal import Rehearsal
from voicegw.actions.requests import Effect, Integration, Tool, ToolResult
from voicegw.call.commands import ActionRequest, Consent
from voicegw.dialplan.policy import Policy
from voicegw.worker.hands import by_effect


class Order(BaseModel):
    number: int


class Refund(ToolResult):
    status: Literal["not_found", "done", "already"] = "done"
    amount: Decimal = Decimal(0)


class Receipt(ToolResult):
    status: Literal["done"] = "done"
    reference: int


sent: list[Order] = []


async def refund(order: Order) -> Refund:
    sent.append(order)
    return Refund(amount=Decimal(7))


TOOLS = Toolbox(
    [
        Integration(
            "shop",
            (
                Tool("shop.refund", Effect.WRITES, Order, Refund, refund),
                Tool("shop.receipt", Effect.WRITES, Order, Receipt, refund),
                Tool("shop.look", Effect.READS, Order, Refund, refund),
            ),
        )
    ]
)


def request(tool: str, amount: str = "12.50", effect: Effect = Effect.WRITES, number: object = 4567) -> ActionRequest:
    consent = Consent("Shall I?", "yes", {"amount": amount}, {"amount": {"value": "amount", "most": 200}})
    return ActionRequest("a1", tool, {"number": number}, effect, consent if effect is Effect.WRITES else None)


@pytest.fixture
def run():
    sent.clear()
    limits = {"shop.receipt": Policy.model_validate({"amount": {"value": "amount", "most": 10}})}
    return by_effect(TOOLS, Rehearsal(TOOLS, limits).run)


async def test_a_write_is_said_to_be_done_with_what_is_known_and_not_sent(run):
    result = await run(request("shop.refund"))
    assert (result.status, result.values["amount"], sent) == ("done", "12.50", [])


async def test_what_is_looked_up_is_looked_up(run):
    result = await run(request("shop.look", effect=Effect.READS))
    assert (result.status, result.values["amount"], sent) == ("done", "7", [Order(number=4567)])


@pytest.mark.parametrize(("tool", "amount"), [("shop.refund", "200.01"), ("shop.receipt", "10.50")])
async def test_it_is_refused_by_the_policies_of_dialplan_and_settings(run, tool, amount):
    result = await run(request(tool, amount))
    assert (result.status, result.values["refused_for"]) == ("refused", "amount")


async def test_values_that_nobody_knows_are_left_out(run):
    result = await run(request("shop.receipt", "5"))
    assert (result.status, result.values) == ("done", {"status": "done"})


async def test_wrong_arguments_and_a_write_that_nobody_confirmed_fail(run):
    assert (await run(request("shop.refund", number="many"))).status == "failed"
    assert (await run(request("shop.refund", effect=Effect.READS))).status == "failed"
    assert not sent
