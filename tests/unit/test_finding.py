"""The finder over a real store and the reference index: what a person asks, pages through, misspells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalogue.errors import IndexUnavailableError, UsageError
from catalogue.finding import MOST_FACET_VALUES, Finder, SearchQuestion
from catalogue.model.identity import Identification
from catalogue.model.report import Status
from catalogue.model.text import LocalizedText
from catalogue.search import analysis
from catalogue.search.memory import MemoryIndex
from catalogue.search.notes import NoteCode
from catalogue.search.port import Facet, Field, Position, SearchDocument, SearchText, Sort
from catalogue.search.thesaurus import Label, Thesaurus, ThesaurusConcept
from catalogue.store import Repository, open_repository
from tests.unit.store.builders import AGENCY, Document, Node, ingest

# Identifier, label, year, concept.
ROWS = (
    ("Q1_a", "Tabagisme de la mère", "1990", "tobacco"),
    ("Q1_b", "Tabagisme du père", "1991", "tobacco"),
    ("smokStatus", "Smoking status of the mother", "1992", "tobacco"),
    ("sleep1", "Durée du sommeil de l'enfant", "1992", "sleep"),
    ("sleep2", "Sommeil: réveils nocturnes", "1992", "sleep"),
    *((f"v{n:02}", f"Mesure {n}", str(2000 + n), "measure") for n in range(12)),
)
CONCEPTS = {"sleep": (SearchText(Field.CONCEPT, "Sommeil"),)}
THESAURUS = Thesaurus(
    [ThesaurusConcept("tobacco", (Label("smoking", "en", True), Label("tabagisme", "fr", True)))], analysis.normal
)


class World:
    """A store, an index, and what is known of each row."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.index = MemoryIndex()
        nodes = [Node(name, label=label, name=name) for name, label, _, _ in ROWS]
        nodes += [Node(one, "Concept", label=f"Concept of {one}") for one in ("tobacco", "sleep")]
        ingest(repository, Document(nodes))
        self.documents = dict(self._documents())
        self.gone: set[int] = set()
        self.asked: list[Sequence[int]] = []
        change = repository.last_change()
        self.index.apply(self.documents.values(), (), Position(repository.past(change), change))
        self.finder = Finder(repository, self.index, THESAURUS, self.documents_of)

    def _documents(self) -> Iterator[tuple[int, SearchDocument]]:
        for name, label, year, concept in ROWS:
            (stored,) = self.repository.get(AGENCY, name, None)
            texts = (SearchText(Field.NAME, name), SearchText(Field.LABEL, label), *CONCEPTS.get(concept, ()))
            facets = {Facet.YEAR: (year,), Facet.TYPE: ("Variable",), Facet.CONCEPT: (f"{AGENCY}/{concept}",)}
            yield stored.summary.id, SearchDocument(stored.summary.id, texts, facets, analysis.sort_key(name))

    def documents_of(self, keys: Sequence[int]) -> Iterable[SearchDocument]:
        self.asked.append(keys)
        return [self.documents[key] for key in keys if key not in self.gone]

    def names(self, text: str, **more: object) -> list[str | None]:
        question = SearchQuestion(text, **more)  # type: ignore[arg-type]
        return [item.summary.name for item in self.finder.search(question).items]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    path = tmp_path_factory.mktemp("finding") / "store.sqlite"
    with open_repository(f"sqlite:///{path}") as repository:
        yield World(repository)


def test_what_is_found_is_shown_from_the_store(world: World) -> None:
    answer = world.finder.search(SearchQuestion("tabagisme mère", language="fr", every_word=True))
    (mother,) = answer.items
    assert mother.summary.identification == Identification(AGENCY, "Q1_a", "1")
    assert [(one.text, one.marked) for one in mother.labels[0].fragments] == [
        ("Tabagisme", True),
        (" de la ", False),
        ("mère", True),
    ]
    assert answer.total == 1


