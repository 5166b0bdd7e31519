"""Alembic's entry: migrates over the connection that ``voicegw.outcomes.migrate`` hands over."""

from alembic import context

from voicegw.accounts.tables import metadata
from voicegw.outcomes.migrate import ours

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, include_name=ours)
context.run_migrations()
