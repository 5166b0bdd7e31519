"""Published dialplans, and turns that were not understood."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

REFUSAL = "a published version of a dialplan never changes"


def upgrade() -> None:
    op.create_table(
        "dialplan_versions",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("numbers", sa.JSON, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("vectors", sa.LargeBinary),
        sa.PrimaryKeyConstraint("name", "version", name="pk_dialplan_versions"),
    )
    op.create_table(
        "dialplan_changes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("trial", sa.Integer),
        sa.Column("percent", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dialplan_changes"),
    )
    op.create_index("ix_dialplan_changes_name_id", "dialplan_changes", ["name", "id"])
    op.add_column("turns", sa.Column("no_match", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("ix_calls_dialplan_version_began_at", "calls", ["dialplan", "version", "began_at"])
    if op.get_bind().dialect.name == "postgresql":
        _refuse_changes_on_postgresql()
    else:
        _refuse_changes_on_sqlite()


def _refuse_changes_on_sqlite() -> None:
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER dialplan_versions_refuse_{event.lower()} BEFORE {event} ON dialplan_versions "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def _refuse_changes_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION dialplan_versions_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER dialplan_versions_refuse BEFORE UPDATE OR DELETE ON dialplan_versions "
        "FOR EACH ROW EXECUTE FUNCTION dialplan_versions_refuse()"
    )