def test_pages_are_all_hits_once_in_order(world: World) -> None:
    seen: list[str | None] = []
    cursor = None
    while True:
        answer = world.finder.search(SearchQuestion(sort=Sort.NAME, cursor=cursor, limit=4))
        assert answer.total == len(ROWS)
        seen += [item.summary.name for item in answer.items]
        cursor = answer.cursor
        if cursor is None:
            break
    assert seen == sorted((row[0] for row in ROWS), key=analysis.sort_key)
    assert {item.summary.name for item in world.finder.all(SearchQuestion(limit=1))} == set(seen)


def test_a_cursor_of_ones_own_making_is_refused(world: World) -> None:
    for cursor in ("x", "-1", ""):
        with pytest.raises(UsageError):
            world.finder.search(SearchQuestion("sommeil", cursor=cursor))


TWO = SearchQuestion("tabagisme OR mesure", language="fr", limit=2)


@pytest.mark.parametrize(
    "other",
    [
        {"text": "tabagisme"},
        {"language": "en"},
        {"filters": {Facet.TYPE: ("Variable",)}},
        {"years": ("1990", "")},
        {"sort": Sort.NAME},
        {"expand": False},
        {"without": ("tobacco",)},
        {"every_word": True},
    ],
    ids=lambda one: next(iter(one)),
)
def test_a_cursor_belongs_to_its_question(world: World, other: dict[str, Any]) -> None:
    cursor = world.finder.search(TWO).cursor
    assert cursor
    with pytest.raises(UsageError, match="not given by this search") as caught:
        world.finder.search(replace(TWO, cursor=cursor, **other))
    assert "begin anew" in caught.value.next_step


def test_a_cursor_goes_on_however_the_question_is_put(world: World) -> None:
    """Neither how many are wanted, nor what is counted, nor in which order values were chosen changes the hits."""
    chosen = replace(TWO, filters={Facet.YEAR: ("2001", "2002", "2003", "2004"), Facet.TYPE: ("Variable", "Concept")})
    cursor = world.finder.search(chosen).cursor
    turned = {Facet.TYPE: ("Concept", "Variable"), Facet.YEAR: ("2004", "2003", "2002", "2001")}
    rest = world.finder.search(replace(chosen, filters=turned, limit=9, facet_values={Facet.TYPE: 0}, cursor=cursor))
    assert (len(rest.items), rest.cursor) == (2, None)


@pytest.mark.parametrize("years", [("1991", "2002"), ("", "1991"), ("2005", ""), ("1700", "1800"), ("", "")])
def test_years_limit_what_is_found_and_counted(world: World, years: tuple[str, str]) -> None:
    """By brute force; whatever the text says of years besides."""
    within = {name for name, _, year, _ in ROWS if (years[0] or "0") <= year <= (years[1] or "9999")}
    counts = Counter(year for name, _, year, _ in ROWS if name in within)
    for text, also in (("", within), ("NOT year:1992", {name for name in within if _year(name) != "1992"})):
        question = SearchQuestion(text, years=years, limit=50, facet_values={Facet.YEAR: 50})
        answer = world.finder.search(question)
        assert {item.summary.name for item in answer.items} == also
        assert {item.summary.name for item in world.finder.all(question)} == also
        assert {item.summary.name for item in world.finder.newest(question, 50)} == also
        if not text:
            assert {one.value: one.documents for one in answer.facets[Facet.YEAR].values} == counts


def _year(name: str) -> str:
    return next(year for one, _, year, _ in ROWS if one == name)


def test_years_never_widen_a_query(world: World) -> None:
    two = SearchQuestion("sommeil nocturnes père", limit=50)
    assert world.finder.search(two).total == 3
    assert world.finder.search(replace(two, years=("1992", "1992"))).total == 2
    assert world.finder.search(SearchQuestion("mesure", years=("2011", "2011"))).total == 1  # not more for want of hits


