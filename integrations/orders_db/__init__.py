"""Reference order system over SQL: the demo's backend, and a pattern for your own."""

from functools import partial
from typing import Any

from voicegw.actions.requests import Effect, Integration, Tool
from voicegw.actions.sql import Database, FreshEveryDay

from . import demo, tables
from .operations import Operations, OrderId, OrderStatus, Refund, refund_subject
from .settings import OrdersSettings


def integration(settings: dict[str, Any]) -> Integration:
    """The integration, from its settings."""
    own = OrdersSettings.model_validate(settings)
    rows = FreshEveryDay(tables.demo, demo.put_in) if own.with_demo else None
    database = Database("orders_db", own, tables.metadata, rows)
    operations = Operations(database)
    return Integration(
        "orders_db",
        (
            Tool(
                "orders_db.order_status",
                Effect.READS,
                OrderId,
                OrderStatus,
                operations.order_status,
                own.time_limit_s,
                "Where an order is, and when it arrives.",
            ),
            Tool(
                "orders_db.refund",
                Effect.WRITES,
                OrderId,
                Refund,
                operations.refund,
                own.time_limit_s,
                "Gives the money for an order back, once.",
                subject=partial(refund_subject, fresh_daily=own.with_demo),
            ),
        ),
        open=database.open,
        close=database.close,
        health=database.health,
    )
