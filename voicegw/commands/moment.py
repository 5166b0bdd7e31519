"""A point in time, as people type it."""

import re
from datetime import datetime, timedelta
from typing import Any

import click

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Moment(click.ParamType):
    """``2h`` (ago; s, m, h, d, w), ``today``, ``2026-03-15``, or ``2026-03-15T18:35``; local time."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Unix time."""
        now = datetime.now().astimezone()
        ago = re.fullmatch(r"(\d{1,6})([smhdw])", value)
        if ago:
            return (now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})).timestamp()
        if value == "today":
            return now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            return self.fail(f"{value!r} is no time: write 2h, 7d, today, 2026-03-15 or 2026-03-15T18:35", param, ctx)