def test_the_newest_are_those_that_were_published_last(tmp_path: Path) -> None:
    """Drafts that were stored first are published last; what a later revision repeats is no newer for it."""
    with open_repository(f"sqlite:///{tmp_path / 'store.sqlite'}") as repository:
        draft = ingest(repository, Document([Node("d1", label="Mesure"), Node("d2", label="Mesure")]), Status.DRAFT)
        for number in range(9):
            ingest(repository, Document([Node(f"p{number}", label="Mesure")], file_name=f"{number}.xml"))
        again = [Node("p0", label="Mesure"), Node("p9", label="Mesure")]
        ingest(repository, Document(again, file_name="0.xml"))
        repository.publish(draft.revision.id)
        index, documents = MemoryIndex(), {}
        for name in ("d1", "d2", *(f"p{number}" for number in range(10))):
            (stored,) = repository.get(AGENCY, name, None)
            key = stored.summary.id
            documents[key] = SearchDocument(key, (SearchText(Field.LABEL, "Mesure"),), date=f"20{30 - key:02}-01-01")
        change = repository.last_change()
        index.apply(documents.values(), (), Position(repository.past(change), change))
        finder = Finder(repository, index, THESAURUS, lambda keys: [documents[key] for key in keys])
        newest = finder.newest(SearchQuestion("mesure"), 5)
        assert [one.summary.identification.identifier for one in newest] == ["d2", "d1", "p9", "p8", "p7"]


def test_limits_are_kept(world: World) -> None:
    assert world.names("", limit=-3) == world.names("", limit=0) == []
    assert len(world.names("", limit=10**6)) == len(ROWS)
    facets = world.finder.search(SearchQuestion(facet_values={Facet.YEAR: 10**6, Facet.TYPE: 0})).facets
    assert len(facets[Facet.YEAR].values) == len({row[2] for row in ROWS}) < MOST_FACET_VALUES
    assert not facets[Facet.YEAR].more
    assert Facet.TYPE not in facets


def years(world: World, text: str, *chosen: str, values: int = 8, **more: tuple[str, ...]) -> dict[str, int]:
    filters = {Facet.YEAR: chosen} | {Facet(name): value for name, value in more.items()}
    question = SearchQuestion(text, filters=filters if chosen or more else {}, facet_values={Facet.YEAR: values})
    found = world.finder.search(question).facets[Facet.YEAR]
    assert [one.value for one in found.values if one.chosen] == [
        one.value for one in found.values if one.value in chosen
    ]
    return {one.value: one.documents for one in found.values}


def brute(year: str, *concepts: str) -> int:
    return sum(row[2] == year and (not concepts or row[3] in concepts) for row in ROWS)


def test_chosen_values_are_shown_with_true_counts_even_beyond_those_that_are_listed(world: World) -> None:
    found = years(world, "", "2011", "1990", "1850", values=2)
    assert {"2011", "1850", "1990"} <= set(found)
    assert found == {year: brute(year) for year in found}
    assert found["2011"] == 1
    assert found["1850"] == 0
    within = years(world, "", "2011", "1991", values=1, concept=(f"{AGENCY}/tobacco",))
    assert within["2011"] == brute("2011", "tobacco") == 0
    assert within["1991"] == brute("1991", "tobacco") == 1
    assert "1850" not in years(world, "")


def test_values_that_are_items_have_their_labels(world: World) -> None:
    facet = world.finder.search(SearchQuestion()).facets[Facet.CONCEPT]
    labels = {one.value: one.label.get("en") if hasattr(one.label, "get") else str(one.label) for one in facet.values}
    assert "Concept of tobacco" in str(labels[f"{AGENCY}/tobacco"])
    assert "Concept" not in str(labels[f"{AGENCY}/measure"])  # there is no such item


