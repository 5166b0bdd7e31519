"""A few orders to try the service with. Dates are counted from today, so that order 4567 always comes on Thursday."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables

THURSDAY = 3
CUSTOMERS = (
    {"id": "c1", "name": "Joe Miller", "phone": "+15550111", "email": "joe@example.com"},
    {"id": "c2", "name": "Ann Lee", "phone": "+15550112", "email": "ann@example.com"},
)


def orders(today: date) -> list[dict[str, Any]]:
    """The orders, as rows."""
    thursday = today + timedelta(days=(THURSDAY - today.weekday() - 1) % 7 + 1)
    return [
        _order("4567", "c1", "a coffee machine", "129.90", "shipped", arrives=thursday),
        _order("4568", "c1", "a desk lamp", "34.50", "preparing", arrives=today + timedelta(days=5)),
        _order("1234", "c2", "a pair of towels", "18.00", "delivered", delivered=today - timedelta(days=2)),
        _order("2040", "c2", "a kettle", "41.25", "delayed", arrives=today + timedelta(days=9)),
        _order("7788", "c2", "a garden chair", "75.00", "delivered", delivered=today - timedelta(days=60), back=False),
        _order("9001", "c1", "a set of knives", "59.99", "cancelled", back=False),
    ]


def _order(
    order_id: str,
    customer: str,
    item: str,
    amount: str,
    state: str,
    *,
    arrives: date | None = None,
    delivered: date | None = None,
    back: bool = True,
) -> dict[str, Any]:
    return {
        "id": order_id,
        "customer_id": customer,
        "item": item,
        "amount": Decimal(amount),
        "state": state,
        "arrives": arrives,
        "delivered": delivered,
        "refundable": back,
    }


async def put_in(connection: AsyncConnection, today: date) -> None:
    """Put the demo orders in, in place of those of another day."""
    ids = [order["id"] for order in orders(today)]
    await connection.execute(delete(tables.refunds).where(tables.refunds.c.order_id.in_(ids)))
    await connection.execute(delete(tables.orders).where(tables.orders.c.id.in_(ids)))
    await connection.execute(delete(tables.customers).where(tables.customers.c.id.in_([c["id"] for c in CUSTOMERS])))
    await connection.execute(insert(tables.customers), list(CUSTOMERS))
    await connection.execute(insert(tables.orders), orders(today))
