"""The tables of accounts; ``migrations/`` makes the same ones."""

from sqlalchemy import JSON, Boolean, Column, Double, ForeignKey, Index, Integer, Table, Text, false

from voicegw.outcomes.tables import PERSONAL, metadata

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True, info=PERSONAL),
    Column("role", Text, nullable=False),
    Column("made_at", Double, nullable=False),
    Column("password_hash", Text),
    Column("subject", Text),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Index("ux_users_subject", "subject", unique=True),
)
credentials = Table(
    "credentials",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("user", Text, ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("made_at", Double, nullable=False),
    Column("ends_at", Double),
    Column("label", Text, nullable=False),
    Column("scopes", JSON, nullable=False),
    Index(None, "user", "kind"),
)
audit_lines = Table(
    "audit_lines",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Index(None, "who", "id"),
    Index(None, "action", "id"),
    Index(None, "subject", "id"),
)
"""Never changed and never deleted by us."""
