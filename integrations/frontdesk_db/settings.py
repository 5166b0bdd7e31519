"""Settings of the appointment book, from ``[integration.frontdesk_db]``."""

from datetime import time
from typing import Annotated

from pydantic import Field

from voicegw.actions.sql import SqlSettings

Weekday = Annotated[int, Field(ge=0, le=6)]


class FrontdeskSettings(SqlSettings):
    """When appointments can be had."""

    open_days: tuple[Weekday, ...] = Field((0, 1, 2, 3, 4), description="Days of the week, Monday is 0.")
    first: time = Field(time(9), description="Begin of the day's first appointment.")
    last: time = Field(time(16, 30), description="Begin of the day's last appointment.")
    every_minutes: int = Field(30, ge=5, le=480, description="From one appointment to the next.")
    at_once: int = Field(1, ge=1, le=50, description="Visits at the same time: chairs, rooms.")
    days_ahead: int = Field(90, ge=1, le=730, description="How far ahead can be booked.")
    late_cancel_hours: int = Field(24, ge=0, le=720, description="Less than so long ahead, only a person cancels.")
