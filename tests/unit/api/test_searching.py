"""A search in its address and back, facets in words, and the parts of its other forms."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from catalogue_api.exports import in_pieces, neutral, rfc3339
from catalogue_api.results import histogram, values_of
from catalogue_api.searching import SearchQuery, facet_values, filters_of
from catalogue_api.values import label_of

from catalogue.errors import UsageError
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.service import COUNTED, Facet, FacetCounts, FacetValue, Sort, years_between

FULL = SearchQuery(
    q='tabac "poids & taille"',
    filters={Facet.COHORT: ("org.example/A", "org.example/B"), Facet.TYPE: ("Variable",)},
    sort=Sort.NAME,
    expand=False,
    without=("https://example.org/c#1",),
    facets="all,cohort:50",
    limit=50,
    cursor="abc",
)


def test_an_address_is_short_and_says_only_what_differs() -> None:
    assert SearchQuery().address() == "/search"
    assert SearchQuery(q="tabac").address() == "/search?q=tabac"
    assert SearchQuery(q="a b", filters={Facet.YEAR: ("2012",)}).address("/search.csv", lang="fr") == (
        "/search.csv?q=a+b&year=2012&lang=fr"
    )
    assert FULL.address() == (
        "/search?q=tabac+%22poids+%26+taille%22&type=Variable&cohort=org.example/A&cohort=org.example/B"
        "&sort=name&expand=no&without=https://example.org/c%231&facets=all,cohort:50&limit=50&cursor=abc"
    )


def test_choosing_a_value_twice_is_not_choosing_it() -> None:
    query = SearchQuery(q="x", cursor="c")
    chosen = query.toggled(Facet.TYPE, "Variable").toggled(Facet.TYPE, "QuestionItem")
    assert chosen.chosen(Facet.TYPE) == ("Variable", "QuestionItem")
    assert chosen.narrowed == 2
    assert chosen.cursor is None
    assert chosen.toggled(Facet.TYPE, "Variable").toggled(Facet.TYPE, "QuestionItem") == SearchQuery(q="x")


def test_filters_are_read_once_each_and_empty_ones_not_at_all() -> None:
    pairs = [("year", "2012"), ("year", ""), ("year", "2012"), ("has-question", "yes"), ("lang", "fr"), ("q", "x")]
    assert filters_of(pairs) == {Facet.YEAR: ("2012",), Facet.HAS_QUESTION: ("yes",)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("all", {}),
        ("all,concept:50", {Facet.CONCEPT: 50}),
        ("none", dict.fromkeys(COUNTED, 0)),
        ("type, cohort:20", {**dict.fromkeys(COUNTED, 0), Facet.TYPE: 8, Facet.COHORT: 20}),
    ],
)
def test_facets_are_asked_for_by_name_and_number(text: str, expected: dict[Facet, int]) -> None:
    assert facet_values(text) == expected


@pytest.mark.parametrize("text", ["colour", "type:-1", "type:501", "type:many", "type:99999999999", "represented"])
def test_what_is_no_facet_to_count_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        facet_values(text)


def test_a_range_of_years_is_of_the_address_and_not_of_the_text() -> None:
    """Whatever is typed about years stays as it is typed."""
    for typed in ("tabac", "year:[1990 TO 2005]", "NOT year:2001", "year:1990..2005", "(year:1990..1995 OR year:2001)"):
        query = SearchQuery(q=typed, years=("1990", ""), cursor="c")
        assert (query.q, query.years, query.narrowed) == (typed, ("1990", ""), 1)
        assert query.anytime() == SearchQuery(q=typed)
        assert query.question("fr").years == ("1990", "")
    both = SearchQuery(q="tabac", filters={Facet.TYPE: ("Variable",)}, years=("1990", "2005"), sort=Sort.NAME)
    assert both.address() == "/search?q=tabac&type=Variable&from=1990&to=2005&sort=name"
    assert both.toggled(Facet.TYPE, "Variable").years == both.whole().years == ("1990", "2005")
    assert SearchQuery(years=("", "2005")).address() == "/search?to=2005"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (("1990", "2005"), ("1990", "2005")),
        (("2005", "1990"), ("1990", "2005")),
        (("", "1990"), ("", "1990")),
        (("", ""), ("", "")),
    ],
)
def test_two_years_are_read_whichever_way_round(given: tuple[str, str], read: tuple[str, str]) -> None:
    assert years_between(*given) == read


@pytest.mark.parametrize("year", ["90", "19900", "MCMXC", "1990 ", "-199", "１９９０"])
def test_what_is_no_year_is_refused(year: str) -> None:
    with pytest.raises(UsageError, match="is no year"):
        years_between("", year)


def test_a_value_is_said_in_every_language() -> None:
    nothing = InternationalString()
    assert [one.text for one in label_of(Facet.LANGUAGE, "fr", nothing)] == ["Français", "French"]
    assert [one.text for one in label_of(Facet.HAS_QUESTION, "yes", nothing)] == ["Oui", "Yes"]
    assert [one.text for one in label_of(Facet.YEAR, "2012", nothing)] == ["2012"]
    given = InternationalString((LocalizedText("Cohorte", "fr"),))
    assert label_of(Facet.COHORT, "a/b", given) is given


def counts(*rows: tuple[str, int, str, bool]) -> FacetCounts:
    labels = [
        InternationalString((LocalizedText(label),)) if label else InternationalString() for _, _, label, _ in rows
    ]
    values = [FacetValue(row[0], row[1], label, row[3]) for row, label in zip(rows, labels, strict=True)]
    return FacetCounts(tuple(values), False)


def test_values_that_read_the_same_are_told_apart() -> None:
    shown = values_of(
        SearchQuery(),
        Facet.WAVE,
        counts(("a/1", 9, "Wave 1", False), ("a/2", 5, "Wave 2", True), ("b/1", 2, "Wave 1", False)),
    )
    assert [(one.value, one.code, one.chosen) for one in shown] == [
        ("a/2", "", True), ("a/1", "a/1", False), ("b/1", "b/1", False),
    ]  # fmt: skip
    assert shown[1].share == 100


def test_the_years_are_on_one_scale() -> None:
    assert histogram(None) == histogram(counts(("2001", 3, "", False))) == ()
    bars = histogram(counts(("2003", 10, "", False), ("2001", 5, "", False), ("2000", 1, "", False)))
    assert [(bar.year, bar.place, bar.height) for bar in bars] == [(2000, 0, 10), (2001, 25, 50), (2003, 75, 100)]
    assert len(histogram(counts(*((str(year), 1, "", False) for year in range(1800, 2001))))) == 61


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"
    assert neutral(f"a{cell}") == f"a{cell}"


def test_moments_are_written_as_feeds_have_them() -> None:
    assert rfc3339(datetime(2026, 1, 2, 3, 4, 5)) == "2026-01-02T03:04:05Z"
    assert rfc3339(datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))) == "2026-01-02T01:04:05Z"
    assert re.fullmatch(r"[0-9T:-]+Z", rfc3339(datetime.now(UTC)))


def test_pieces_hold_the_same_bytes() -> None:
    parts = [b"x" * 1000] * 200
    pieces = list(in_pieces(parts))
    assert b"".join(pieces) == b"".join(parts)
    assert len(pieces) < 5
