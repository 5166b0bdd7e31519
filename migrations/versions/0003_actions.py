"""Writes that callers said yes to."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

CALL_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "actions",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("call_id", CALL_ID, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("tool", sa.Text, nullable=False),
        sa.Column("arguments", sa.JSON, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("requested_at", sa.Double, nullable=False),
        sa.Column("runner", sa.Text, nullable=False),
        sa.Column("first", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("status", sa.Text),
        sa.Column("result", sa.JSON, nullable=False),
        sa.Column("finished_at", sa.Double),
        sa.Column("notice", sa.JSON),
        sa.Column("notice_status", sa.Text),
        sa.PrimaryKeyConstraint("key", name="pk_actions"),
    )
    op.create_index("ix_actions_call_id", "actions", ["call_id"])
    op.create_index("ix_actions_caller_tool_requested_at", "actions", ["caller", "tool", "requested_at"])
    op.create_index("ix_actions_first", "actions", ["first"])
    _index_where("ux_actions_subject", ["tool", "subject"], "state NOT IN ('unchanged', 'repeat')", unique=True)
    _index_where("ix_actions_at_work", ["runner"], "state = 'at_work'")
    _index_where("ix_actions_notice_due", ["runner"], "notice_status = 'due'")


def _index_where(name: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(condition)
    op.create_index(name, "actions", columns, unique=unique, sqlite_where=where, postgresql_where=where)
