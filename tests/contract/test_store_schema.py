"""The migrations lead to the tables that the code knows, on every engine."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from catalogue.errors import StorageError
from catalogue.store import open_repository
from catalogue.store.engine import open_engine
from catalogue.store.migrations import HEAD, upgrade
from catalogue.store.tables import metadata
from tests.unit.store.builders import AGENCY, Document, Node, ingest, study


def test_the_migrated_schema_is_the_schema_of_the_tables(store_url: str) -> None:
    engine = open_engine(store_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_both_ways_make_the_same_database(store_url: str) -> None:
    """What autogenerate does not compare: the statements that SQLite keeps, and the key columns on PostgreSQL."""
    engine = open_engine(store_url)
    upgrade(engine)
    migrated = _described(engine)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    assert _described(engine) == migrated
    engine.dispose()


def _described(engine: Engine) -> object:
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            query = text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' ORDER BY name")
            return [(name, _parts(sql)) for name, sql in connection.execute(query)]
    inspector = inspect(engine)
    names = sorted(metadata.tables)
    return [
        (
            name,
            [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)],
            inspector.get_pk_constraint(name),
            sorted(inspector.get_indexes(name), key=lambda index: str(index["name"])),
            sorted(inspector.get_foreign_keys(name), key=lambda key: str(key["name"])),
        )
        for name in names
    ]


def _parts(statement: str | None) -> list[str]:
    """The parts of a statement; constraints may stand in any order."""
    return sorted(part.strip(" )") for part in " ".join((statement or "").split()).split(", "))


def test_head_is_the_last_step() -> None:
    config = Config()
    config.set_main_option("script_location", "catalogue.store:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_opening_again_changes_nothing(store_url: str) -> None:
    open_repository(store_url).close()
    open_repository(store_url).close()


def test_counts_of_older_studies_that_an_earlier_release_made_are_made_again(store_url: str) -> None:
    with open_repository(store_url) as repository:
        ingest(repository, Document([study("s", Node("a"), Node("b"), Node("c"))]))
        ingest(repository, Document([study("s", Node("b", version="2"))]))
        ingest(repository, Document([study("s", Node("a"), version="2"), Node("c", version="2")]))
        first, second = (repository.get(AGENCY, "s", version)[0].id for version in "12")
    _as_left_by(store_url, "0005", f"UPDATE tally SET number = 1 WHERE container_id = {first}")

    with open_repository(store_url) as repository:
        counted = [repository.cohort(one) for one in (first, second)]
        assert [one.counts for one in counted if one] == [{"Variable": 3}, {"Variable": 1}]
        assert repository.stats().items == {"StudyUnit": 1, "Variable": 3}


def _as_left_by(store_url: str, version: str, statement: str) -> None:
    """Make a store what an earlier release left."""
    engine = open_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    engine.dispose()


def test_a_database_of_a_newer_release_is_refused(store_url: str) -> None:
    open_repository(store_url).close()
    engine = open_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(StorageError, match="9999"):
        open_repository(store_url)
