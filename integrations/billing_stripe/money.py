"""Amounts: Stripe counts in the smallest unit of a currency."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

# https://docs.stripe.com/currencies: these have no smaller unit, those have three places.
_NO_PLACES = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf")
)
_THREE_PLACES = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))


def _amount(value: Any) -> Any:
    """Also as a dialplan's slot or a tool's result has it: ``{"amount": "12.50", "currency": "EUR"}``."""
    return value.get("amount") if isinstance(value, Mapping) else value


Amount = Annotated[Decimal, BeforeValidator(_amount), Field(gt=0)]


def from_units(units: int, currency: str) -> Decimal:
    """1250, "eur": 12.50."""
    return Decimal(units).scaleb(-_places(currency))


def to_units(amount: Decimal, currency: str) -> int:
    """12.5, "eur": 1250.

    :raises ValueError: the currency has no coin so small.
    """
    units = amount.scaleb(_places(currency))
    if units != units.to_integral_value():
        raise ValueError(f"{amount} {currency}: there is no such amount")
    return int(units)


def spoken(units: int, currency: str) -> dict[str, str]:
    """As dialplans speak it."""
    return {"amount": str(from_units(units, currency)), "currency": currency.upper()}


def _places(currency: str) -> int:
    return 0 if currency in _NO_PLACES else 3 if currency in _THREE_PLACES else 2