def test_where_no_item_has_all_words_some_are_shown_and_said(world: World) -> None:
    answer = world.finder.search(SearchQuestion("sommeil nocturnes père", limit=2))
    assert answer.relaxed
    assert answer.total == 3
    further = world.finder.search(SearchQuestion("sommeil nocturnes père", limit=2, cursor=answer.cursor))
    assert further.relaxed
    assert {item.summary.name for item in (*answer.items, *further.items)} == {"Q1_b", "sleep1", "sleep2"}
    assert {item.summary.name for item in world.finder.all(answer.question)} == {"Q1_b", "sleep1", "sleep2"}
    few = world.finder.search(SearchQuestion("sommeil nocturnes"))
    assert (few.relaxed, few.exact) == (True, 1)
    every = world.finder.search(SearchQuestion("sommeil nocturnes", every_word=True))
    assert (every.relaxed, every.total) == (False, 1)
    assert few.items[0].summary == every.items[0].summary  # those with all words come first
    nothing = world.finder.search(SearchQuestion("xyzzy plugh"))
    assert (nothing.relaxed, nothing.total) == (False, 0)


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("tabagizme", ["tabagisme"]),
        ("Tabagizme mere", ["tabagisme mere"]),
        ("duree du someil", ["duree du sommeil"]),
        ("someil Nocturnez", ["sommeil Nocturnez"]),
        ("-tabagisme durré", ["-tabagisme durée"]),
        ("tabagisme", []),
        ("xyzzyplugh", []),
    ],
)
def test_a_misspelt_word_is_corrected_with_its_accents(world: World, typed: str, texts: list[str]) -> None:
    corrections = world.finder.search(SearchQuestion(typed)).corrections
    assert [one.text for one in corrections][: len(texts) or None] == texts
    for one in corrections:
        assert world.finder.search(SearchQuestion(one.text)).total


def test_nobody_looks_for_words_that_say_nothing(world: World) -> None:
    """What is near to a telling word is offered all the same."""
    assert [one.text for one in world.finder.search(SearchQuestion("label:dep")).corrections] == []
    assert [one.text for one in world.finder.search(SearchQuestion("label:tabagizme")).corrections] == [
        "label:tabagisme"
    ]


def test_expansions_are_said_and_can_be_taken_back(world: World) -> None:
    assert set(world.names("smoking")) == {"Q1_a", "Q1_b", "smokStatus"}
    assert world.names("smoking", expand=False) == world.names("smoking", without=("tobacco",)) == ["smokStatus"]
    assert [one.words for one in world.finder.search(SearchQuestion("smoking")).expansions] == ["smoking"]


def suggested(world: World, typed: str, **more: int) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in world.finder.suggest(typed, "fr", **more)]


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("tab", "tabagisme"),
        ("TAB", "tabagisme"),
        ("réveils noc", "réveils nocturnes"),
        ("l'enf", "l'enfant"),
        ("durée d’enf", "durée d’enfant"),
        ("label:som", "label:sommeil"),
        ("-som", "-sommeil"),
        ('"réveils noc', '"réveils nocturnes'),
        ("(som", "(sommeil"),
        ("mèr", "mère"),
    ],
)
def test_the_word_that_is_being_typed_is_completed(world: World, typed: str, word: str) -> None:
    assert ("word", word) in suggested(world, typed)


def test_items_are_suggested_and_nothing_after_a_space(world: World) -> None:
    assert ("item", "Smoking status of the mother") in suggested(world, "smokst")
    assert ("item", "Tabagisme du père") in suggested(world, "père tabag")
    assert ("item", "Tabagisme de la mère") not in suggested(world, "père tabag")
    assert [kind for kind, _ in suggested(world, "-tabag")] == ["word"]
    assert suggested(world, "tabac ") == suggested(world, "") == suggested(world, "?") == []
    assert len(suggested(world, "m", limit=2)) <= 2


