"""What can be done with orders."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from voicegw.actions.requests import ToolFailed, ToolResult

from . import tables
from .database import Database


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
    """What came of a refund. Asking twice refunds once."""

    status: Literal["done", "already", "refused", "not_found"] = "done"
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
        try:
            async with self._database.begin() as connection:
                order = await _order(connection, which.order_id)
        except (SQLAlchemyError, OSError) as error:
            raise ToolFailed(f"the order database is away: {error}", retryable=True) from error
        return order or OrderStatus(status="not_found")

    async def refund(self, which: OrderId) -> Refund:
        """Give the money back, once."""
        try:
            async with self._database.begin() as connection:
                return await _refund(connection, which.order_id)
        except IntegrityError:  # another call was first
            return Refund(status="already")
        except (SQLAlchemyError, OSError) as error:
            raise ToolFailed(f"the order database is away: {error}", retryable=True) from error


async def _order(connection: AsyncConnection, order_id: str) -> OrderStatus | None:
    columns = tables.orders.c
    query = select(
        columns.state, columns.item, columns.amount, columns.arrives, columns.delivered, columns.refundable
    ).where(columns.id == order_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return OrderStatus(**row) if row else None


async def _refund(connection: AsyncConnection, order_id: str) -> Refund:
    order = await _order(connection, order_id)
    if order is None:
        return Refund(status="not_found")
    refunds = tables.refunds.c
    earlier = await connection.execute(select(refunds.amount).where(refunds.order_id == order_id))
    amount = earlier.scalar_one_or_none()
    if amount is not None:
        return Refund(status="already", amount=amount)
    if not order.refundable:
        return Refund(status="refused")
    row = {"order_id": order_id, "amount": order.amount, "requested_at": datetime.now(UTC)}
    await connection.execute(insert(tables.refunds), [row])
    return Refund(amount=order.amount)
