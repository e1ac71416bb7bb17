"""What every search engine answers, against answers worked out by hand from the definitions in ``port``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from itertools import combinations
from threading import Thread
from typing import Any

import pytest

from catalogue.errors import IndexBusyError, IndexUnavailableError, UsageError
from catalogue.search import analysis
from catalogue.search.memory import MemoryIndex, distance
from catalogue.search.port import (
    And,
    Best,
    Between,
    Count,
    Everything,
    Facet,
    Field,
    Fuzzy,
    Having,
    Health,
    Hit,
    Layer,
    Node,
    Not,
    Or,
    Phrase,
    Position,
    Prefer,
    Prefix,
    SearchDocument,
    SearchIndex,
    SearchRequest,
    SearchText,
    Sort,
    Term,
    Token,
    idf,
)
from tests.contract.searching import START, Place, SearchEngine, document, found, truth, walked, word

# idf of a word that 1, 2, 3 of 3 documents have: ln(1 + (3 - n + 0.5) / (n + 0.5)).
ONE_OF_3, TWO_OF_3, THREE_OF_3 = math.log(8 / 3), math.log(8 / 5), math.log(8 / 7)


def scores(index: SearchIndex, query: Node) -> dict[int, float]:
    """The score of each hit."""
    return {hit.key: hit.score for hit in index.search(SearchRequest(query)).hits}


def counts(index: SearchIndex, request: SearchRequest, facet: Facet) -> dict[str, int]:
    """How many documents each value of a facet has."""
    return {count.value: count.documents for count in index.search(request).facets[facet]}


# --- scores, by the formula -------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def weighed(search_engine: SearchEngine) -> SearchIndex:
    """Three documents: where the words stand decides."""
    return search_engine.place().holding(
        [
            document(1, {Field.LABEL: "tabac tabac tabac", Field.STUDY: "sommeil"}),
            document(2, {Field.QUESTION: "fumez vous du tabac", Field.NAME: "tabagisme"}),
            document(3, {Field.LABEL: "sommeil profond", Field.DESCRIPTION: "un sommeil réparateur"}),
        ]
    )


def test_idf_is_the_published_formula() -> None:
    assert idf(3, 1) == pytest.approx(0.980829, abs=1e-6)
    assert idf(3, 2) == pytest.approx(0.470004, abs=1e-6)
    assert idf(1_000_000, 10) == pytest.approx(11.464136, abs=1e-6)


SCORED: tuple[tuple[str, Node, dict[int, float]], ...] = (
    # A word scores its idf times the weight of its best field; that it stands there thrice changes nothing.
    ("term", word("tabac"), {1: 6 * TWO_OF_3, 2: 4 * TWO_OF_3}),
    ("term in a field", word("tabac", Field.QUESTION), {2: 4 * TWO_OF_3}),
    ("best field", word("sommeil"), {1: 1 * TWO_OF_3, 3: 6 * TWO_OF_3}),
    # The idf of a term is that of its most frequent token, whichever was found.
    (
        "several tokens",
        Term((Token("profond", Layer.WORD, 0.5), Token("tabac", Layer.WORD, 0.25))),
        {1: 0.25 * 6 * TWO_OF_3, 2: 0.25 * 4 * TWO_OF_3, 3: 0.5 * 6 * TWO_OF_3},
    ),
    ("stem", Term((Token("sommeil~fr", Layer.STEM),)), {1: 1 * TWO_OF_3, 3: 6 * TWO_OF_3}),
    ("a word is no stem", Term((Token("sommeil", Layer.STEM),)), {}),
    ("a stem is no word", Term((Token("sommeil~fr", Layer.WORD),)), {}),
    # The frequency of a token is counted in all fields, also when one is asked for.
    ("idf over all fields", word("sommeil", Field.LABEL), {3: 6 * TWO_OF_3}),
    ("phrase", Phrase(("sommeil", "profond")), {3: 6 * (TWO_OF_3 + ONE_OF_3)}),
    ("prefix", Prefix("taba"), {1: 6.0, 2: 8.0}),
    ("prefix in a field", Prefix("taba", Field.QUESTION), {2: 4.0}),
    ("fuzzy", Fuzzy("tabacc"), {1: 6.0, 2: 4.0}),
    ("fuzzy in a field", Fuzzy("somneil", 1, Field.DESCRIPTION), {3: 2.0}),
    ("and", And((word("tabac"), word("sommeil"))), {1: 7 * TWO_OF_3}),
    ("or", Or((word("tabac"), word("sommeil"))), {1: 7 * TWO_OF_3, 2: 4 * TWO_OF_3, 3: 6 * TWO_OF_3}),
    ("best", Best(((word("tabac"), 0.5), (word("sommeil"), 1.0))), {1: 3 * TWO_OF_3, 2: 2 * TWO_OF_3, 3: 6 * TWO_OF_3}),
    ("best of a sum", Best(((Or((word("tabac"), Prefix("tabag"))), 0.5),)), {1: 3 * TWO_OF_3, 2: 2 * TWO_OF_3 + 4}),
    ("not", Not(word("tabac")), {3: 0.0}),
    ("and not", And((word("sommeil"), Not(word("tabac")))), {3: 6 * TWO_OF_3}),
    ("not in or", Or((word("tabac"), Not(word("sommeil")))), {1: 6 * TWO_OF_3, 2: 4 * TWO_OF_3}),
    ("not not", Not(Not(word("tabac"))), {1: 0.0, 2: 0.0}),
    ("everything", Everything(), {1: 0.0, 2: 0.0, 3: 0.0}),
    (
        "prefer",
        Prefer(word("sommeil"), ((word("profond"), 2.5), (Everything(), 0.5), (word("absent"), 9.0))),
        {1: 1 * TWO_OF_3 + 0.5, 3: 6 * TWO_OF_3 + 3.0},
    ),
    (
        "factor over preferences",
        Best(((Prefer(word("profond"), ((Everything(), 2.0),)), 0.5),)),
        {3: 0.5 * (6 * ONE_OF_3 + 2.0)},
    ),
    ("absent", word("absent"), {}),
    ("absent in or", Or((word("absent"), word("profond"))), {3: 6 * ONE_OF_3}),
    ("absent in and", And((word("absent"), word("profond"))), {}),
    ("or of nothing", Or(()), {}),
    ("best of nothing", Best(()), {}),
    ("and of nothing", And(()), {1: 0.0, 2: 0.0, 3: 0.0}),
)


@pytest.mark.parametrize(("query", "expected"), [row[1:] for row in SCORED], ids=[row[0] for row in SCORED])
def test_scores_are_those_of_the_formula(weighed: SearchIndex, query: Node, expected: dict[int, float]) -> None:
    given = scores(weighed, query)
    assert given == pytest.approx(expected, rel=1e-3, abs=1e-9)
    assert list(given) == sorted(expected, key=lambda key: (-expected[key], key))


def test_a_word_that_all_have_still_counts(place: Place) -> None:
    index = place.holding([document(key, "santé") for key in (1, 2, 3)])
    assert scores(index, word("sante")) == pytest.approx(
        {1: 6 * THREE_OF_3, 2: 6 * THREE_OF_3, 3: 6 * THREE_OF_3}, rel=1e-3
    )


def test_weights_order_the_fields(place: Place) -> None:
    ordered = ("name", "label", "question", "concept", "category", "description", "universe", "study")
    index = place.holding([document(9 - place, {Field(name): "tabac"}) for place, name in enumerate(ordered, 1)])
    assert found(index, word("tabac")) == [8, 7, 6, 5, 4, 3, 2, 1]


# --- phrases, prefixes, misspellings ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def phrased(search_engine: SearchEngine) -> SearchIndex:
    """Texts that phrases must not mix up."""
    return search_engine.place().holding(
        [
            document(1, "blood pressure measured at rest"),
            document(2, ["systolic blood", "pressure"]),
            document(3, {Field.LABEL: "blood", Field.QUESTION: "pressure"}),
            document(4, "pressure of the blood"),
            document(5, "blood blood pressure"),
            document(6, {Field.CATEGORY: ["yes", "no", "blood pressure", "unknown"]}),
        ]
    )


@pytest.mark.parametrize(
    ("words", "where", "expected"),
    [
        (("blood", "pressure"), None, [1, 5, 6]),
        (("blood", "pressure"), Field.LABEL, [1, 5]),
        (("blood", "pressure"), Field.CATEGORY, [6]),
        (("blood", "pressure"), Field.STUDY, []),
        (("pressure", "blood"), None, []),
        (("blood", "blood", "pressure"), None, [5]),
        (("blood", "blood"), None, [5]),
        (("pressure", "measured", "at", "rest"), None, [1]),
        (("blood", "measured"), None, []),
        (("blood",), None, [1, 2, 3, 4, 5, 6]),
        (("no", "blood"), None, []),
        (("blood", "absent"), None, []),
    ],
)
def test_a_phrase_stands_in_one_text(
    phrased: SearchIndex, words: tuple[str, ...], where: Field | None, expected: list[int]
) -> None:
    assert sorted(found(phrased, Phrase(words, where))) == expected


@pytest.mark.parametrize("query", [Fuzzy("a", 1), Fuzzy("no", 1, Field.LABEL), Fuzzy("xx", 2, Field.CATEGORY)])
def test_the_gap_between_texts_is_no_word(phrased: SearchIndex, query: Fuzzy) -> None:
    expected = {"a": [1], "no": [], "xx": [6]}[query.word]  # "at" is 1 from "a"; "no" is 2 from "xx"
    assert found(phrased, query) == expected


# Damerau 1964 and Boytsov 2011: neighbouring letters exchanged cost 1; "ca" and "abc" are 3 apart, not 2.
@pytest.mark.parametrize(
    ("typed", "allowed", "expected"),
    [
        ("abc", 0, [2]),
        ("ca", 2, [1, 4]),
        ("acb", 1, [1, 2]),
        ("ab", 1, [1, 2, 4]),
        ("abcd", 1, [2]),
        ("tabca", 1, [3]),
        ("tbaca", 1, []),
        ("tbaca", 2, [3]),
        ("smoknig", 1, [5]),
        ("somknig", 2, [5]),
        ("smokings", 1, [5]),
        ("moking", 1, [5]),
        ("zzz", 1, []),
    ],
)
def test_misspellings_are_optimal_string_alignment(place: Place, typed: str, allowed: int, expected: list[int]) -> None:
    words = ("ac", "abc", "tabac", "b", "smoking")
    index = place.holding([document(key, text) for key, text in enumerate(words, 1)])
    by_hand = [key for key, text in enumerate(words, 1) if _alignment(typed, text) <= allowed]
    assert by_hand == expected
    assert sorted(found(index, Fuzzy(typed, allowed))) == expected


@cache
def _alignment(one: str, other: str) -> int:
    """Optimal string alignment by its recursive definition."""
    if not one or not other:
        return len(one) + len(other)
    ways = [
        _alignment(one[:-1], other) + 1,
        _alignment(one, other[:-1]) + 1,
        _alignment(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    ]
    if len(one) > 1 and len(other) > 1 and one[-2:] == other[-2:][::-1]:
        ways.append(_alignment(one[:-2], other[:-2]) + 1)
    return min(ways)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("ca", "abc", 3),
        ("kitten", "sitting", 3),
        ("abcd", "acbd", 1),
        ("", "ab", 2),
        ("a", "a", 0),
        ("abcd", "badc", 2),
    ],
)
def test_distances_of_the_literature(one: str, other: str, expected: int) -> None:
    assert _alignment(one, other) == expected
    assert distance(one, other, 3) == expected
    assert distance(other, one, 3) == expected
    assert expected == 0 or distance(one, other, expected - 1) is None


# --- filters and facets -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def faceted(search_engine: SearchEngine) -> SearchIndex:
    """Six documents, five of them about tobacco."""
    return search_engine.place().holding(
        [
            document(1, "tabac", type="Variable", cohort="a", year=("2001", "2002"), sorts=("b", "beta", "2001")),
            document(2, "tabac", type="Variable", cohort="b", year="2002", sorts=("a", "beta", "2002-05")),
            document(3, "tabac", type="QuestionItem", cohort="a", year="2003", sorts=("a", "alpha", "2002-05-03", "z")),
            document(4, "tabac", type="Concept", access="open", sorts=("", "", "")),
            document(5, "tabac", type="Variable", cohort="c", year="2001", sorts=("b", "alpha", "2002", "", "omega")),
            document(6, "sommeil", type="Variable", cohort="a", year="2001", sorts=("c", "gamma", "2002-05")),
        ]
    )


TABAC = SearchRequest(word("tabac"), facets={Facet.TYPE: 9, Facet.COHORT: 9, Facet.YEAR: 9})


@pytest.mark.parametrize(
    ("filters", "hits", "types", "cohorts", "years"),
    [
        (
            {},
            [1, 2, 3, 4, 5],
            {"Variable": 3, "Concept": 1, "QuestionItem": 1},
            {"a": 2, "b": 1, "c": 1},
            {"2001": 2, "2002": 2, "2003": 1},
        ),
        # A facet's counts disregard its own filter, and heed those of the others.
        (
            {Facet.COHORT: ("a",)},
            [1, 3],
            {"QuestionItem": 1, "Variable": 1},
            {"a": 2, "b": 1, "c": 1},
            {"2001": 1, "2002": 1, "2003": 1},
        ),
        (
            {Facet.COHORT: ("a", "b")},
            [1, 2, 3],
            {"Variable": 2, "QuestionItem": 1},
            {"a": 2, "b": 1, "c": 1},
            {"2002": 2, "2001": 1, "2003": 1},
        ),
        (
            {Facet.COHORT: ("a",), Facet.TYPE: ("Variable",)},
            [1],
            {"QuestionItem": 1, "Variable": 1},
            {"a": 1, "b": 1, "c": 1},
            {"2001": 1, "2002": 1},
        ),
        (
            {Facet.YEAR: ("2002",), Facet.TYPE: ("Variable", "QuestionItem")},
            [1, 2],
            {"Variable": 2},
            {"a": 1, "b": 1},
            {"2001": 2, "2002": 2, "2003": 1},
        ),
        ({Facet.ACCESS: ("open",)}, [4], {"Concept": 1}, {}, {}),
        ({Facet.TYPE: ("nothing",)}, [], {"Variable": 3, "Concept": 1, "QuestionItem": 1}, {}, {}),
        ({Facet.TYPE: ("nothing",), Facet.COHORT: ("a",)}, [], {"QuestionItem": 1, "Variable": 1}, {}, {}),
        ({Facet.MODE: ("phone",)}, [], {}, {}, {}),
    ],
)
def test_counts_stay_true_under_filters(
    faceted: SearchIndex,
    filters: dict[Facet, tuple[str, ...]],
    hits: list[int],
    types: dict[str, int],
    cohorts: dict[str, int],
    years: dict[str, int],
) -> None:
    result = faceted.search(replace(TABAC, filters=filters))
    given = {facet: {one.value: one.documents for one in counted} for facet, counted in result.facets.items()}
    assert ([hit.key for hit in result.hits], result.total) == (hits, len(hits))
    assert given == {Facet.TYPE: types, Facet.COHORT: cohorts, Facet.YEAR: years}
    for counted in result.facets.values():  # most documents first, then by value
        assert list(counted) == sorted(counted, key=lambda one: (-one.documents, one.value))


def test_choosing_one_more_value_gives_what_its_count_promised(faceted: SearchIndex) -> None:
    chosen: tuple[dict[Facet, tuple[str, ...]], ...] = (
        {},
        *({Facet.YEAR: years} for size in (1, 2) for years in combinations(("2001", "2002", "2003"), size)),
    )
    for filters in chosen:
        for value, promised in counts(faceted, replace(TABAC, filters=filters), Facet.COHORT).items():
            narrowed = faceted.search(replace(TABAC, filters={**filters, Facet.COHORT: (value,)}))
            assert narrowed.total == promised, (filters, value)


@pytest.mark.parametrize(("most", "expected"), [(0, []), (1, ["Variable"]), (2, ["Variable", "Concept"])])
def test_a_facet_gives_so_many_values_at_most(faceted: SearchIndex, most: int, expected: list[str]) -> None:
    result = faceted.search(replace(TABAC, facets={Facet.TYPE: most, Facet.MODE: 5}))
    assert [one.value for one in result.facets[Facet.TYPE]] == expected
    assert result.facets[Facet.MODE] == ()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Having(Facet.COHORT, ("a",)), [1, 3, 6]),
        (Having(Facet.COHORT, ("b", "c")), [2, 5]),
        (Having(Facet.COHORT, ("absent",)), []),
        (Having(Facet.COHORT, ()), []),
        (Having(Facet.ACCESS, ("open",)), [4]),
        (Between(Facet.YEAR, "2002", "2003"), [1, 2, 3]),
        (Between(Facet.YEAR, "2003"), [3]),
        (Between(Facet.YEAR, None, "2001"), [1, 5, 6]),
        (Between(Facet.YEAR), [1, 2, 3, 5, 6]),
        (Between(Facet.YEAR, "2001x", "2002"), [1, 2]),
        (Between(Facet.YEAR, "2003", "2001"), []),
        (Between(Facet.MODE), []),
        (And((Having(Facet.COHORT, ("a",)), Not(Between(Facet.YEAR, "2001", "2001")))), [3]),
    ],
)
def test_facets_in_a_query(faceted: SearchIndex, query: Node, expected: list[int]) -> None:
    result = faceted.search(SearchRequest(query))
    assert [hit.key for hit in result.hits] == expected
    assert {hit.score for hit in result.hits} <= {0.0}


def test_values_are_compared_as_they_are(place: Place) -> None:
    values = ("Été", "été", "ete", "a b", "fr.a/1", "*", "", "\\", "x" * 300, "日本")
    index = place.holding([document(key, "tabac", study=value) for key, value in enumerate(values, 1)])
    for key, value in enumerate(values, 1):
        assert found(index, Everything(), filters={Facet.STUDY: (value,)}) == [key], value
        assert found(index, Having(Facet.STUDY, (value,))) == [key], value
    given = index.search(SearchRequest(Everything(), facets={Facet.STUDY: 99})).facets[Facet.STUDY]
    assert given == tuple(Count(value, 1) for value in sorted(values))


# --- orders, limits, pieces -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.RELEVANCE, [1, 2, 3, 4, 5, 6]),
        (Sort.NAME, [4, 2, 3, 1, 5, 6]),
        (Sort.NAME_EN, [4, 2, 1, 5, 6, 3]),
        (Sort.COHORT, [4, 3, 5, 2, 1, 6]),
        (Sort.COHORT_EN, [4, 3, 2, 1, 6, 5]),
        (Sort.DATE, [3, 2, 6, 5, 1, 4]),
    ],
)
def test_orders_go_by_key_in_the_end(faceted: SearchIndex, sort: Sort, expected: list[int]) -> None:
    assert found(faceted, Everything(), sort=sort) == expected
    assert walked(faceted, SearchRequest(Everything(), sort=sort, limit=1)) == [Hit(key, 0.0) for key in expected]


def test_scores_are_given_for_relevance_alone(faceted: SearchIndex) -> None:
    for sort in set(Sort) - {Sort.RELEVANCE}:
        assert {hit.score for hit in faceted.search(SearchRequest(word("tabac"), sort=sort)).hits} == {0.0}


@pytest.mark.parametrize("limit", [0, 1, 2, 5, 6, 100])
def test_limit_total_and_cursor(faceted: SearchIndex, limit: int) -> None:
    result = faceted.search(replace(TABAC, limit=limit))
    assert [hit.key for hit in result.hits] == [1, 2, 3, 4, 5][:limit]
    assert result.total == 5
    assert (result.cursor is not None) == (0 < limit < 5)
    assert result.facets == faceted.search(TABAC).facets


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("limit", [1, 7, 30])
def test_pieces_give_each_hit_once_in_order(many: SearchIndex, sort: Sort, limit: int) -> None:
    query = Or((word("tabac"), word("sommeil", Field.QUESTION)))
    request = SearchRequest(query, {Facet.COHORT: ("0", "1")}, {Facet.COHORT: 9}, sort, None, 1000)
    whole = many.search(request)
    pieces = walked(many, replace(request, limit=limit))
    if sort is Sort.RELEVANCE:  # equal scores may come in any order from piece to piece
        assert [hit.score for hit in pieces] == sorted((hit.score for hit in whole.hits), reverse=True)
        assert sorted(hit.key for hit in pieces) == sorted(hit.key for hit in whole.hits)
    else:
        assert pieces == list(whole.hits)
    second = replace(request, limit=limit, cursor=many.search(replace(request, limit=limit)).cursor)
    assert many.search(second).total == whole.total
    assert many.search(second).facets == whole.facets


@pytest.fixture(scope="session")
def many(search_engine: SearchEngine) -> SearchIndex:
    """A hundred documents with many ties."""
    return search_engine.place().holding(_many())


def _many() -> list[SearchDocument]:
    return [
        document(
            key,
            {Field.LABEL if key % 2 else Field.STUDY: "tabac", Field.QUESTION: "sommeil" if key % 5 == 0 else "x"},
            cohort=str(key % 3),
            sorts=(f"n{key % 4}", f"c{key % 3}", f"20{key % 7:02}"),
        )
        for key in range(100, 0, -1)
    ]


@pytest.mark.parametrize(
    "cursor", ["", "nonsense", "-1", "☃", "WzFd", "bnVsbA", "e30", "1e5", "a" * 5_000, "\x00", "W10="]
)
def test_a_malformed_cursor_is_a_usage_error(many: SearchIndex, cursor: str) -> None:
    with pytest.raises(UsageError) as caught:
        many.search(SearchRequest(Everything(), cursor=cursor))
    assert caught.value.next_step


def test_keys_are_all_hits_ascending(many: SearchIndex) -> None:
    assert list(many.keys(Everything(), {})) == list(range(1, 101))
    assert list(many.keys(word("tabac", Field.LABEL), {})) == list(range(1, 101, 2))
    assert list(many.keys(Everything(), {Facet.COHORT: ("1", "2")})) == [key for key in range(1, 101) if key % 3]
    assert list(many.keys(word("absent"), {})) == []


def test_more_hits_than_a_piece_of_any_engine(place: Place) -> None:
    index = place.holding(document(key, "tabac") for key in range(1, 2_501))
    assert list(index.keys(word("tabac"), {})) == list(range(1, 2_501))
    assert [hit.key for hit in walked(index, SearchRequest(word("tabac"), limit=999))] == list(range(1, 2_501))


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def worded(search_engine: SearchEngine) -> SearchIndex:
    """Words of known frequency."""
    return search_engine.place().holding(
        [
            document(1, ["Tabac", "tabagisme"]),
            document(2, {Field.LABEL: "tabac", Field.QUESTION: "tabac"}),
            document(3, {Field.STUDY: "tabacs", Field.NAME: "tab_1.x"}),
            document(4, "tabagisme passif"),
            document(5, "le tabac", "fr"),
            document(6, "age"),
        ]
    )


@pytest.mark.parametrize(
    ("prefix", "limit", "expected"),
    [
        # tabac in 1, 2 (once, though in two fields) and 5; the name gives tab_1.x, tab1x and its parts
        ("tabac", 9, [("tabac", 3), ("tabacs", 1)]),
        ("taba", 9, [("tabac", 3), ("tabagisme", 2), ("tabacs", 1)]),
        ("taba", 2, [("tabac", 3), ("tabagisme", 2)]),
        ("tab", 9, [("tabac", 3), ("tabagisme", 2), ("tab", 1), ("tab1x", 1), ("tab_1.x", 1), ("tabacs", 1)]),
        ("tab_1.", 9, [("tab_1.x", 1)]),
        ("tab.", 9, []),
        ("zz", 9, []),
        ("¶", 9, []),
        ("tabac~", 9, []),
    ],
)
def test_completions_are_the_most_frequent_words(
    worded: SearchIndex, prefix: str, limit: int, expected: list[tuple[str, int]]
) -> None:
    assert [(one.value, one.documents) for one in worded.completions(prefix, limit)] == expected


@pytest.mark.parametrize(
    ("typed", "limit", "expected"),
    [
        ("tabc", 9, [("tab", 1), ("tabac", 3)]),  # four letters: 1; both 1 away, the most frequent first
        ("tabca", 9, [("tabac", 3), ("tabacs", 1), ("tab", 1), ("tab1x", 1)]),
        ("tabac", 9, [("tabacs", 1), ("tab", 1), ("tab1x", 1)]),  # never itself
        ("tabac", 1, [("tabacs", 1)]),
        ("aeg", 9, [("age", 1)]),
        ("tabagsime", 9, [("tabagisme", 2)]),
        ("zzzzzz", 9, []),
        ("é", 9, [("1", 1), ("x", 1)]),
    ],
)
def test_similar_words_are_nearest_first(
    worded: SearchIndex, typed: str, limit: int, expected: list[tuple[str, int]]
) -> None:
    present = {"tab": 1, "tab1x": 1, "tab_1.x": 1, "tabac": 3, "tabacs": 1, "tabagisme": 2, "passif": 1, "le": 1,
               "age": 1, "1": 1, "x": 1}  # fmt: skip
    most = 1 if len(typed) <= 4 else 2
    near = sorted((_alignment(typed, one), -often, one) for one, often in present.items() if one != typed)
    by_hand = [(one, -often) for far, often, one in near if far <= most][:limit]
    assert [(one.value, one.documents) for one in worded.similar(typed, limit)] == by_hand
    assert sorted(by_hand) == sorted(expected)


# --- language ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def spoken(search_engine: SearchEngine) -> SearchIndex:
    """Labels in French, English, neither; names as cohorts write them."""
    named = {Field.NAME: "Q12_a"}, {Field.NAME: "SF-36"}, {Field.NAME: "ageAtVisit"}, {Field.NAME: "HTTPCode2"}
    return search_engine.place().holding(
        [
            document(1, "Consommation de tabac déclarée", "fr"),
            document(2, "Reported smoking", "en"),
            document(3, "L'âge d'entrée dans l’étude", "fr"),
            document(4, "Maladies du cœur", "fr-CA"),
            document(5, "Heart diseases", "en"),
            document(6, "tables"),
            document(7, "Tables", "fr"),
            document(8, "Tables", "en-GB"),
            document(9, "Rauchverhalten", "de"),
            *(document(key, texts) for key, texts in enumerate(named, 10)),
            document(14, "Score of SF-36 in children's health", "en"),
            document(15, "Poids mesuré", "fr"),
        ]
    )


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("declarees", {1}),
        ("déclaré", {1}),
        ("DÉCLARÉES", {1}),
        ("tabac", {1}),
        ("smoking", {2}),
        ("smoke", {2}),
        ("âge", {3, 12}),
        ("age", {3, 12}),
        ("etude", {3}),
        ("entrée", {3}),
        ("cœur", {4}),
        ("coeur", {4}),
        ("maladie", {4}),
        ("disease", {5}),
        ("table", {6, 7, 8}),
        ("tables", {6, 7, 8}),
        ("rauchverhalten", {9}),
        ("Q12_a", {10}),
        ("q12_A", {10}),
        ("q12a", {10}),
        ("q12", {10}),
        ("SF36", {11, 14}),
        ("SF-36", {11, 14}),
        ("sf", {11, 14}),
        ("ageAtVisit", {12}),
        ("visit", {12}),
        ("code", {13}),
        ("httpcode2", {13}),
        ("children", {14}),
        ("mesurée", {15}),
        ("mesure", {15}),
        ("absent", set()),
    ],
)
def test_a_typed_word_finds_its_forms(spoken: SearchIndex, typed: str, expected: set[int]) -> None:
    for reader in ("fr", "en", None):
        assert set(found(spoken, analysis.term(typed, reader))) == expected


def test_the_readers_language_comes_first(spoken: SearchIndex) -> None:
    assert found(spoken, analysis.term("table", "fr")) == [6, 7, 8]  # the untagged is in both
    assert found(spoken, analysis.term("table", "en")) == [6, 8, 7]


def test_a_phrase_goes_over_elision_and_accents(spoken: SearchIndex) -> None:
    assert found(spoken, Phrase(("age", "d", "entree"))) == []
    assert found(spoken, Phrase(("age", "entree", "dans", "etude"))) == [3]
    assert found(spoken, Phrase(("age", "at", "visit"))) == [12]


# --- unusual documents ------------------------------------------------------------------------------------------------


def test_texts_of_any_kind(place: Place) -> None:
    long = " ".join(f"mot{number % 499}" for number in range(9_999)) + " fin"
    texts = (
        "",
        " \n\t",
        "¶",
        "!?;",
        "日本語 コホート",
        "Ελληνικά",
        "x" * 5_000,
        long,
        "😀 smile\u200bd",
        "e\u0301te\u0301",
    )
    index = place.holding([document(key, text) for key, text in enumerate(texts, 1)])
    assert index.search(SearchRequest(Everything())).total == len(texts)
    assert found(index, word("日本語")) == [5]
    assert found(index, word("ελληνικα")) == [6]
    assert found(index, analysis.term("X" * 5_000)) == [7]
    assert found(index, Prefix("x" * 60)) == [7]
    assert found(index, Phrase(("mot498", "mot0", "mot1"))) == [8]
    assert found(index, Phrase(("mot18", "fin"))) == [8]
    assert found(index, Phrase(("mot19", "fin"))) == []
    assert found(index, analysis.term("été")) == [10]
    assert found(index, Or((Prefix("¶"), word("¶"), Phrase(("¶",))))) == []


def test_a_document_without_texts_and_with_a_large_key(place: Place) -> None:
    index = place.holding([SearchDocument(2**53, ()), SearchDocument(1, (SearchText(Field.NAME, "bmi"),))])
    assert found(index, Everything()) == [1, 2**53]
    assert found(index, Not(word("bmi"))) == [2**53]


def test_an_empty_index_answers(place: Place) -> None:
    index = place.holding([])
    for query in (Everything(), word("tabac"), Prefix("t"), Fuzzy("tabac"), Phrase(("a", "b")), Not(word("tabac"))):
        result = index.search(SearchRequest(query, facets={Facet.TYPE: 5}))
        assert (result.hits, result.total, dict(result.facets), result.cursor) == ((), 0, {Facet.TYPE: ()}, None)
    assert list(index.keys(Everything(), {})) == []
    assert index.completions("t", 5) == index.similar("tabac", 5) == ()
    assert (index.state().health, index.state().documents, index.state().position) == (Health.READY, 0, START)


# --- how the index is -------------------------------------------------------------------------------------------------


def test_without_an_index_nothing_is_answered(place: Place) -> None:
    index = place.handle()
    assert index.state().health is Health.ABSENT
    assert (index.state().documents, index.state().position) == (0, None)
    for answer in _every_answer(index):
        with pytest.raises(IndexUnavailableError) as caught:
            list(answer())
        assert caught.value.next_step


def _every_answer(index: SearchIndex) -> list[Any]:
    return [
        lambda: [index.search(SearchRequest(Everything()))],
        lambda: index.keys(Everything(), {}),
        lambda: index.completions("t", 5),
        lambda: index.similar("tabac", 5),
    ]


@pytest.fixture
def built(place: Place) -> SearchIndex:
    """Three documents."""
    return place.holding([document(key, f"tabac mot{key}", cohort="a") for key in (1, 2, 3)])


def test_an_index_that_was_built_is_ready(built: SearchIndex) -> None:
    state = built.state()
    assert (state.health, state.documents, state.position, state.message) == (Health.READY, 3, START, "")
    assert state.generation


def test_changes_replace_and_remove(built: SearchIndex) -> None:
    before = built.state().generation
    with built.writer() as writer:
        writer.apply([document(2, "sommeil", cohort="b"), document(7, "tabac")], [3, 99], Position("store", 5))
    assert found(built, word("tabac")) == [1, 7]
    assert found(built, word("sommeil")) == [2]
    assert found(built, Or((word("mot2"), word("mot3")))) == []
    assert list(built.keys(Everything(), {})) == [1, 2, 7]
    counted = built.search(SearchRequest(Everything(), facets={Facet.COHORT: 9})).facets[Facet.COHORT]
    assert counted == (Count("a", 1), Count("b", 1))
    assert [one.value for one in built.completions("mot", 9)] == ["mot1"]
    state = built.state()
    assert (state.health, state.documents, state.position) == (Health.READY, 3, Position("store", 5))
    assert state.generation != before


def test_frequencies_follow_changes(built: SearchIndex) -> None:
    with built.writer() as writer:
        writer.apply([document(2, "sommeil")], [3], Position("store", 2))
    assert scores(built, word("tabac")) == pytest.approx({1: 6 * idf(2, 1)}, rel=1e-3)


def test_the_same_change_twice_is_the_same(built: SearchIndex) -> None:
    for _ in range(2):
        with built.writer() as writer:
            writer.apply([document(2, "sommeil"), document(4, "tabac")], [1], Position("store", 9))
            writer.apply([document(2, "sommeil"), document(4, "tabac")], [1], Position("store", 9))
        assert list(built.keys(Everything(), {})) == [2, 3, 4]
        assert built.state().documents == 3
        assert scores(built, word("sommeil")) == pytest.approx({2: 6 * idf(3, 1)}, rel=1e-3)


def test_a_change_of_nothing_notes_the_position(built: SearchIndex) -> None:
    with built.writer() as writer:
        writer.apply([], [], Position("store", 77))
    assert built.state().position == Position("store", 77)
    assert list(built.keys(Everything(), {})) == [1, 2, 3]


def test_what_is_removed_and_put_at_once_stays(built: SearchIndex) -> None:
    with built.writer() as writer:
        writer.apply([document(1, "sommeil")], [1], Position("store", 2))
    assert found(built, word("sommeil")) == [1]
    assert found(built, word("mot1")) == []


def test_many_small_changes_add_up(built: SearchIndex) -> None:
    with built.writer() as writer:
        for number in range(12):
            writer.apply(
                [document(10 + number % 5, f"pas{number}")], [10 + (number + 2) % 5], Position("store", number)
            )
    assert list(built.keys(Everything(), {})) == [1, 2, 3, 10, 11, 14]
    assert found(built, Prefix("pas")) == [10, 11, 14]


def test_another_handle_sees_changes(place: Place) -> None:
    first = place.holding([document(1, "tabac")])
    second = place.handle()
    assert found(second, word("tabac")) == [1]
    with first.writer() as writer:
        writer.apply([document(2, "tabac")], [1], Position("store", 2))
    assert found(second, word("tabac")) == [2]
    assert second.state() == first.state()
    with second.writer() as writer:
        writer.apply([document(3, "tabac")], [], Position("store", 3))
    assert found(first, word("tabac")) == [2, 3]
    assert first.state().position == Position("store", 3)


def test_another_handle_sees_an_index_built_anew(place: Place) -> None:
    reader = place.handle()
    assert reader.state().health is Health.ABSENT
    place.holding([document(1, "tabac")])
    assert found(reader, word("tabac")) == [1]
    place.holding([document(2, "tabac")], Position("other", 4))
    assert found(reader, word("tabac")) == [2]
    assert reader.state().position == Position("other", 4)


def test_one_writes(place: Place) -> None:
    first = place.holding([document(1, "tabac")])
    second = place.handle()
    with first.writer():
        for other in (second, first):
            with pytest.raises(IndexBusyError) as caught, other.writer():
                pass
            assert caught.value.next_step
        assert found(second, word("tabac")) == [1]
    with second.writer() as writer:
        writer.apply([], [1], Position("store", 2))
    assert found(first, Everything()) == []


def test_the_right_to_write_is_given_back_after_a_failure(built: SearchIndex) -> None:
    def failing() -> Iterator[SearchDocument]:
        yield document(8, "tabac")
        raise RuntimeError("the store was closed")

    with pytest.raises(RuntimeError), built.writer() as writer:
        writer.apply(failing(), [1], Position("store", 2))
    assert list(built.keys(Everything(), {})) == [1, 2, 3]
    assert built.state().position == START
    with built.writer() as writer:
        writer.apply([document(9, "tabac")], [], Position("store", 3))
    assert list(built.keys(Everything(), {})) == [1, 2, 3, 9]


# --- building anew ----------------------------------------------------------------------------------------------------


def test_the_old_index_answers_until_the_new_is_published(place: Place) -> None:
    index = place.holding([document(1, "tabac")])
    reader, generation = place.handle(), index.state().generation
    with index.writer() as writer, writer.rebuild(4) as rebuild:
        rebuild.add([document(5, "tabac"), document(6, "tabac")])
        for handle in (index, reader):
            state = handle.state()
            assert (state.health, state.done, state.total, state.documents) == (Health.BUILDING, 2, 4, 1)
            assert (state.position, found(handle, Everything())) == (START, [1])
        rebuild.add([document(7, "tabac")])
        assert (reader.state().done, found(reader, Everything())) == (3, [1])
        rebuild.publish(Position("store", 8))
        assert found(reader, Everything()) == [5, 6, 7]
    for handle in (index, reader):
        state = handle.state()
        assert (state.health, state.documents, state.position) == (Health.READY, 3, Position("store", 8))
        assert state.generation != generation


@pytest.mark.parametrize("failing", [False, True])
def test_an_abandoned_new_index_leaves_the_old(place: Place, failing: bool) -> None:
    index = place.holding([document(1, "tabac")])
    with suppress(RuntimeError), index.writer() as writer:
        with writer.rebuild(2) as rebuild:
            rebuild.add([document(2, "tabac")])
            if failing:
                raise RuntimeError("enough")
        assert found(index, Everything()) == [1]
    state = index.state()
    assert (state.health, state.documents, state.position) == (Health.READY, 1, START)
    assert found(index, Everything()) == [1]
    assert found(place.handle(), Everything()) == [1]


def test_with_no_old_index_what_there_is_answers(place: Place) -> None:
    index, reader = place.handle(), place.handle()
    with index.writer() as writer, writer.rebuild(3) as rebuild:
        rebuild.add([document(1, "tabac"), document(2, "tabac sommeil")])
        for handle in (index, reader):
            assert found(handle, word("tabac")) == [1, 2]
            state = handle.state()
            assert (state.health, state.documents, state.done, state.total) == (Health.BUILDING, 2, 2, 3)
            assert state.position is None
        before = reader.state().generation
        rebuild.add([document(3, "tabac")])
        assert found(reader, word("tabac")) == [1, 2, 3]
        assert reader.state().generation != before
        rebuild.publish(Position("store", 3))
    assert (reader.state().health, found(reader, word("sommeil"))) == (Health.READY, [2])


def test_abandoned_with_no_old_index_there_is_none(place: Place) -> None:
    index, reader = place.handle(), place.handle()
    with index.writer() as writer, writer.rebuild(3) as rebuild:
        rebuild.add([document(1, "tabac")])
        assert found(reader, Everything()) == [1]
    for handle in (index, reader):
        assert handle.state().health is Health.ABSENT
        with pytest.raises(IndexUnavailableError):
            handle.search(SearchRequest(Everything()))
    place.holding([document(2, "tabac")])
    assert found(reader, Everything()) == [2]


def test_built_anew_again_and_again(place: Place) -> None:
    generations = set()
    for number in range(1, 5):
        index = place.holding([document(number, "tabac")], Position("store", number))
        with index.writer() as writer:
            writer.apply([document(100 + number, "tabac")], [], Position("store", 10 + number))
        assert found(index, Everything()) == [number, 100 + number]
        generations.add(index.state().generation)
    assert len(generations) == 4


# --- threads ----------------------------------------------------------------------------------------------------------


def test_threads_share_a_handle(many: SearchIndex) -> None:
    request = SearchRequest(Or((word("tabac"), Prefix("som"))), {}, {Facet.COHORT: 9})
    expected, wrong = many.search(request), list[object]()

    def ask() -> None:
        try:
            wrong.extend(given for _ in range(20) if (given := many.search(request)) != expected)
        except Exception as error:
            wrong.append(error)

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_readers_see_all_of_a_step_or_nothing(place: Place) -> None:
    """Each step replaces every document; an answer never mixes two steps."""
    index, keys = place.holding(_step(0)), list(range(1, 41))
    seen, ended = set[str](), False
    request = SearchRequest(Everything(), facets={Facet.WAVE: 9}, limit=100)

    def read() -> None:
        reader = place.handle()
        while not ended:
            result = reader.search(request)
            assert [hit.key for hit in result.hits] == keys
            seen.add(",".join(one.value for one in result.facets[Facet.WAVE]))

    thread = Thread(target=read)
    thread.start()
    try:
        with index.writer() as writer:
            for number in range(1, 8):
                writer.apply(_step(number), [], Position("store", number))
    finally:
        ended = True
        thread.join()
    assert seen <= {str(number) for number in range(8)}
    assert seen


def _step(number: int) -> list[SearchDocument]:
    return [document(key, f"tabac pas{number}", wave=str(number)) for key in range(1, 41)]


# --- the reference itself ---------------------------------------------------------------------------------------------


def test_the_reference_keeps_no_answer_over_a_change() -> None:
    index = MemoryIndex()
    request = SearchRequest(word("tabac"))
    with index.writer() as writer:
        writer.apply([document(1, "tabac")], [], START)
        assert list(truth(index, request).keys) == [1]
        writer.apply([document(2, "tabac")], [1], START)
    assert list(truth(index, request).keys) == [2]
