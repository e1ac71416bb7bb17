"""The cards that an indexer keeps are the documents that it indexes, whatever happens to both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalogue.errors import IndexUnavailableError
from catalogue.indexing import Indexer
from catalogue.model.report import Status
from catalogue.search.packing import unpack
from catalogue.search.port import SearchDocument
from catalogue.store import Repository, open_repository
from tests.unit.indexing.shelves import Shelf
from tests.unit.store.builders import AGENCY, Document, Node, ingest, refer


@pytest.fixture
def repository() -> Iterator[Repository]:
    with open_repository("sqlite://") as opened:
        yield opened


def kept(repository: Repository) -> dict[int, SearchDocument]:
    """Every card of the store, as the document that it is of."""
    cards = {one.summary.id: one.card for one in repository.cards.of(range(1, 200))}
    found = {key: unpack(key, card) for key, card in cards.items() if card is not None}
    return {key: document for key, document in found.items() if document is not None}


def publish(repository: Repository, *nodes: Node) -> None:
    ingest(repository, Document(nodes, salt=str(repository.last_change())))


def test_cards_are_what_is_indexed(repository: Repository) -> None:
    publish(repository, Node("c", "Concept", label="Concept"), Node("k", "Code"))
    publish(repository, *(Node(f"v{number}", references=[refer("c")]) for number in range(9)))
    ingest(repository, Document([Node("draft")]), Status.DRAFT)
    shelf = Shelf()
    Indexer(repository, shelf, batch=2).rebuild()
    assert len(shelf.documents) == 10
    assert kept(repository) == shelf.documents
    publish(repository, Node("w", label="More", references=[refer("c")]))
    publish(repository, Node("v0", version="2", label="Newer"))
    Indexer(repository, shelf).catch_up()
    assert len(shelf.documents) == 11
    assert kept(repository) == shelf.documents


def test_the_card_of_what_was_superseded_goes(repository: Repository) -> None:
    """By changes, and when all is built anew."""
    shelf = Shelf()
    indexer = Indexer(repository, shelf)
    publish(repository, Node("a"), Node("b"))
    indexer.catch_up()
    publish(repository, Node("a", version="2"))
    indexer.catch_up()
    assert kept(repository) == shelf.documents
    publish(repository, Node("b", version="2"))
    Indexer(repository, Shelf()).rebuild()
    assert {key: repository.get_many([key])[0].summary.identification.version for key in kept(repository)} == {
        3: "2",
        4: "2",
    }


def test_the_card_of_what_was_deprecated_goes(repository: Repository) -> None:
    shelf = Shelf()
    indexer = Indexer(repository, shelf)
    publish(repository, Node("a"))
    revision = ingest(repository, Document([Node("b")])).revision
    indexer.catch_up()
    repository.deprecate(revision.id)
    indexer.catch_up()
    assert kept(repository) == shelf.documents
    assert len(shelf.documents) == 1


def test_a_card_is_never_older_than_the_document_in_the_index(repository: Repository) -> None:
    """An index that fails leaves cards that are ahead of it, and of what the store says now."""
    shelf = Shelf()
    publish(repository, Node("c", "Concept"), Node("v", references=[refer("c", version="")]))
    Indexer(repository, shelf).catch_up()
    before = dict(shelf.documents)
    publish(repository, Node("c", "Concept", version="2", label="Tabagisme"))
    shelf.fail_after = 0
    with pytest.raises(IndexUnavailableError):
        Indexer(repository, shelf).catch_up()
    assert shelf.documents == before
    (variable,) = repository.get(AGENCY, "v")
    assert "Tabagisme" in [text.text for text in kept(repository)[variable.id].texts]
    assert "Tabagisme" not in [text.text for text in before[variable.id].texts]
    shelf.fail_after = None
    Indexer(repository, shelf).catch_up()
    assert kept(repository) == shelf.documents
