"""Policy: what must hold before a tool may change anything, besides the caller's yes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from voicegw.dialplan.hours import OpenHours
from voicegw.dialplan.part import Name, Part

Reason = Literal["amount", "identity", "hours", "rate"]
"""Why something is refused; the phrase ``refused_for_…`` says it."""
IDENTITY = "identity_level"
"""The value that a dialplan sets once it knows who calls: ``set: {identity_level: 1}``."""
HOUR_S = 3600.0


class AmountLimit(Part):
    """How much.

    Example::

        value: amount
        most: 200
    """

    value: Name = Field(description="The argument, slot or tool result that holds the amount.")
    most: Decimal = Field(ge=0, description="More than this is refused, and so is an amount that is not known.")


class RateLimit(Part):
    """How often.

    Example::

        most: 3
        within_hours: 24
    """

    most: int = Field(ge=1, description="So often for one caller's number; hidden numbers count as one caller.")
    within_hours: float = Field(24, gt=0, description="In the time just past.")


class Policy(Part):
    """What must hold before a tool runs; what does not is refused before anything is sent, with a `{reason}` to speak.

    Example::

        amount: {value: amount, most: 200}
        identity_level: 1
        per_caller: {most: 3}
    """

    amount: AmountLimit | None = Field(None, description="At most so much.")
    identity_level: int = Field(
        0, ge=0, description="Needs the value `identity_level` to be at least this: `set: {identity_level: 1}`."
    )
    hours: OpenHours | None = Field(None, description="Only then.")
    per_caller: RateLimit | None = Field(None, description="At most so often.")

    def refusal(self, values: Mapping[str, object], now: datetime, earlier_s: Sequence[float]) -> Reason | None:
        """Why it may not be; None: it may.

        :param values: arguments, and what else the dialog knows.
        :param now: with its time zone.
        :param earlier_s: Unix times at which this caller had the same done.
        """
        if _level(values.get(IDENTITY)) < self.identity_level:
            return "identity"
        if self.hours and not self.hours.open_at(_local(now, self.hours.timezone)):
            return "hours"
        if self.amount and not _within(values.get(self.amount.value), self.amount.most):
            return "amount"
        if self.per_caller and _count(earlier_s, now, self.per_caller) >= self.per_caller.most:
            return "rate"
        return None


def _level(value: object) -> int:
    return value if isinstance(value, int) else 0


def _local(now: datetime, timezone: str) -> datetime:
    return now.astimezone(ZoneInfo(timezone)) if timezone else now.astimezone()


def _within(value: object, most: Decimal) -> bool:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return False
    return amount.is_finite() and amount <= most


def _count(earlier_s: Sequence[float], now: datetime, limit: RateLimit) -> int:
    since = now.timestamp() - limit.within_hours * HOUR_S
    return sum(at > since for at in earlier_s)
