"""Alembic's entry: runs the steps on the connection, and in the transaction, that ``upgrade`` hands over."""

from alembic import context

from catalogue.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
