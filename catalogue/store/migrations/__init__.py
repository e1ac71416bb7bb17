"""Bring a database to the schema of ``tables`` (Alembic, from inside the package).

A new step is a file in ``versions``, written by hand and held to ``tables`` by the contract suite; ``HEAD`` names it.
"""

from __future__ import annotations

import uuid
from typing import Final

from sqlalchemy import Connection, Engine, insert, inspect, select, text

from catalogue.errors import StorageError
from catalogue.store.engine import is_temporary, reading, writing
from catalogue.store.tables import metadata, store

HEAD: Final = "0006"


def upgrade(engine: Engine) -> None:
    """Bring the database to ``HEAD``; processes that start together take turns. A temporary one has no past.

    Raises:
        StorageError: the database cannot be reached, or a newer release has changed it.
    """
    if is_temporary(engine.url):
        with writing(engine) as connection:
            metadata.create_all(connection)
            identify(connection)
        return
    with reading(engine) as connection:
        current = _current(connection)
    if current != HEAD:
        with writing(engine) as connection:
            _migrate(connection, _current(connection))


def identify(connection: Connection) -> None:
    """Give a store that has none its identity."""
    if connection.scalar(select(store.c.identity)) is None:
        connection.execute(insert(store).values(identity=uuid.uuid4().hex))


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _migrate(connection: Connection, current: str | None) -> None:
    if current is not None and current > HEAD:
        raise StorageError(
            f"The database has schema {current}, this program knows up to {HEAD}.",
            next_step="Install the release that wrote the database, or a newer one.",
        )
    from alembic import command  # slow to import, and needed once per release
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "catalogue.store:migrations")
    command.upgrade(config, HEAD)
