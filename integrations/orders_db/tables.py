"""Tables of the order system."""

from sqlalchemy import Boolean, Column, Date, DateTime, ForeignKey, MetaData, Numeric, String, Table

from voicegw.actions.sql import demo_table

metadata = MetaData()

customers = Table(
    "customers",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("phone", String(32), index=True),
    Column("email", String(200)),
)

orders = Table(
    "orders",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False, index=True),
    Column("item", String(200), nullable=False),
    Column("amount", Numeric(10, 2), nullable=False),
    Column("state", String(20), nullable=False),
    Column("arrives", Date),
    Column("delivered", Date),
    Column("refundable", Boolean, nullable=False),
)

refunds = Table(
    "order_refunds",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("amount", Numeric(10, 2), nullable=False),
    Column("request_key", String(200), nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
)

demo = demo_table(metadata)
