"""Charges and refunds through the stripe package, against a server that speaks Stripe's API."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import stripe

from voicegw.actions.registry import Toolbox
from voicegw.call.commands import ActionRequest
from voicegw.config import from_values
from voicegw.errors import SettingsError

from .stripe_server import KEY, World, serving

pytestmark = pytest.mark.servers
INTEGRATIONS = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server():
    with serving() as world:
        yield world


@pytest.fixture
def world(server: World):
    server.faults, server.replayed, server.forgets_keys = [], 0, False
    return server


@pytest.fixture
def client(world: World):
    """What the shop itself does at Stripe."""
    return stripe.StripeClient(KEY, base_addresses={"api": world.url}, max_network_retries=0)


@pytest.fixture
async def tools(world: World):
    box = toolbox(world)
    yield box
    await box.close()


def toolbox(world: World, **settings: Any) -> Toolbox:
    own = {"api_key": KEY, "url": world.url, **settings}
    return Toolbox.load(
        from_values({"integrations": INTEGRATIONS, "integration": {"billing_stripe": own}}), ["billing_stripe"]
    )


def customer(client: stripe.StripeClient, email: str) -> str:
    method = client.v1.payment_methods.create(
        {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2030, "cvc": "123"}}
    )
    made = client.v1.customers.create({"email": email, "payment_method": method.id})
    client.v1.customers.update(made.id, {"invoice_settings": {"default_payment_method": method.id}})
    return made.id


def charge(client: stripe.StripeClient, customer_id: str, units: int, currency: str = "eur", order: str = "") -> str:
    params: Any = {"amount": units, "currency": currency, "customer": customer_id, "description": f"order {order}"}
    return client.v1.charges.create(params | ({"metadata": {"order_id": order}} if order else {})).id


def given_back(client: stripe.StripeClient, charge_id: str) -> list[int]:
    return [refund.amount for refund in client.v1.refunds.list({"charge": charge_id}).data]


async def run(box: Toolbox, tool: str, key: str = "", **arguments: Any):
    known = box.tool(f"billing_stripe.{tool}")
    assert known
    return await box.run(ActionRequest("1", known.name, arguments, known.effect), f"{key} {arguments.get('charge_id')}")


async def test_a_charge_is_found_by_who_paid_and_what(client, tools):
    joe = customer(client, "joe@example.com")
    first, second = charge(client, joe, 1250, order="4567"), charge(client, joe, 990, order="4568")
    by_order = await run(tools, "find_charge", email="joe@example.com", order_id="4567")
    assert (by_order.status, by_order.values["charge_id"]) == ("found", first)
    assert by_order.values["amount"] == {"amount": "12.50", "currency": "EUR"}
    assert (by_order.values["refundable"], by_order.values["description"]) == (True, "order 4567")
    today = datetime.now(UTC).date().isoformat()
    by_amount = await run(tools, "find_charge", customer_id=joe, amount={"amount": "9.90"}, day=today)
    assert (by_amount.values["charge_id"], by_amount.values["fitting"]) == (second, 1)
    both = await run(tools, "find_charge", email="joe@example.com")
    assert (both.values["fitting"], both.values["day"]) == (2, today)


async def test_nobody_and_nothing_are_not_found(client, tools):
    ann = customer(client, "ann@example.com")
    assert (await run(tools, "find_charge", email="nobody@example.com")).status == "not_found"
    assert (await run(tools, "find_charge", customer_id="cus_nobody")).status == "not_found"
    assert (await run(tools, "find_charge", customer_id=ann)).status == "not_found"
    assert (await run(tools, "find_charge", order_id="4567")).status == "failed", "anybody's charge is nobody's"
    assert (await run(tools, "refund", "k", charge_id="ch_nothing")).status == "not_found"


async def test_a_refund_gives_back_all_that_is_left_and_then_nothing(client, tools):
    paid = charge(client, customer(client, "a@example.com"), 1250)
    part = await run(tools, "refund", "k1", charge_id=paid, amount="2.50")
    rest = await run(tools, "refund", "k2", charge_id=paid)
    more = await run(tools, "refund", "k3", charge_id=paid)
    assert [part.status, rest.status, more.status] == ["done", "done", "already"]
    assert rest.values["amount"] == {"amount": "10.00", "currency": "EUR"}
    assert sorted(given_back(client, paid)) == [250, 1000]


@pytest.mark.parametrize("fault", ["busy", "broken", "cut"])
async def test_a_refund_that_fails_on_the_way_is_tried_again_and_happens_once(client, tools, world, fault):
    paid = charge(client, customer(client, "b@example.com"), 700)
    world.faults = [fault, fault]
    assert (await run(tools, "refund", "k", charge_id=paid)).status == "done"
    assert given_back(client, paid) == [700]


async def test_the_same_request_again_finds_what_it_did_even_when_stripe_forgot_its_key(client, tools, world):
    paid = charge(client, customer(client, "c@example.com"), 700)
    first = await run(tools, "refund", "call-7", charge_id=paid, amount="3")
    world.forgets_keys = True
    again = await run(tools, "refund", "call-7", charge_id=paid, amount="3")
    assert (again.status, again.values["refund_id"]) == ("done", first.values["refund_id"])
    assert given_back(client, paid) == [300]


async def test_the_same_request_many_times_at_once_happens_once(client, tools, world):
    paid = charge(client, customer(client, "d@example.com"), 700)
    results = await asyncio.gather(*(run(tools, "refund", "call-8", charge_id=paid, amount="3") for _ in range(5)))
    assert {result.status for result in results} == {"done"}
    assert given_back(client, paid) == [300]


async def test_too_much_is_refused_with_a_reason(client, world):
    box = toolbox(world, most_refund=5)
    paid = charge(client, customer(client, "e@example.com"), 1000)
    more = await run(box, "refund", "k1", charge_id=paid, amount="10.01")
    limit = await run(box, "refund", "k2", charge_id=paid)
    odd = await run(box, "refund", "k3", charge_id=paid, amount="1.005")
    assert {more.status, limit.status, odd.status} == {"refused"}
    assert "more than was paid" in more.values["reason"]
    assert "more than I may give back" in limit.values["reason"]
    assert given_back(client, paid) == []
    await box.close()


async def test_a_currency_without_cents_has_none(client, tools):
    paid = charge(client, customer(client, "f@example.com"), 1000, "jpy")
    assert (await run(tools, "refund", "k", charge_id=paid)).values["amount"] == {"amount": "1000", "currency": "JPY"}


async def test_an_answer_that_takes_too_long_leaves_nobody_knowing(client, world):
    box = toolbox(world, time_limit_s=0.5)
    known = box.tool("billing_stripe.refund")
    assert known
    assert known.subject
    assert known.subject(known.takes(charge_id="ch_1", amount=Decimal(3))) == "ch_1 3"
    paid = charge(client, customer(client, "g@example.com"), 700)
    world.faults = ["slow"]
    assert (await run(box, "refund", "k", charge_id=paid)).status == "done", "the second try finds the first"
    assert given_back(client, paid) == [700]
    await box.close()


async def test_the_doctor_says_what_is_wrong(world):
    box, stranger, away = toolbox(world), toolbox(world, api_key="nonsense"), toolbox(world, url="http://127.0.0.1:9")
    assert (await box.health())["billing_stripe"] == ""
    assert "integration.billing_stripe.api_key" in (await stranger.health())["billing_stripe"]
    assert "cannot be reached" in (await away.health())["billing_stripe"]
    for each in (box, stranger, away):
        await each.close()


def test_a_key_is_needed_and_not_shown():
    with pytest.raises(SettingsError, match=r"integration\.billing_stripe\.api_key"):
        Toolbox.load(from_values({"integrations": INTEGRATIONS}), ["billing_stripe"])
