"""The generated cohorts: the same each time, frequent and rare as promised, the same as DDI-L and as documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from catalogue.indexing import DocumentBuilder
from catalogue.model.report import Status
from catalogue.search import analysis
from catalogue.search.memory import MemoryIndex
from catalogue.search.port import Facet, Node, Position, SearchDocument, SearchRequest
from catalogue.service import open_catalogue
from catalogue.settings import Settings
from tests.benchmarks import studies, vocabulary
from tests.benchmarks.generator import cohort
from tests.benchmarks.measuring import in_child
from tests.benchmarks.questions import CLASSES, Catalogue, Kind, questions, rare_words
from tests.benchmarks.search_documents import search_documents
from tests.benchmarks.searching import quantile

VARIABLES = 10_000


@pytest.fixture(scope="module")
def documents() -> list[SearchDocument]:
    return list(search_documents(VARIABLES))


@pytest.fixture(scope="module")
def frequencies(documents: list[SearchDocument]) -> Counter[str]:
    """In how many documents each word stands."""
    found: Counter[str] = Counter()
    for document in documents:
        found.update({word for text in document.texts for word in _words(text.text)})
    return found


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(analysis.folded_word(word.text) for word in analysis.words(text))


@pytest.fixture(scope="module")
def small() -> MemoryIndex:
    index = MemoryIndex()
    with index.writer() as writer:
        writer.apply(search_documents(300), (), Position("test", 1))
    return index


def test_documents_are_the_same_each_time_and_other_with_another_seed() -> None:
    assert list(search_documents(300)) == list(search_documents(300))
    assert list(search_documents(300)) != list(search_documents(300, seed=2))
    assert cohort(300) == cohort(300) != cohort(300, seed=2)
    assert list(studies.documents(2)) == list(studies.documents(2)) != list(studies.documents(2, seed=2))


def test_documents_come_one_by_one() -> None:
    assert [document.key for document in islice(search_documents(1_000_000), 3)] == [1, 2, 3]


@pytest.mark.parametrize("variables", [0, 1, 2, 99, 250, 4_001])
def test_there_are_as_many_as_asked_for(variables: int) -> None:
    assert [document.key for document in search_documents(variables)] == list(range(1, variables + 1))
    assert cohort(variables).count(b"<l:Variable>") == variables


def test_common_words_stand_in_a_tenth_to_three_tenths(frequencies: Counter[str]) -> None:
    shares = {word: frequencies[analysis.folded_word(word)] / VARIABLES for word in vocabulary.COMMON}
    assert {word: share for word, share in shares.items() if not 0.1 <= share <= 0.3} == {}


def test_rare_words_stand_in_few_documents(frequencies: Counter[str]) -> None:
    found = list(islice(rare_words(Catalogue(VARIABLES, 1)), 40))
    assert len(set(found)) == 40
    counts = [frequencies[analysis.folded_word(word)] for word in found]
    assert max(counts) < 20
    assert sum(map(bool, counts)) > 30


def test_there_are_thousands_of_words_and_most_of_them_are_rare(frequencies: Counter[str]) -> None:
    letters = [count for word, count in frequencies.items() if word.isalpha()]
    assert len(letters) > 4_000
    assert sum(count < 20 for count in letters) > len(letters) / 2


def test_there_are_as_many_cohorts_waves_instruments_and_concepts_as_promised(documents: list[SearchDocument]) -> None:
    values = {facet: _values(documents, facet) for facet in Facet}
    assert len(values[Facet.COHORT]) == 40
    assert 130 <= len(values[Facet.WAVE]) <= 170
    assert 260 <= len(values[Facet.INSTRUMENT]) <= 340
    assert 400 <= len(values[Facet.CONCEPT]) <= vocabulary.CONCEPTS
    assert min(values[Facet.YEAR]) >= "1990"
    assert max(values[Facet.YEAR]) <= "2026"
    assert all(values[facet] for facet in Facet)


def test_some_documents_have_several_values_of_a_facet(documents: list[SearchDocument]) -> None:
    for facet in (Facet.YEAR, Facet.MODE, Facet.LANGUAGE):
        assert any(len(document.facets[facet]) > 1 for document in documents), facet


def _values(documents: Iterable[SearchDocument], facet: Facet) -> set[str]:
    return {value for document in documents for value in document.facets.get(facet, ())}


def test_indexing_the_ddi_document_gives_the_same_search_documents(tmp_path: Path) -> None:
    with open_catalogue(Settings(data=tmp_path)) as catalogue:
        outcome = catalogue.submit(cohort(800), "cohort.xml")
        assert outcome.status is Status.PUBLISHED
        indexed = DocumentBuilder(catalogue._repository).build(range(1, outcome.receipt.found + 1)).documents
    variables = [document for document in indexed if document.facets[Facet.TYPE] == ("Variable",)]
    assert sorted(map(_content, variables)) == sorted(map(_content, search_documents(800)))


def _content(document: SearchDocument) -> tuple[object, ...]:
    """All but the key, which is the store's."""
    texts = sorted((text.field, text.text, text.language or "") for text in document.texts)
    return sorted(document.facets.items()), texts, document.name, document.cohort, document.date


@pytest.mark.parametrize("kind", CLASSES)
def test_questions_find_something_and_share_no_words(small: MemoryIndex, kind: str) -> None:
    asked = questions(kind, Catalogue(300, 1))
    found = [one for one in asked[:8] if one.kind is not Kind.SEARCH or _total(small, one.node)]
    assert found
    if kind != "all + 14 facets":
        assert len({one.words for one in asked}) == len(asked)


def _total(index: MemoryIndex, node: Node) -> int:
    return index.search(SearchRequest(node, limit=0)).total


def test_quantiles() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile(range(100), 0.95) == 95
    assert quantile([5.0], 0.95) == 5.0


def hold(megabytes: str) -> int:
    """Have this much memory for a moment."""
    return len(bytearray(int(megabytes) * 2**20))


def test_the_peak_of_a_child_is_its_own() -> None:
    ours = bytearray(200 * 2**20)
    assert in_child(__name__, "hold", "1").peak < 150 * 2**20 < len(ours)
    assert in_child(__name__, "hold", "160").peak > 160 * 2**20
