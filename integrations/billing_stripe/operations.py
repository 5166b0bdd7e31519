"""What can be done with charges."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from voicegw.actions.requests import ToolFailed, ToolResult, idempotency_key

from . import money
from .settings import StripeSettings
from .stripe_api import KEY_FIELD, Refused, StripeApi

MOST_CUSTOMERS = 10
"""Looked at of those with one address: shops make a new one for each order of a guest."""
_REFUSALS = {
    "charge_disputed": "it is disputed with your bank",
    "charge_exceeds_source_limit": "it is more than was paid",
    "refund_disputed_payment": "it is disputed with your bank",
}
"""Stripe's codes, as the agent says them."""


class ChargeFilter(BaseModel):
    """Whose charge, and which."""

    email: str = ""
    customer_id: str = Field("", pattern=r"^(cus_[A-Za-z0-9]+)?$")
    amount: money.Amount | None = None
    day: date | None = None
    order_id: str = ""

    @model_validator(mode="after")
    def _somebody(self) -> "ChargeFilter":
        if not self.email and not self.customer_id:
            raise ValueError("email or customer_id is needed")
        return self

    def fits(self, charge: Any, order_field: str) -> bool:
        """All that is given is true of the charge."""
        amount = money.from_units(charge.amount, charge.currency)
        return (
            charge.status == "succeeded"
            and self.amount in (None, amount)
            and self.day in (None, _day(charge))
            and self.order_id in ("", getattr(charge.metadata, order_field, None))
        )


class Charge(ToolResult):
    """A charge."""

    status: Literal["found", "not_found"] = "found"
    charge_id: str = ""
    amount: dict[str, str] | None = None
    day: date | None = None
    description: str = ""
    given_back: dict[str, str] | None = None
    refundable: bool = False
    """Something is left to give back."""
    fitting: int = 0
    """How many charges fit; this is the latest."""


class RefundRequest(BaseModel):
    """What to give back."""

    charge_id: str = Field(pattern=r"^(ch|py)_[A-Za-z0-9]+$")
    amount: money.Amount | None = None
    """None: all that is left."""


class Refund(ToolResult):
    """What came of it."""

    status: Literal["done", "already", "refused", "not_found"] = "done"
    amount: dict[str, str] | None = None
    refund_id: str = ""


class Operations:
    """Charges of one Stripe account."""

    def __init__(self, api: StripeApi, settings: StripeSettings) -> None:
        self._api = api
        self._settings = settings

    async def find_charge(self, wanted: ChargeFilter) -> Charge:
        """The latest that fits."""
        try:
            lists = await asyncio.gather(*(self._api.charges(each) for each in await self._customers(wanted)))
        except Refused as refused:
            if refused.missing:
                return Charge(status="not_found")
            raise ToolFailed(f"Stripe: {refused}") from refused
        fitting = [each for charges in lists for each in charges if wanted.fits(each, self._settings.order_field)]
        if not fitting:
            return Charge(status="not_found")
        charge = max(fitting, key=lambda each: each.created)
        return Charge(
            charge_id=charge.id,
            amount=money.spoken(charge.amount, charge.currency),
            day=_day(charge),
            description=charge.description or "",
            given_back=money.spoken(charge.amount_refunded, charge.currency),
            refundable=charge.amount_refunded < charge.amount,
            fitting=len(fitting),
        )

    async def refund(self, request: RefundRequest) -> Refund:
        """Give money back. The same key finds what it gave back before."""
        try:
            return await self._refund(request, idempotency_key())
        except Refused as refused:
            if refused.missing:
                return Refund(status="not_found")
            if refused.code == "charge_already_refunded":
                return Refund(status="already")
            if refused.code in _REFUSALS:
                return Refund(status="refused", reason=_REFUSALS[refused.code])
            raise ToolFailed(f"Stripe: {refused}") from refused

    async def _refund(self, request: RefundRequest, key: str) -> Refund:
        charge = await self._api.charge(request.charge_id)
        for earlier in await self._api.refunds(charge.id):
            if key and getattr(earlier.metadata, KEY_FIELD, None) == key:
                return _done(earlier)
        left = charge.amount - charge.amount_refunded
        if left <= 0:
            return Refund(status="already", amount=money.spoken(charge.amount_refunded, charge.currency))
        try:
            units = money.to_units(request.amount, charge.currency) if request.amount else left
        except ValueError:
            return Refund(status="refused", reason="there is no such amount in that currency")
        if units > left:
            return Refund(status="refused", reason="it is more than was paid")
        most = self._settings.most_refund
        if most is not None and money.from_units(units, charge.currency) > most:
            return Refund(status="refused", reason="it is more than I may give back myself")
        return _done(await self._api.refund(charge.id, units, key))

    async def _customers(self, wanted: ChargeFilter) -> list[str]:
        if wanted.customer_id:
            return [wanted.customer_id]
        return [customer.id for customer in (await self._api.customers(wanted.email))[:MOST_CUSTOMERS]]


def _done(refund: Any) -> Refund:
    if refund.status in ("failed", "canceled"):
        return Refund(status="refused", reason="your bank did not take it")
    return Refund(amount=money.spoken(refund.amount, refund.currency), refund_id=refund.id)


def _day(charge: Any) -> date:
    return datetime.fromtimestamp(charge.created, UTC).date()
