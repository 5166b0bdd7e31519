"""Settings of the outage desk, from ``[integration.outages_db]``."""

from pydantic import Field

from voicegw.actions.sql import SqlSettings


class OutagesSettings(SqlSettings):
    """Where outages are known."""

    same_report_hours: float = Field(12.0, gt=0, description="A second report of one address is the same until then.")
