"""What happened in a call besides its turns; one number's calls of one outcome."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

CALL_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("call_id", CALL_ID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("values", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "kind", "key", name="pk_events"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_events_call_id", ondelete="CASCADE"),
    )
    for number in ("caller", "callee"):
        op.create_index(f"ix_calls_{number}_disposition_began_at", "calls", [number, "disposition", "began_at"])
