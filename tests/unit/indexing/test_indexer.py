"""The indexer when things go wrong: lost, foreign and broken indexes, failing stores, items that make no document."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from threading import Event

import pytest

from catalogue.errors import IndexBusyError, IndexUnavailableError, StorageError
from catalogue.indexing import DocumentBuilder, Indexer
from catalogue.model.report import Status
from catalogue.search.memory import MemoryIndex
from catalogue.search.port import Everything, Health, Position
from catalogue.store import Repository, open_repository
from tests.unit.indexing.shelves import Shelf
from tests.unit.store.builders import Document, Node, ingest, refer


@pytest.fixture
def repository() -> Iterator[Repository]:
    with open_repository("sqlite://") as opened:
        yield opened


def publish(repository: Repository, *identifiers: str, version: str = "1") -> None:
    ingest(repository, Document([Node(one, "Variable", version, label=one) for one in identifiers], salt=version))


def test_an_absent_index_is_built(repository: Repository) -> None:
    publish(repository, "a", "b")
    shelf, said = Shelf(), list[str]()
    assert Indexer(repository, shelf).catch_up(said.append) == 2
    assert shelf.rebuilds == 1
    assert said[0] == "The search index does not exist: it is being built."
    assert shelf.position == Position(repository.past(repository.last_change()), repository.last_change())


def test_nothing_new_does_not_ask_for_the_right_to_write(repository: Repository) -> None:
    publish(repository, "a")
    shelf = Shelf()
    indexer = Indexer(repository, shelf)
    indexer.catch_up()
    shelf.busy = True
    assert indexer.catch_up() == 0
    publish(repository, "b")
    with pytest.raises(IndexBusyError):
        indexer.catch_up()


@pytest.mark.parametrize(
    ("position", "health", "reason"),
    [
        (Position("another", 1), Health.READY, "belongs to another store"),
        (Position("", 99), Health.READY, "is ahead of the store"),
        (Position("", 1), Health.BROKEN, "is broken"),
        (None, Health.BUILDING, "was left unfinished"),
    ],
)
def test_an_index_that_does_not_fit_is_built_anew(
    repository: Repository, position: Position | None, health: Health, reason: str
) -> None:
    publish(repository, "a")
    shelf, said = Shelf(), list[str]()
    shelf.position = position and Position(position.store or repository.past(position.change), position.change)
    shelf.health = health
    assert Indexer(repository, shelf).catch_up(said.append) == 1
    assert shelf.rebuilds == 1
    assert reason in said[0]


def test_only_changes_are_written(repository: Repository) -> None:
    publish(repository, "a")
    shelf = Shelf()
    indexer = Indexer(repository, shelf)
    indexer.catch_up()
    publish(repository, "b")
    assert indexer.catch_up() == 1
    assert shelf.rebuilds == 1
    assert len(shelf.documents) == 2


def test_a_newer_version_takes_the_place_of_the_older(repository: Repository) -> None:
    shelf = Shelf()
    indexer = Indexer(repository, shelf)
    publish(repository, "a")
    indexer.catch_up()
    publish(repository, "a", version="2")
    indexer.catch_up()
    (document,) = shelf.documents.values()
    (stored,) = repository.get_many([document.key])
    assert stored.item.identification.version == "2"


def test_drafts_are_never_indexed(repository: Repository) -> None:
    draft = ingest(repository, Document([Node("a", "Variable")]), Status.DRAFT).revision
    shelf = Shelf()
    indexer = Indexer(repository, shelf)
    indexer.catch_up()
    assert shelf.documents == {}
    repository.publish(draft.id)
    indexer.catch_up()
    assert len(shelf.documents) == 1


@pytest.mark.parametrize("after", range(5))
def test_a_run_that_fails_anywhere_is_taken_up(repository: Repository, after: int) -> None:
    """The position is never ahead of what was written."""
    ingest(repository, Document([Node("c", "Concept", label="one")]))
    shelf, whole = Shelf(), Shelf()
    Indexer(repository, shelf).catch_up()
    for number in range(4):
        variable = Node(f"v{number}", "Variable", references=[refer("c")])
        ingest(repository, Document([variable], salt=str(number)))
    shelf.fail_after = after
    indexer = Indexer(repository, shelf, entries=1)
    if after < 4:
        with pytest.raises(IndexUnavailableError):
            indexer.catch_up()
        assert len(shelf.documents) == 1 + after
    shelf.fail_after = None
    indexer.catch_up()
    Indexer(repository, whole).rebuild()
    assert shelf.documents == whole.documents
    assert shelf.rebuilds == 1


def test_what_is_published_while_an_index_is_built_is_not_lost(repository: Repository) -> None:
    publish(repository, "a")
    shelf = Shelf()
    original, published = shelf._step, list[str]()

    def publish_meanwhile() -> None:
        original()
        if not published:
            published.append("b")
            publish(repository, "b")

    shelf._step = publish_meanwhile  # type: ignore[method-assign]
    Indexer(repository, shelf).catch_up()
    assert len(shelf.documents) == 2
    assert shelf.position == Position(repository.past(repository.last_change()), repository.last_change())


@pytest.mark.parametrize("error", [StorageError("full"), IndexUnavailableError("gone"), IndexBusyError("taken")])
def test_following_waits_and_tries_again(
    repository: Repository, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.following._FIRST_PAUSE", 0.01)
    publish(repository, "a")
    shelf, said, stop = Shelf(), list[str](), Event()
    shelf.failure, shelf.fail_after = error, 0

    def say(line: str) -> None:
        said.append(line)
        if "Trying again" in line:
            shelf.fail_after = None
        if "complete" in line:
            stop.set()

    Indexer(repository, shelf).follow(stop, 0.01, say)
    assert any("Trying again" in line for line in said)
    assert len(shelf.documents) == 1


def test_an_item_that_makes_no_document_is_skipped_and_named(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    publish(repository, "a", "bad", "c")
    original = DocumentBuilder._document

    def fail(self: DocumentBuilder, known: object) -> object:
        if getattr(known, "reference", "").endswith("bad"):
            raise ValueError("no")
        return original(self, known)  # type: ignore[arg-type]

    monkeypatch.setattr(DocumentBuilder, "_document", fail)
    indexer = Indexer(repository, Shelf())
    with caplog.at_level(logging.ERROR):
        assert indexer.catch_up() == 2
    assert indexer.skipped == 1
    assert "urn:ddi:int.example:bad:1" in caplog.text


def test_an_index_in_memory_finds_what_the_store_holds(repository: Repository) -> None:
    index = MemoryIndex()
    indexer = Indexer(repository, index)
    publish(repository, "a", "b")
    indexer.catch_up()
    publish(repository, "c")
    indexer.catch_up()
    assert len(list(index.keys(Everything(), {}))) == 3
    assert index.state().position == Position(repository.past(repository.last_change()), repository.last_change())
