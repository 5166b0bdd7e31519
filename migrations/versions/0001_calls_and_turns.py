"""Calls and turns."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

CALL_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", CALL_ID, nullable=False),
        sa.Column("began_at", sa.Double, nullable=False),
        sa.Column("opened_at", sa.Double),
        sa.Column("caller", sa.Text),
        sa.Column("callee", sa.Text),
        sa.Column("dialplan", sa.Text),
        sa.Column("version", sa.Integer),
        sa.Column("cell", sa.Integer),
        sa.Column("answered_at", sa.Double),
        sa.Column("setup_ms", sa.Double),
        sa.Column("codec", sa.Text),
        sa.Column("concluded_at", sa.Double),
        sa.Column("concluded", sa.Text),
        sa.Column("task", sa.Text),
        sa.Column("slots", sa.JSON, nullable=False),
        sa.Column("closed_at", sa.Double),
        sa.Column("ended_by", sa.Text),
        sa.Column("sip_status", sa.Integer),
        sa.Column("reason", sa.Text),
        sa.Column("rtp_sent", sa.Integer),
        sa.Column("rtp_received", sa.Integer),
        sa.Column("rtp_lost", sa.Integer),
        sa.Column("jitter_ms", sa.Double),
        sa.Column("late_frames", sa.Integer),
        sa.Column("worker_losses", sa.JSON, nullable=False),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("disposition", sa.Text),
        sa.PrimaryKeyConstraint("call_id", name="pk_calls"),
    )
    op.create_index("ix_calls_began_at", "calls", ["began_at"])
    op.create_index("ix_calls_caller_began_at", "calls", ["caller", "began_at"])
    op.create_index("ix_calls_callee_began_at", "calls", ["callee", "began_at"])
    op.create_index("ix_calls_dialplan_began_at", "calls", ["dialplan", "began_at"])
    op.create_index("ix_calls_disposition_began_at", "calls", ["disposition", "began_at"])
    op.create_index("ix_calls_dialplan_disposition_began_at", "calls", ["dialplan", "disposition", "began_at"])
    still_open = sa.text("closed_at IS NULL")
    op.create_index("ix_calls_open", "calls", ["began_at"], sqlite_where=still_open, postgresql_where=still_open)
    op.create_table(
        "turns",
        sa.Column("call_id", CALL_ID, nullable=False),
        sa.Column("index", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("caller_text", sa.Text, nullable=False),
        sa.Column("agent_text", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("confidence", sa.Double),
        sa.Column("speculated", sa.Boolean, nullable=False),
        sa.Column("cached", sa.Boolean, nullable=False),
        sa.Column("interrupted", sa.Boolean, nullable=False),
        sa.Column("last_voice_ms", sa.Double),
        sa.Column("pause_noticed_ms", sa.Double),
        sa.Column("transcript_ready_ms", sa.Double),
        sa.Column("turn_decided_ms", sa.Double),
        sa.Column("decision_made_ms", sa.Double),
        sa.Column("first_audio_ms", sa.Double),
        sa.Column("first_packet_ms", sa.Double),
        sa.PrimaryKeyConstraint("call_id", "index", name="pk_turns"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_turns_call_id", ondelete="CASCADE"),
    )
