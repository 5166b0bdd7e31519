"""Tables of the outage desk. Times are local, as people speak of them."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint

from voicegw.actions.sql import demo_table

metadata = MetaData()

premises = Table(
    "premises",
    metadata,
    Column("account", String(20), primary_key=True),
    Column("street", String(100), nullable=False),
    Column("area", String(10), nullable=False),
    Column("critical", Boolean, nullable=False, default=False),
)
"""``critical``: somebody there depends on a medical device."""

outages = Table(
    "outages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("area", String(10), nullable=False),
    Column("utility", String(10), nullable=False),
    Column("cause", String(100), nullable=False),
    Column("planned", Boolean, nullable=False, default=False),
    Column("since", DateTime, nullable=False),
    Column("until", DateTime),
)
"""``until``: when it is expected to end; null while that is not known."""
Index("outages_of_an_area", outages.c.area, outages.c.utility)

reports = Table(
    "reports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", ForeignKey("premises.account"), nullable=False, index=True),
    Column("utility", String(10), nullable=False),
    Column("extent", String(20), nullable=False),
    Column("request_key", String(200), nullable=False, default=""),
    Column("at", DateTime, nullable=False),
)

updates = Table(
    "updates",
    metadata,
    Column("outage", ForeignKey("outages.id"), nullable=False),
    Column("phone", String(32), nullable=False),
    UniqueConstraint("outage", "phone"),
)
"""Who wants to be told by text how an outage goes on; your messaging service reads it."""

demo = demo_table(metadata)
