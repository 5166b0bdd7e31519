"""Settings of the order system, from ``[integration.orders_db]``."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class OrdersSettings(BaseModel):
    """Where the orders are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field("", description="SQLAlchemy URL, async driver; empty: SQLite in the data folder.", repr=False)
    data_dir: Path = Field(Path(), description="The service's data folder.")
    demo_orders: bool | None = Field(
        None, description="Put a few orders in, fresh every day. Empty: only into the default database."
    )
    time_limit_s: float = Field(3.0, gt=0, description="After this the caller hears that it takes too long.")

    @property
    def resolved_url(self) -> str:
        """The URL to use, the default included."""
        return self.url or f"sqlite+aiosqlite:///{self.data_dir / 'orders.sqlite'}"

    @property
    def with_demo_orders(self) -> bool:
        """Never into a company's own database unless asked for: they replace orders of the same number."""
        return not self.url if self.demo_orders is None else self.demo_orders
