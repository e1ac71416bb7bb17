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


@pytest.mark.parametrize("language", ["fr", "en", None])
def test_words_of_names_come_after_those_of_texts(finder: Finder, language: str | None) -> None:
    """They are of no language, and so not the reader's either."""
    found = [one.text for one in _suggested(finder, "soc", language, "word", 20)]
    assert set(found[-2:]) == {"soc", "soctie"}
    assert [one.text for one in _suggested(finder, "socti", language, "word")] == ["soctie"]


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


# --- phrases

# Label and language; each is an item of its own.
PHRASES = (
    *(("Santé perçue", "fr"),) * 3,
    ("SANTE PERCUE", "fr"),
    ("Santés perçues", "fr"),
    ("Perception de la santé physique", "fr"),
    ("Perception de la santé physique", "fr"),
    ("Santé : plusieurs problèmes", "fr"),
    *(("Problèmes de peau, puis de santé", "fr"),) * 9,
    *(("Santé publique hospitals", "en"),) * 6,
    ("Qualité de la vie", "fr"),
    ("Qualité de vie", "fr"),
    ("Qualité des soins", "fr"),
    ("Qualité de vie", "fr"),
    *((f"Consommation d’alcool {n}", "fr") for n in range(2)),
)


@pytest.fixture(scope="module")
def phrased(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finder]:
    with open_repository(f"sqlite:///{tmp_path_factory.mktemp('phrases') / 'store.sqlite'}") as repository:
        ingest(repository, Document([Node(f"p{n}", label=label) for n, (label, _) in enumerate(PHRASES)]))
        documents = {}
        for number, (label, language) in enumerate(PHRASES):
            (stored,) = repository.get(AGENCY, f"p{number}", None)
            key = stored.summary.id
            documents[key] = SearchDocument(key, (SearchText(Field.LABEL, label, language),))
        index, change = MemoryIndex(), repository.last_change()
        index.apply(documents.values(), (), Position(repository.past(change), change))
        yield Finder(repository, index, Thesaurus([], analysis.normal), lambda keys: [documents[key] for key in keys])


@pytest.mark.parametrize(
    ("typed", "language", "texts"),
    [
        ("santé p", "fr", ["santé perçue", "santé physique", "santé publique"]),
        ("santé p", "en", ["santé publique", "santé perçue", "santé physique"]),
        ("SANTE per", "fr", ["SANTE perçue"]),
        ("qualité d", "fr", ["qualité de vie", "qualité de la vie", "qualité des soins"]),
        ("qualité de v", "fr", ["qualité de vie"]),
        ("consommation d’al", "fr", ["consommation d’alcool"]),
        ("peau OR santé ph", "fr", ["peau OR santé physique"]),
        ("-peau santé ph", "fr", ["-peau santé physique"]),
        ('"santé ph', "fr", ['"santé physique']),
        ("perception santé ph", "fr", ["perception santé physique"]),
    ],
)
def test_phrases_that_go_on_with_what_was_typed_come_first(
    phrased: Finder, typed: str, language: str, texts: list[str]
) -> None:
    """Those in the reader's language before the others, then the most frequent; each once."""
    found = [one.text for one in _suggested(phrased, typed, language, "word")]
    assert found[: len(texts)] == texts
    forms = [analysis.normal(text) for text in found]
    assert len(forms) == len(set(forms))


@pytest.mark.parametrize("typed", ["santé -p", "label:santé p", "santé NOT p", "peau santé pu", "xyz santé p"])
def test_what_is_no_phrase_is_not_continued(phrased: Finder, typed: str) -> None:
    """Words that are had beside the others are offered as ever, by how many items have them."""
    before = typed.rpartition(" ")[0]
    found = _suggested(phrased, typed, "fr", "word")
    assert f"{before} perçue" not in [one.text for one in found[:1]]
    counts = [one.documents or 0 for one in found]
    assert counts == sorted(counts, reverse=True)


def test_a_phrase_counts_those_that_have_it(phrased: Finder) -> None:
    (first, *_) = _suggested(phrased, "santé per", "fr", "word")
    assert (first.text, first.documents) == ("santé perçue", 4)
    (beside, *_) = _suggested(phrased, "perception santé ph", "fr", "word")
    assert beside.documents == 2


def test_what_differs_only_in_case_accents_or_plural_is_suggested_once(phrased: Finder) -> None:
    for typed in ("sant", "perc", "qualite"):
        found = [(one.kind, *analysis.normal(one.text)) for one in phrased.suggest(typed, "fr", 20)]
        assert found
        assert len(found) == len(set(found)), typed
    assert [one.text for one in _suggested(phrased, "perc", "fr", "word")][:1] == ["perçue"]
