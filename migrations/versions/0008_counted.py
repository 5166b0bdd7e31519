"""An index from which calls are counted, for insights of a long time."""

from alembic import op

revision = "0008"
down_revision = "0007"

COLUMNS = (
    "dialplan", "version", "task", "began_at", "disposition", "closed_at", "answered_at",
    "turns", "turns_said", "turns_missed", "turns_interrupted",
)  # fmt: skip


def upgrade() -> None:
    op.create_index("ix_calls_counted", "calls", list(COLUMNS))