def test_an_item_that_the_store_no_longer_has_is_left_out(world: World) -> None:
    (first, *_) = world.finder.search(SearchQuestion("sommeil")).items
    fresh = Finder(world.repository, world.index, THESAURUS, world.documents_of)
    world.gone.add(first.summary.id)
    left = fresh.search(SearchQuestion("sommeil"))
    world.gone.clear()
    assert len(left.items) == 1
    assert first.summary.id not in [item.summary.id for item in left.items]


def test_what_is_shown_is_kept_until_the_store_changes(world: World) -> None:
    world.names("sommeil")
    asked = len(world.asked)
    world.names("sommeil")
    assert len(world.asked) == asked
    ingest(world.repository, Document([Node("new", label="New")]))
    world.names("sommeil")
    assert len(world.asked) > asked


def test_without_an_index_it_is_said(world: World) -> None:
    empty = Finder(world.repository, MemoryIndex(), THESAURUS, world.documents_of)
    for ask in (lambda: empty.search(SearchQuestion("x")), lambda: empty.suggest("xyz")):
        with pytest.raises(IndexUnavailableError):
            ask()
    assert empty.state().documents == 0


# --- where little is found

WIDE = Thesaurus(
    [
        ThesaurusConcept("habits", (Label("habits", "en", True), Label("habitudes", "fr", True))),
        ThesaurusConcept("tobacco", (Label("smoking", "en", True), Label("tabagisme", "fr", True)), ("habits",)),
        ThesaurusConcept("vaping", (Label("vaping", "en", True), Label("vapotage", "fr", True)), ("tobacco",)),
    ],
    analysis.normal,
)
SMOKING = {"Q1_a", "Q1_b", "smokStatus"}


@pytest.fixture(scope="module")
def wide(world: World) -> Finder:
    return Finder(world.repository, world.index, WIDE, world.documents_of)


def _found(finder: Finder, text: str, **more: object) -> tuple[set[str | None], list[tuple[str, str]]]:
    answer = finder.search(SearchQuestion(text, language="fr", **more))  # type: ignore[arg-type]
    return {item.summary.name for item in answer.items}, [(one.code, one.subject) for one in answer.notes]


def test_a_broader_concept_also_finds_the_narrower_ones(wide: Finder) -> None:
    assert _found(wide, "habitudes") == (SMOKING, [])
    (expansion,) = wide.search(SearchQuestion("habitudes", language="fr")).expansions
    assert expansion.narrower == ("tabagisme", "vapotage")
    assert _found(wide, "habitudes", without=("habits",)) == (set(), [])
    assert _found(wide, "habitudes", expand=False) == (set(), [])


def test_where_nothing_is_said_of_a_concept_the_nearest_broader_one_is_shown_and_said(wide: Finder) -> None:
    assert _found(wide, "vapotage") == (SMOKING, [("broader", "tabagisme")])
    assert _found(wide, "vapotage", every_word=True) == (set(), [])


def test_a_word_that_only_begins_others_is_read_as_a_beginning(wide: Finder) -> None:
    assert _found(wide, "noct") == ({"sleep2"}, [("beginning", "noct")])
    assert _found(wide, "noctx") == (set(), [])


def test_an_apostrophe_may_be_left_out(wide: Finder) -> None:
    answer = wide.search(SearchQuestion("sommeil de l enfant", language="fr"))
    assert (answer.exact, answer.items[0].summary.name) == (1, "sleep1")


def test_nobody_misspells_the_first_letter(wide: Finder) -> None:
    assert [one.text for one in wide.search(SearchQuestion("tabagizme")).corrections] == ["tabagisme"]
    assert wide.search(SearchQuestion("zabagisme")).corrections == ()


def test_of_a_remembered_wording_idle_words_may_be_all_that_is_right(wide: Finder) -> None:
    assert _found(wide, "zzz yyy xxx du")[0] == {"Q1_b", "sleep1"}
    assert _found(wide, "zzz du")[0] == set()


