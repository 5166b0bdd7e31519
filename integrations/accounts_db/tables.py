"""Tables of the account desk. Codes and proofs are kept as salted hashes only."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from voicegw.actions.sql import demo_table

metadata = MetaData()

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("phone", String(32), nullable=False),
    Column("birth_date", Date, nullable=False),
    Column("badge", LargeBinary, nullable=False),
    Column("sign_in_locked", Boolean, nullable=False, default=False),
    Column("demo", Boolean, nullable=False, default=False),
)
"""``badge``: hash of the last four digits on the badge."""

codes = Table(
    "codes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("code", LargeBinary, nullable=False),
    Column("request_key", String(200), nullable=False, default=""),
    Column("sent_at", DateTime, nullable=False),
)

failures = Table(
    "failures",
    metadata,
    Column("account", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("answer", LargeBinary, nullable=False),
    Column("at", DateTime, nullable=False),
    UniqueConstraint("account", "answer"),
)
"""Wrong answers, each once: a check may be run twice or ahead of the caller, and counts one."""

proofs = Table(
    "proofs",
    metadata,
    Column("proof", LargeBinary, primary_key=True),
    Column("account", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("how", String(10), nullable=False),
    Column("at", DateTime, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("phone", String(32), nullable=False),
    Column("text", String(300), nullable=False),
    Column("at", DateTime, nullable=False),
)
"""What is to be sent: your messaging service reads it from here."""

changes = Table(
    "changes",
    metadata,
    Column("proof", ForeignKey("proofs.proof"), nullable=False),
    Column("what", String(20), nullable=False),
    Column("account", ForeignKey("accounts.id"), nullable=False),
    Column("at", DateTime, nullable=False),
    UniqueConstraint("proof", "what"),
)
"""What was done, by whose proof: the audit trail, and why asking twice does it once."""

demo = demo_table(metadata)
