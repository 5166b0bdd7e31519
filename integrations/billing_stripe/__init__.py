"""Charges and refunds at Stripe, through its own package."""

from typing import Any

from voicegw.actions.requests import Effect, Integration, Tool

from .operations import Charge, ChargeFilter, Operations, Refund, RefundRequest
from .settings import StripeSettings
from .stripe_api import StripeApi


def integration(settings: dict[str, Any]) -> Integration:
    """The integration, from its settings."""
    own = StripeSettings.model_validate(settings)
    api = StripeApi(own)
    operations = Operations(api, own)
    return Integration(
        "billing_stripe",
        (
            Tool(
                "billing_stripe.find_charge",
                Effect.READS,
                ChargeFilter,
                Charge,
                operations.find_charge,
                own.time_limit_s,
                "A customer's latest charge, or the one with this amount, day or order number.",
            ),
            Tool(
                "billing_stripe.refund",
                Effect.WRITES,
                RefundRequest,
                Refund,
                operations.refund,
                own.time_limit_s,
                "Gives back a charge, or a part of it.",
                subject=lambda request: f"{request.charge_id} {request.amount or 'all'}",
            ),
        ),
        close=api.close,
        health=api.health,
    )
