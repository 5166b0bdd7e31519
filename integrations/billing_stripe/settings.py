"""Settings of billing, from ``[integration.billing_stripe]``."""

from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class StripeSettings(BaseModel):
    """Which account, and what may be done there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_key: SecretStr = Field(description="Secret or restricted key: charges and customers read, refunds write.")
    url: str = Field("https://api.stripe.com", description="Another address for tests.")
    account: str = Field("", description="Connected account to act for (acct_…).")
    order_field: str = Field("order_id", description="Metadata of charges in which the order number stands.")
    most_refund: Decimal | None = Field(None, gt=0, description="A refund of more than this is refused.")
    data_dir: Path = Field(Path(), description="The service's data folder; not used.")
    time_limit_s: float = Field(8.0, gt=0, description="After this the caller hears that it takes too long.")
