"""What is known of hits: the same from their cards as made anew, and always as the store is now."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import orjson
import pytest

from catalogue.finding.describing import Describer
from catalogue.indexing import Documents, Indexer
from catalogue.model.report import Status
from catalogue.search.packing import pack
from catalogue.search.port import EDITION, Field, SearchDocument, SearchText
from catalogue.store import Repository, open_repository
from tests.unit.indexing.shelves import Shelf
from tests.unit.indexing.stores import example, keep
from tests.unit.store.builders import AGENCY, Document, Node, ingest


class Watched:
    """The documents of a store, made anew, and which were asked for."""

    def __init__(self, repository: Repository) -> None:
        self._documents = Documents(repository)
        self.asked: list[int] = []

    def of(self, keys: Sequence[int]) -> Sequence[SearchDocument]:
        self.asked += keys
        return self._documents.of(keys)


@pytest.fixture
def repository() -> Iterator[Repository]:
    with open_repository("sqlite://") as opened:
        yield opened


def test_cards_show_what_is_made_anew(repository: Repository) -> None:
    for name in ("common.xml", "mitomics.xml", "e3n-generations.xml"):
        keep(repository, example(name), name)
    shelf, watched = Shelf(), Watched(repository)
    anew = Describer(repository, watched.of)
    Indexer(repository, shelf).rebuild()
    keys = sorted(shelf.documents)
    from_cards = anew.of(keys)
    assert watched.asked == []
    repository.cards.keep({}, keys)
    assert Describer(repository, watched.of).of(keys) == from_cards
    assert sorted(watched.asked) == keys
    assert {key: one.document for key, one in from_cards.items()} == shelf.documents
    around = repository.containers_of(keys)
    assert {key: one.containers for key, one in from_cards.items()} == dict(around)
    assert len({one.containers for one in from_cards.values()}) > 2
    assert {key: one.summary for key, one in from_cards.items()} == {
        stored.id: stored.summary for stored in repository.get_many(keys)
    }


def test_the_card_of_another_edition_is_made_anew(repository: Repository) -> None:
    ingest(repository, Document([Node("a", label="Now")]))
    _, *rest = orjson.loads(zlib.decompress(pack(SearchDocument(1, (SearchText(Field.LABEL, "Then"),)))))
    repository.cards.keep({1: zlib.compress(orjson.dumps([EDITION - 1, *rest]))})
    watched = Watched(repository)
    (shown,) = Describer(repository, watched.of).of([1]).values()
    assert [text.text for text in shown.document.texts if text.field is Field.LABEL] == ["Now"]
    assert watched.asked == [1]


def test_what_is_made_anew_is_kept_until_the_store_changes(repository: Repository) -> None:
    ingest(repository, Document([Node("a")]))
    watched = Watched(repository)
    describer = Describer(repository, watched.of)
    describer.of([1])
    describer.of([1])
    assert watched.asked == [1]
    ingest(repository, Document([Node("b")]))
    describer.of([1])
    assert watched.asked == [1, 1]


def test_a_draft_and_what_is_gone_are_left_out(repository: Repository) -> None:
    ingest(repository, Document([Node("a")]))
    ingest(repository, Document([Node("b")]), Status.DRAFT)
    repository.cards.keep({one: pack(SearchDocument(one, ())) for one in (1, 2)})
    assert list(Describer(repository, Watched(repository).of).of([2, 1, 77])) == [1]


def test_a_changed_cohort_is_shown_at_once(repository: Repository) -> None:
    """Before the indexer has seen it: containers are the store's."""
    ingest(repository, Document([Node("g", "Group", label="Cohort", children=[Node("v")])]))
    Indexer(repository, Shelf()).rebuild()
    describer = Describer(repository, Watched(repository).of)
    (variable,) = repository.get(AGENCY, "v")
    (before,) = describer.of([variable.id]).values()
    ingest(repository, Document([Node("g", "Group", "2", label="Renamed", children=[Node("v")])]))
    (after,) = describer.of([variable.id]).values()
    assert [one.label.texts[0].text for one in before.containers.cohorts] == ["Cohort"]
    assert [one.label.texts[0].text for one in after.containers.cohorts] == ["Renamed"]


def test_labels_of_values(repository: Repository) -> None:
    nodes = [Node("a", label="Label"), Node("b", name="NAME"), Node("c"), Node("d/e", label="Slash")]
    ingest(repository, Document(nodes))
    values = [f"{AGENCY}/{one}" for one in ("a", "b", "c", "d/e", "absent")]
    labels = Describer(repository, Watched(repository).of).labels([*values, "nonsense"])
    shown = {value: [(text.text, text.language) for text in label] for value, label in labels.items()}
    assert shown == dict(
        zip(
            [*values, "nonsense"],
            ([("Label", "en")], [("NAME", None)], [("c", None)], [("Slash", "en")], [], []),
            strict=True,
        )
    )
