"""What the outage desk's tools take and give."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field

from voicegw.actions.requests import ToolResult

Utility = Literal["power", "water", "gas"]


class Account(BaseModel):
    """Whose premise."""

    account: str = Field(pattern=r"^[0-9]{4,20}$")


class Supply(Account):
    """What is missing at a premise."""

    utility: Utility


class Report(Supply):
    """What to report."""

    extent: str = Field("", max_length=20)
    """``whole_home``, ``one_room``, ``street``, …"""


class Updates(Supply):
    """Who wants to be told how it goes on."""

    phone: str = Field(min_length=4, max_length=32)


class Premise(ToolResult):
    """Where an account is."""

    status: Literal["found", "not_found"] = "found"
    street: str = ""
    critical: bool = False
    """Somebody there depends on a medical device."""


class Outage(ToolResult):
    """What is known of an outage at a premise."""

    status: Literal["outage", "planned", "none", "not_found"] = "none"
    """``planned``: work that was announced; ``none``: nothing is known; ``not_found``: no such account."""
    cause: str = ""
    since: dt.datetime | None = None
    until_day: dt.date | None = None
    until_time: dt.time | None = None
    """When it is expected to end; none while that is not known."""


class Reported(ToolResult):
    """What came of a report. Reporting twice reports once."""

    status: Literal["done", "already", "not_found"] = "done"
    ticket: str = ""


class Subscribed(ToolResult):
    """What came of asking for updates."""

    status: Literal["done", "already", "none", "not_found"] = "done"
    """``none``: there is no outage to be told of."""
