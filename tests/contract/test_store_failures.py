"""A document is wholly there or not at all: exceptions, killed processes, full disks, and several at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import event, inspect, text
from sqlalchemy.engine import Connection

from catalogue.errors import StorageError
from catalogue.model.items import Item
from catalogue.model.report import Status
from catalogue.store import IngestSession, Repository, open_repository
from catalogue.store.engine import open_engine
from tests.unit.store.builders import AGENCY, Document, Node, ingest, refer, study

ROOT = Path(__file__).resolve().parents[2]


def document(size: int = 50, salt: str = "") -> Document:
    variables = [Node(f"v{salt}{n}", references=(refer(f"c{salt}{n}"),)) for n in range(size)]
    concepts = [Node(f"c{salt}{n}", "Concept", label=f"Concept {n}") for n in range(size)]
    return Document([study(f"s{salt}", *variables, *concepts)], salt=salt)


def rows(url: str) -> dict[str, int]:
    """The number of rows of every table that a document fills."""
    engine = open_engine(url)
    with engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names() if name not in ("alembic_version", "store")]
        found = {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in names}
    engine.dispose()
    return {name: number for name, number in found.items() if number}


class StopError(Exception):
    """Raised in the middle."""


def interrupted(repository: Repository, whole: Document, step: int) -> None:
    """An ingest that raises after a step."""

    def broken() -> Iterator[Item]:
        yield from whole.items[:30]
        raise StopError

    steps: list[Callable[[IngestSession], object]] = [
        lambda session: session.start(whole.new_revision()),
        lambda session: session.add(broken() if step == 1 else whole.items),
        lambda session: session.resolve(),
        lambda session: session.describe(whole.top, {}),
        lambda session: session.finish(Status.PUBLISHED),
    ]
    with repository.ingest() as session:
        for take in steps[: step + 1]:
            take(session)
        raise StopError


@pytest.mark.parametrize("step", range(5))
def test_an_exception_at_any_step_leaves_nothing(repository: Repository, store_url: str, step: int) -> None:
    with pytest.raises(StopError):
        interrupted(repository, document(), step)
    assert rows(store_url) == {}
    ingest(repository, document())
    assert repository.stats().items == {"Concept": 50, "StudyUnit": 1, "Variable": 50}


def test_an_ingest_that_is_not_finished_leaves_nothing(repository: Repository, store_url: str) -> None:
    with repository.ingest() as session:
        session.start(document().new_revision())
        session.add(document().items)
    assert rows(store_url) == {}


# A process that is ready to ingest; for each line it reads it forks one that kills itself before that many-th step.
NURSERY = """
import os, signal, sys
from sqlalchemy import Engine, event
from catalogue.store import open_repository
from tests.contract.test_store_failures import document
from tests.unit.store.builders import ingest

def child(fatal):
    seen = 0
    def step(*_):
        nonlocal seen
        seen += 1
        if seen == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
    repository = open_repository(sys.argv[1])
    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    ingest(repository, document(salt="new"))
    os._exit(0)

for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        child(int(line))
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


@contextmanager
def nursery(url: str) -> Iterator[Callable[[int], int]]:
    """Gives the exit code of an ingest, in a process of its own, that is killed before step number ``fatal``."""
    command = [sys.executable, "-c", NURSERY, url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        given, answered = process.stdin, process.stdout

        def run(fatal: int) -> int:
            given.write(f"{fatal}\n")
            given.flush()
            return int(answered.readline())

        yield run
        given.close()


def test_kill_9_at_every_step(store_url: str) -> None:
    """A step is a statement or the commit; PostgreSQL, whose server survives its client, is asked at every fifth."""
    with open_repository(store_url) as repository:
        ingest(repository, document(salt="old"))
    before = rows(store_url)
    killed = 0
    with nursery(store_url) as run:
        for fatal in count(1, 1 if store_url.startswith("sqlite") else 5):
            code = run(fatal)
            if code == 0:
                break
            assert code == -signal.SIGKILL
            killed += 1
            assert rows(store_url) == before
    assert killed >= 6
    with open_repository(store_url) as repository:
        assert repository.stats().items == {"Concept": 100, "StudyUnit": 2, "Variable": 100}
        assert len(repository.cohorts()) == 2


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with open_repository(url) as repository:
        ingest(repository, document(5, "old"))
        before = rows(url)
        pages = 0

        def limit(connection: Connection) -> None:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        event.listen(repository._engine, "begin", limit)
        engine = open_engine(url)
        with engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + 12
        engine.dispose()
        with pytest.raises(StorageError) as caught:
            ingest(repository, document(400))
        assert "Free some space" in caught.value.next_step
        assert rows(url) == before
        assert repository.get(AGENCY, "vold1")
        pages = 10**6
        ingest(repository, document(400))


def test_readers_go_on_while_a_document_is_written(repository: Repository) -> None:
    ingest(repository, document(salt="old"))
    with repository.ingest() as session:
        session.start(document(salt="new").new_revision())
        session.add(document(salt="new").items)
        session.resolve()
        seen: list[object] = []
        reader = threading.Thread(target=lambda: seen.append(repository.list_items().total))
        reader.start()
        reader.join(timeout=20)
        assert seen == [101]
        session.finish(Status.PUBLISHED)
    assert repository.list_items().total == 202


def test_writers_take_turns(repository: Repository) -> None:
    failures: list[BaseException] = []

    def write(salt: str) -> None:
        try:
            ingest(repository, document(salt=salt))
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=write, args=(str(n),)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert failures == []
    assert repository.stats().items == {"Concept": 200, "StudyUnit": 4, "Variable": 200}
    assert [len(cohort.counts) for cohort in repository.cohorts()] == [2] * 4


def test_a_writer_that_waits_too_long_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}?timeout=0.1"
    with open_repository(url) as first, open_repository(url) as second, first.ingest() as session:
        session.start(document().new_revision())
        with pytest.raises(StorageError) as caught:
            ingest(second, document())
        assert "being written" in caught.value.next_step


def test_an_unreachable_server_is_told() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StorageError) as caught:
        open_repository("postgresql://nobody@127.0.0.1:1/nothing")
    assert "CATALOGUE_DATABASE_URL" in caught.value.next_step


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(StorageError) as caught:
        open_repository(f"sqlite:///{tmp_path / 'store.sqlite'}")
    assert "backup" in caught.value.next_step


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="folder"):
        open_repository(f"sqlite:///{tmp_path / 'file' / 'store.sqlite'}")
