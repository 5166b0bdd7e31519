"""Users of the console, the secrets that stand for them, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("made_at", sa.Double, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_index("ux_users_subject", "users", ["subject"], unique=True)
    op.create_table(
        "credentials",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("made_at", sa.Double, nullable=False),
        sa.Column("ends_at", sa.Double),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_credentials"),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name="fk_credentials_user", ondelete="CASCADE"),
    )
    op.create_index("ix_credentials_user_kind", "credentials", ["user", "kind"])
    op.create_table(
        "audit_lines",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_lines"),
    )
    for column in ("who", "action", "subject"):
        op.create_index(f"ix_audit_lines_{column}_id", "audit_lines", [column, "id"])
