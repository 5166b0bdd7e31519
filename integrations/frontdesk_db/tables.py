"""Tables of the appointment book."""

from sqlalchemy import Boolean, Column, Date, DateTime, Index, Integer, MetaData, String, Table, Time, UniqueConstraint

from voicegw.actions.sql import demo_table

metadata = MetaData()

visits = Table(
    "visits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("phone", String(32), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("service", String(40), nullable=False),
    Column("day", Date, nullable=False),
    Column("time", Time, nullable=False),
    Column("seat", Integer, nullable=False, default=0),
    Column("open", Boolean, nullable=False, default=True),
    Column("request_key", String(200), nullable=False, default=""),
    Column("booked_at", DateTime(timezone=True), nullable=False),
)
"""One row per visit; a cancelled one stays, with ``open`` false and a seat of its own below zero."""

UniqueConstraint(visits.c.day, visits.c.time, visits.c.seat, name="one_visit_per_seat")
Index("visits_of_a_day", visits.c.day, visits.c.open)

demo = demo_table(metadata)
