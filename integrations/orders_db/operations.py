"""What can be done with orders."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from voicegw.actions.requests import ToolResult, idempotency_key
from voicegw.actions.sql import Database

from . import tables


class OrderId(BaseModel):
    """Which order."""

    order_id: str = Field(pattern=r"^[0-9]{1,20}$")


class OrderStatus(ToolResult):
    """Where an order is."""

    status: Literal["found", "not_found"] = "found"
    state: str = ""
    """``preparing``, ``shipped``, ``delivered``, ``delayed`` or ``cancelled``."""
    item: str = ""
    amount: Decimal = Decimal(0)
    arrives: date | None = None
    delivered: date | None = None
    refundable: bool = False


class Refund(ToolResult):
    """What came of a refund."""

    status: Literal["done", "already", "refused", "not_found"] = "done"
    """``already``: by another request than this one."""
    amount: Decimal = Decimal(0)


def refund_subject(which: OrderId, *, fresh_daily: bool) -> str:
    """An order is refunded once; the demo's orders are new ones every day."""
    return f"{which.order_id} of {date.today()}" if fresh_daily else which.order_id


class Operations:
    """Orders in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def order_status(self, which: OrderId) -> OrderStatus:
        """Where an order is."""
        async with self._database.read() as connection:
            order = await _order(connection, which.order_id)
        return order or OrderStatus(status="not_found")

    async def refund(self, which: OrderId) -> Refund:
        """Give the money back, once. The same key finds what it did before."""
        try:
            async with self._database.begin() as connection:
                return await _refund(connection, which.order_id, idempotency_key())
        except IntegrityError:  # another call was first, between our look and our insert
            async with self._database.begin() as connection:
                return await _refund(connection, which.order_id, idempotency_key())


async def _order(connection: AsyncConnection, order_id: str) -> OrderStatus | None:
    columns = tables.orders.c
    query = select(
        columns.state, columns.item, columns.amount, columns.arrives, columns.delivered, columns.refundable
    ).where(columns.id == order_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return OrderStatus(**row) if row else None


async def _refund(connection: AsyncConnection, order_id: str, key: str) -> Refund:
    order = await _order(connection, order_id)
    if order is None:
        return Refund(status="not_found")
    refunds = tables.refunds.c
    query = select(refunds.amount, refunds.request_key).where(refunds.order_id == order_id)
    earlier = (await connection.execute(query)).one_or_none()
    if earlier:
        return Refund(status="done" if earlier.request_key == key else "already", amount=earlier.amount)
    if not order.refundable:
        return Refund(status="refused", reason="it was delivered too long ago, or never paid")
    row = {"order_id": order_id, "amount": order.amount, "request_key": key, "requested_at": datetime.now(UTC)}
    await connection.execute(insert(tables.refunds), [row])
    return Refund(amount=order.amount)
