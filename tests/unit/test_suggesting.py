"""Suggestions while typing: what is in the reader's language comes first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalogue.finding import Finder, Suggestion
from catalogue.search import analysis
from catalogue.search.memory import MemoryIndex
from catalogue.search.port import Field, Position, SearchDocument, SearchText
from catalogue.search.thesaurus import Thesaurus
from catalogue.store import Repository, open_repository
from tests.unit.store.builders import AGENCY, Document, Node, ingest

# Name, French label, English label: of those that begin with "soc", most are English words.
ROWS = (
    *((f"a{n}", f"Vie {n}", f"Society and social life {n}") for n in range(9)),
    *((f"b{n}", f"Catégorie socioprofessionnelle {n}", f"Occupation {n}") for n in range(3)),
    *((f"c{n}", f"Société {n}", f"Association {n}") for n in range(2)),
    ("socTie", "Lien", "Tie"),
)


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finder]:
    with open_repository(f"sqlite:///{tmp_path_factory.mktemp('suggesting') / 'store.sqlite'}") as repository:
        ingest(repository, Document([Node(name, label=french, name=name) for name, french, _ in ROWS]))
        documents = dict(_documents(repository))
        index, change = MemoryIndex(), repository.last_change()
        index.apply(documents.values(), (), Position(repository.past(change), change))
        yield Finder(repository, index, Thesaurus([], analysis.normal), lambda keys: [documents[key] for key in keys])


def _documents(repository: Repository) -> Iterator[tuple[int, SearchDocument]]:
    for name, french, english in ROWS:
        (stored,) = repository.get(AGENCY, name, None)
        key = stored.summary.id
        labels = (SearchText(Field.LABEL, english, "en-GB"), SearchText(Field.LABEL, french, "fr-FR"))
        yield key, SearchDocument(key, (SearchText(Field.NAME, name), *labels))


def _suggested(finder: Finder, typed: str, language: str | None, kind: str, limit: int = 8) -> list[Suggestion]:
    return [one for one in finder.suggest(typed, language, limit) if one.kind == kind]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ["socioprofessionnelle", "société", "social", "society"]),
        ("en", ["social", "society", "socioprofessionnelle", "société"]),
        (None, ["social", "society", "socioprofessionnelle", "société"]),
    ],
)
def test_words_of_the_readers_language_come_first(finder: Finder, language: str | None, words: list[str]) -> None:
    """Then the others, each group by how many documents have them."""
    found = _suggested(finder, "soc", language, "word", 20)
    assert [one.text for one in found if one.text not in ("soc", "soctie")] == words


@pytest.mark.parametrize(("language", "own"), [("fr", ("Catégorie", "Société", "Lien")), ("en", ("Society", "Tie"))])
def test_items_are_suggested_by_labels_that_the_reader_reads(
    finder: Finder, language: str, own: tuple[str, ...]
) -> None:
    found = [one.text for one in _suggested(finder, "soc", language, "item")]
    assert len(found) >= 4
    assert all(text.startswith(own) for text in found)


def test_what_only_the_other_language_has_is_suggested_all_the_same(finder: Finder) -> None:
    (word,) = _suggested(finder, "occup", "fr", "word")
    assert word.text == "occupation"
    items = _suggested(finder, "occup", "fr", "item")
    assert {one.text for one in items} == {f"Catégorie socioprofessionnelle {n}" for n in range(3)}