def test_filters_never_widen_a_query(wide: Finder) -> None:
    every = wide.search(SearchQuestion("mesure", facet_values={Facet.YEAR: 50}))
    assert (every.total, every.relaxed) == (12, False)
    for value in every.facets[Facet.YEAR].values:
        chosen = wide.search(SearchQuestion("mesure", filters={Facet.YEAR: (value.value,)}))
        assert chosen.total == value.documents
    two = SearchQuestion("sommeil enfant mesure", facet_values={Facet.YEAR: 50})
    assert wide.search(two).relaxed
    for value in wide.search(two).facets[Facet.YEAR].values:
        assert wide.search(SearchQuestion(two.text, filters={Facet.YEAR: (value.value,)})).total == value.documents


@pytest.mark.parametrize("text", ["somm\\ei", r"so\mmei", r"a\g<1>"])
def test_a_backslash_is_nothing_special(wide: Finder, text: str) -> None:
    assert wide.search(SearchQuestion(text)).question.text == text


def test_a_thesaurus_may_go_in_circles(world: World) -> None:
    circle = [
        ThesaurusConcept("a", (Label("qwertya", "en", True),), ("b",)),
        ThesaurusConcept("b", (Label("qwertyb", "en", True),), ("a",)),
    ]
    finder = Finder(world.repository, world.index, Thesaurus(circle, analysis.normal), world.documents_of)
    assert finder.search(SearchQuestion("qwertya")).total == 0


@pytest.mark.parametrize("text", ["sommeil/enfant", "enfant+sommeil", "sommeil-enfant", '"enfant sommeil"'])
def test_words_that_nobody_has_together_are_taken_apart(wide: Finder, text: str) -> None:
    answer = wide.search(SearchQuestion(text, language="fr"))
    assert [item.summary.name for item in answer.items] == ["sleep1"]
    assert answer.relaxed
    assert wide.search(SearchQuestion(text, every_word=True)).total == 0


def test_an_export_comes_in_the_order_of_the_page(wide: Finder) -> None:
    for sort in Sort:
        question = SearchQuestion("tabagisme", language="fr", sort=sort)
        page = [item.summary.name for item in wide.search(question).items]
        assert [item.summary.name for item in wide.all(question)] == page


def test_a_completion_goes_with_what_stands_before_it(wide: Finder) -> None:
    words = [one for one in wide.suggest("sommeil enf", "fr") if one.kind == "word"]
    assert [(one.text, one.documents) for one in words] == [("sommeil enfant", 1)]
    assert [one for one in wide.suggest("tabagisme enf", "fr") if one.kind == "word"] == []


# --- values that nothing has


def _absent(finder: Finder, text: str = "", **more: object) -> list[tuple[str, tuple[str, ...]]]:
    answer = finder.search(SearchQuestion(text, language="fr", **more))  # type: ignore[arg-type]
    return [(one.subject, one.known) for one in answer.notes if one.code is NoteCode.UNKNOWN_VALUE]


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({Facet.TYPE: ("Nope",)}, [("type:Nope", ("Variable",))]),
        ({Facet.TYPE: ("Variable", "Nope")}, [("type:Nope", ("Variable",))]),
        ({Facet.TYPE: ("variable",)}, [("type:variable", ("Variable",))]),
        ({Facet.HAS_QUESTION: ("maybe",)}, [("has-question:maybe", ())]),
        ({Facet.YEAR: ("1066",)}, [("year:1066", ())]),
        ({Facet.CONCEPT: (f"{AGENCY}/nothing",)}, [(f"concept:{AGENCY}/nothing", ())]),
        ({Facet.CONCEPT: (f"{AGENCY}/sleep",), Facet.TYPE: ("Nope",)}, [("type:Nope", ("Variable",))]),
        ({Facet.TYPE: ("Variable",)}, []),
        ({Facet.CONCEPT: (f"{AGENCY}/sleep", f"{AGENCY}/tobacco")}, []),
        ({}, []),
    ],
)
def test_a_chosen_value_that_nothing_has_is_said(
    world: World, filters: dict[Facet, tuple[str, ...]], said: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert _absent(world.finder, filters=filters) == said


def test_values_that_exist_are_not_blamed_for_what_nothing_has_together(world: World) -> None:
    filters = {Facet.CONCEPT: (f"{AGENCY}/sleep",), Facet.TYPE: ("Variable",)}
    answer = world.finder.search(SearchQuestion("tabagisme", filters=filters, every_word=True))
    assert (answer.total, answer.notes) == (0, ())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("type:Nope", ["type:Nope"]),
        ("tabac -type:Nope", ["type:Nope"]),
        ("tabac OR (type:Nope year:1066)", ["type:Nope", "year:1066"]),
        ("type:variables", []),
        ("type:questions", []),
        ("tabac concept:nothing", ["concept:nothing"]),
        ("tabac concept:sommeil", []),
        ('wave:"deux mots" -cohorte:zzz', ["wave:deux mots", "cohort:zzz"]),
    ],
)
def test_a_typed_value_that_nothing_has_is_said(world: World, typed: str, said: list[str]) -> None:
    assert [subject for subject, _ in _absent(world.finder, typed)] == said


