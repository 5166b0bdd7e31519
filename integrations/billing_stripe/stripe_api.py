"""Stripe's client, with its errors told as ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import stripe

from voicegw.actions.requests import ToolBusy, ToolFailed, ToolUnreachable

from .settings import StripeSettings

MOST = 100
"""Of a list in one answer; Stripe allows no more."""


class StripeApi:
    """Belongs to one event loop. All methods raise ``ToolFailed``, or ``Refused`` with Stripe's code."""

    def __init__(self, settings: StripeSettings) -> None:
        self._http = stripe.HTTPXClient(timeout=settings.time_limit_s)
        self._client = stripe.StripeClient(
            settings.api_key.get_secret_value(),
            stripe_account=settings.account or None,
            base_addresses={"api": settings.url.rstrip("/")},
            max_network_retries=0,  # the time limit and the tries are voicegw's
            http_client=self._http,
        )

    async def customers(self, email: str) -> list[Any]:
        """Those with this address, newest first."""
        async with _told():
            found = await self._client.v1.customers.list_async({"email": email, "limit": MOST})
        return list(found.data)

    async def charges(self, customer_id: str) -> list[Any]:
        """A customer's latest, newest first."""
        async with _told():
            found = await self._client.v1.charges.list_async({"customer": customer_id, "limit": MOST})
        return list(found.data)

    async def charge(self, charge_id: str) -> Any:
        """One charge."""
        async with _told():
            return await self._client.v1.charges.retrieve_async(charge_id)

    async def refunds(self, charge_id: str) -> list[Any]:
        """Of a charge."""
        async with _told():
            found = await self._client.v1.refunds.list_async({"charge": charge_id, "limit": MOST})
        return list(found.data)

    async def refund(self, charge_id: str, units: int, key: str) -> Any:
        """Give back. Stripe remembers the key for a day; our metadata keep it for ever."""
        params: Any = {"charge": charge_id, "amount": units, "metadata": {KEY_FIELD: key}}
        async with _told():
            return await self._client.v1.refunds.create_async(params, {"idempotency_key": key})

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close_async()

    async def health(self) -> str:
        """Empty when well, else what is wrong and what to do."""
        try:
            async with _told():
                await self._client.v1.charges.list_async({"limit": 1})
        except (ToolFailed, Refused) as error:
            return f"{error} (settings integration.billing_stripe.api_key, url)"
        return ""


KEY_FIELD = "voicegw_key"
"""Metadata of a refund: the key of the write it came from."""


class Refused(Exception):
    """Stripe understood, and will not."""

    def __init__(self, error: stripe.StripeError) -> None:
        super().__init__(str(error.user_message or error))
        self.code = error.code or ""
        self.missing = error.http_status == 404


@asynccontextmanager
async def _told() -> AsyncIterator[None]:
    try:
        yield
    except stripe.APIConnectionError as error:
        if isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout):
            raise ToolUnreachable(f"Stripe cannot be reached: {error.__cause__}") from error
        raise ToolFailed("Stripe's answer did not come", retryable=True) from error
    except stripe.RateLimitError as error:
        raise ToolBusy(f"Stripe: {error}") from error
    except (stripe.AuthenticationError, stripe.PermissionError, stripe.IdempotencyError) as error:
        raise ToolFailed(f"Stripe: {error}") from error
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        raise Refused(error) from error
    except stripe.StripeError as error:
        if error.http_status == 409:  # another try with this key is under way
            raise ToolBusy(f"Stripe: {error}") from error
        raise ToolFailed(f"Stripe: {error}", retryable=(error.http_status or 500) >= 500) from error
