"""What is searched for and counted by call: its slowest reply, its turns by kind, words said, labels."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

CALL_ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COUNTS = {
    "slowest_ms": "(SELECT max(first_packet_ms - last_voice_ms) FROM turns WHERE turns.call_id = calls.call_id)",
    "turns_said": "(SELECT count(*) FROM turns WHERE turns.call_id = calls.call_id AND caller_text <> '')",
    "turns_missed": "(SELECT count(*) FROM turns WHERE turns.call_id = calls.call_id AND no_match)",
    "turns_interrupted": "(SELECT count(*) FROM turns WHERE turns.call_id = calls.call_id AND interrupted)",
}


def upgrade() -> None:
    op.add_column("calls", sa.Column("slowest_ms", sa.Double))
    for name in ("turns_said", "turns_missed", "turns_interrupted"):
        op.add_column("calls", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE calls SET " + ", ".join(f"{name} = {query}" for name, query in COUNTS.items()))
    op.create_index("ix_calls_task_began_at", "calls", ["task", "began_at"])
    op.create_table(
        "call_labels",
        sa.Column("call_id", CALL_ID, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("turn", sa.Integer),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "label", name="pk_call_labels"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_call_labels_call_id", ondelete="CASCADE"),
    )
    op.create_index("ix_call_labels_label_at", "call_labels", ["label", "at"])
    if op.get_bind().dialect.name == "postgresql":
        _search_words_on_postgresql()
    else:
        _search_words_on_sqlite()


def _search_words_on_postgresql() -> None:
    words = "to_tsvector('simple'::regconfig, caller_text || ' ' || agent_text)"
    op.execute(f"CREATE INDEX ix_turns_words ON turns USING gin ({words})")


def _search_words_on_sqlite() -> None:
    """An index of the words that holds no words itself, kept by triggers. After a VACUUM, which numbers rows anew:
    INSERT INTO turn_words(turn_words) VALUES('rebuild').
    """
    op.execute(
        "CREATE VIRTUAL TABLE turn_words USING fts5(caller_text, agent_text, content='turns', "
        'tokenize="unicode61 remove_diacritics 2")'
    )
    op.execute("INSERT INTO turn_words(turn_words) VALUES('rebuild')")
    gone = (
        "INSERT INTO turn_words(turn_words, rowid, caller_text, agent_text) "
        "VALUES('delete', old.rowid, old.caller_text, old.agent_text);"
    )
    come = "INSERT INTO turn_words(rowid, caller_text, agent_text) VALUES(new.rowid, new.caller_text, new.agent_text);"
    for event, does in (("INSERT", come), ("DELETE", gone), ("UPDATE", f"{gone} {come}")):
        op.execute(f"CREATE TRIGGER turn_words_{event.lower()} AFTER {event} ON turns BEGIN {does} END")