def test_only_so_many_values_are_looked_for(world: World) -> None:
    assert len(_absent(world.finder, filters={Facet.TYPE: tuple(f"No{n}" for n in range(500))})) == 20


# --- values by what they are called


MEASURES = (LocalizedText("Mesures faites", "fr"), LocalizedText("Measures taken", "en"))


def _called(facet: Facet, value: str) -> Iterable[LocalizedText]:
    return {"Variable": MEASURES}.get(value, ()) if facet is Facet.TYPE else (LocalizedText("never", "fr"),)


@pytest.fixture(scope="module")
def named(world: World) -> Finder:
    return Finder(world.repository, world.index, THESAURUS, world.documents_of, _called)


@pytest.mark.parametrize(
    ("typed", "total"),
    [
        ('type:"Mesures faites"', 17),
        ('type:"MESURE FAITE"', 17),
        ("type:taken", 17),
        ("type:measures-taken", 17),
        ("type:Variable", 17),
        ("sommeil type:faites", 2),
        ("type:never", 0),
        ("mesures", 12),
        ("concept:never", 0),
    ],
)
def test_a_value_is_found_by_what_readers_see_for_it(named: Finder, typed: str, total: int) -> None:
    assert named.search(SearchQuestion(typed, every_word=True)).total == total


def test_without_a_name_a_value_is_found_by_its_code_alone(world: World) -> None:
    assert world.names('type:"Mesures faites"') == []
    assert world.names("type:Variable", limit=3)


def test_suggestions_know_values_by_their_names_as_well(named: Finder, world: World) -> None:
    assert "type:faites sommeil" in [one.text for one in named.suggest("type:faites somm", "fr")]
    assert "type:faites sommeil" not in [one.text for one in world.finder.suggest("type:faites somm", "fr")]


# --- fields that there are not


@pytest.mark.parametrize(
    ("typed", "language", "texts"),
    [
        ("labl:sommeil", "en", ["label:sommeil"]),
        ("libele:sommeil", "fr", ["libellé:sommeil"]),
        ("labl:someil", "en", ["label:sommeil"]),
        ("yaer:1066", "en", ["year:1066"]),
        ('"labl:tabac" labl:sommeil', "en", ['"labl:tabac" label:sommeil']),
        ("label:sommeil", "en", []),
        ("xyz:sommeil", "en", []),
        ("la:sommeil", "en", []),
    ],
)
def test_a_misspelt_field_is_corrected(world: World, typed: str, language: str, texts: list[str]) -> None:
    answer = world.finder.search(SearchQuestion(typed, language=language))
    assert [one.text for one in answer.corrections] == texts
