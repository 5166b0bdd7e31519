"""Alembic's entry: migrates over the connection that ``voicegw.outcomes.migrate`` hands over."""

from alembic import context

from voicegw.outcomes.migrate import ours
from voicegw.outcomes.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, include_name=ours)
context.run_migrations()
