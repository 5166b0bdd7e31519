"""The tables, as SQLAlchemy knows them; ``migrations/`` makes the same ones, and a test compares the two.

Times are Unix seconds in double precision: the same number on SQLite and PostgreSQL, exact, and cheap to index
(``to_timestamp(began_at)`` and ``datetime(began_at, 'unixepoch')`` make dates of them).
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Prefixes of call ids are searched as ranges, which only byte order answers from an index; SQLite has it anyway.
_CALL_ID: TypeEngine[str] = Text().with_variant(Text(collation="C"), "postgresql")
PERSONAL = {"personal": True}
"""Columns that say something about a person: masked in exports unless asked for."""

calls = Table(
    "calls",
    metadata,
    Column("call_id", _CALL_ID, primary_key=True),
    Column("began_at", Double, nullable=False, index=True),
    Column("opened_at", Double),
    Column("caller", Text, info=PERSONAL),
    Column("callee", Text),
    Column("dialplan", Text),
    Column("version", Integer),
    Column("cell", Integer),
    Column("channel", Text),
    Column("answered_at", Double),
    Column("setup_ms", Double),
    Column("codec", Text),
    Column("concluded_at", Double),
    Column("concluded", Text),
    Column("task", Text),
    Column("slots", JSON, nullable=False, info=PERSONAL),
    Column("closed_at", Double),
    Column("ended_by", Text),
    Column("sip_status", Integer),
    Column("reason", Text),
    Column("rtp_sent", Integer),
    Column("rtp_received", Integer),
    Column("rtp_lost", Integer),
    Column("jitter_ms", Double),
    Column("late_frames", Integer),
    Column("worker_losses", JSON, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("disposition", Text),
    Column("slowest_ms", Double),
    Column("turns_said", Integer, nullable=False, server_default="0"),
    Column("turns_missed", Integer, nullable=False, server_default="0"),
    Column("turns_interrupted", Integer, nullable=False, server_default="0"),
    # One index for each way a list is narrowed, each ending in the order of the list, so that a page of it is
    # read from the index's end and nothing is sorted.
    Index(None, "caller", "began_at"),
    Index(None, "callee", "began_at"),
    Index(None, "dialplan", "began_at"),
    Index(None, "disposition", "began_at"),
    Index(None, "dialplan", "disposition", "began_at"),
    Index(None, "dialplan", "version", "began_at"),
    Index(None, "caller", "disposition", "began_at"),
    Index(None, "callee", "disposition", "began_at"),
    Index(None, "task", "began_at"),
)
COUNTED_BY = ("dialplan", "version", "task")
# Insights of a long time read this alone, in its order: so nothing is sorted, and no row is looked at.
Index(
    "ix_calls_counted",
    *(calls.c[name] for name in COUNTED_BY),
    *(calls.c[name] for name in ("began_at", "disposition", "closed_at", "answered_at")),
    *(calls.c[name] for name in ("turns", "turns_said", "turns_missed", "turns_interrupted")),
)
Index(
    "ix_calls_open",
    calls.c.began_at,
    sqlite_where=calls.c.closed_at.is_(None),
    postgresql_where=calls.c.closed_at.is_(None),
)

turns = Table(
    "turns",
    metadata,
    Column("call_id", _CALL_ID, ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("caller_text", Text, nullable=False, info=PERSONAL),
    Column("agent_text", Text, nullable=False, info=PERSONAL),
    Column("task", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("confidence", Double),
    Column("speculated", Boolean, nullable=False),
    Column("cached", Boolean, nullable=False),
    Column("interrupted", Boolean, nullable=False),
    # Milliseconds on the call's media clock, as in ``Waterfall``.
    Column("last_voice_ms", Double),
    Column("pause_noticed_ms", Double),
    Column("transcript_ready_ms", Double),
    Column("turn_decided_ms", Double),
    Column("decision_made_ms", Double),
    Column("first_audio_ms", Double),
    Column("first_packet_ms", Double),
    Column("no_match", Boolean, nullable=False, server_default=false()),
)

# What happened in a call besides its turns: slots filled, tools asked, transfers tried.
events = Table(
    "events",
    metadata,
    Column("call_id", _CALL_ID, ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("at", Double, nullable=False),
    Column("values", JSON, nullable=False, info=PERSONAL),
)

# What people say of a call: "agent misheard".
call_labels = Table(
    "call_labels",
    metadata,
    Column("call_id", _CALL_ID, ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("label", Text, primary_key=True),
    Column("at", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("turn", Integer),
    Column("note", Text, nullable=False),
    Index(None, "label", "at"),
)

# A version of a dialplan never changes: triggers refuse it (migration 0002).
dialplan_versions = Table(
    "dialplan_versions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("numbers", JSON, nullable=False),
    Column("source", Text, nullable=False),
    Column("files", JSON, nullable=False),
    # What the dialplan's sentences mean to the embedder (``publishing.vectors``): so that no machine computes it twice.
    Column("vectors", LargeBinary),
)
# Who put what in force, and when; the last line of a dialplan holds.
dialplan_changes = Table(
    "dialplan_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("trial", Integer),
    Column("percent", Integer, nullable=False),
    Index(None, "name", "id"),
)

# What is being written: one text for each dialplan, and so many saves.
dialplan_drafts = Table(
    "dialplan_drafts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("at", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("files", JSON, nullable=False),
    Column("open", Boolean, nullable=False),
)

actions = Table(
    "actions",
    metadata,
    Column("key", Text, primary_key=True),
    Column("call_id", _CALL_ID, nullable=False, index=True),
    Column("caller", Text, nullable=False, info=PERSONAL),
    Column("task", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("arguments", JSON, nullable=False, info=PERSONAL),
    Column("subject", Text, nullable=False, info=PERSONAL),
    Column("question", Text, nullable=False, info=PERSONAL),
    Column("answer", Text, nullable=False, info=PERSONAL),
    Column("requested_at", Double, nullable=False),
    Column("runner", Text, nullable=False),
    Column("first", Text, index=True),
    Column("state", Text, nullable=False),
    Column("status", Text),
    Column("result", JSON, nullable=False, info=PERSONAL),
    Column("finished_at", Double),
    Column("notice", JSON, info=PERSONAL),
    Column("notice_status", Text),
    Index(None, "caller", "tool", "requested_at"),
)
"""Writes that callers said yes to. No foreign key: an action may be known before its call is."""
_STANDS = actions.c.state.not_in(("unchanged", "repeat"))
Index(
    "ux_actions_subject",
    actions.c.tool,
    actions.c.subject,
    unique=True,
    sqlite_where=_STANDS,
    postgresql_where=_STANDS,
)
Index(
    "ix_actions_at_work",
    actions.c.runner,
    sqlite_where=actions.c.state == "at_work",
    postgresql_where=actions.c.state == "at_work",
)
Index(
    "ix_actions_notice_due",
    actions.c.runner,
    sqlite_where=actions.c.notice_status == "due",
    postgresql_where=actions.c.notice_status == "due",
)
