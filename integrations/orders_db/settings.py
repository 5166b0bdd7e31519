"""Settings of the order system, from ``[integration.orders_db]``."""

from voicegw.actions.sql import SqlSettings


class OrdersSettings(SqlSettings):
    """Where the orders are."""
