"""What the pages compute: percentages and bars, timelines, groups of faults, pieces of lists."""

from __future__ import annotations

import pytest
from catalogue_api.listings import ListQuery, listing_of, slice_of
from catalogue_api.tables import CodeLine, WaveLine, fault_groups, scaled, timeline, totals, whole

from catalogue.errors import UsageError
from catalogue.model.contents import Period
from catalogue.model.identity import Identification
from catalogue.model.items import Kind
from catalogue.model.report import Message, Severity, ValidationReport, Violation
from catalogue.model.text import InternationalString
from catalogue.service import ContainerSummary, ItemSummary

NOTHING = InternationalString()


def cohort(name: str) -> ContainerSummary:
    summary = ItemSummary(
        1, Identification("a", name, "1"), "Group", "Group", Kind.MAINTAINABLE, "3.3", name, NOTHING, True, True
    )
    return ContainerSummary(summary, {})


def line(frequency: str | None, percent: float | None = None) -> CodeLine:
    return CodeLine(0, "1", NOTHING, None, False, frequency, percent)


def test_percentages_are_computed_where_the_source_gives_none() -> None:
    lines = scaled([line("30"), line("10"), line(None)])
    assert [one.percent for one in lines] == [75.0, 25.0, None]
    assert [round(one.share) for one in lines] == [100, 33, 0]


def test_the_percentages_of_the_source_are_kept() -> None:
    assert [one.percent for one in scaled([line("30", 60.0), line("10", 20.0)])] == [60.0, 20.0]


def test_frequencies_that_are_no_numbers_do_no_harm() -> None:
    assert [(one.percent, one.share) for one in scaled([line("n/a"), line("0")])] == [(None, 0.0), (None, 0.0)]


def test_a_timeline_spans_whole_years() -> None:
    periods = (Period("2020-07", "2021"), Period("2023"))
    found = timeline([WaveLine(cohort(str(n)), (period,), ()) for n, period in enumerate(periods)])
    assert found is not None
    assert [year for year, _ in found.ticks] == [2020, 2021, 2022, 2023, 2024]
    assert found.lines[0].start == pytest.approx(12.5)
    assert found.lines[0].width == pytest.approx(12.5)
    assert found.lines[1].start == pytest.approx(75)


def test_a_wave_that_goes_on_is_drawn_up_to_the_end() -> None:
    periods = (Period("2020", "2021-07"), Period("2021-07", open=True), Period("2021-07"))
    found = timeline([WaveLine(cohort(str(n)), (period,), ()) for n, period in enumerate(periods)])
    assert found is not None
    assert [one.start for one in found.lines] == pytest.approx([0, 75, 75])
    assert [one.width for one in found.lines] == pytest.approx([75, 25, 0.8])


@pytest.mark.parametrize(
    ("start", "width", "name", "kind"),
    [
        (0.0, 10.0, "Wave 1", ""),
        (80.0, 3.0, "A wave with a long name", "at-end"),
        (0.0, 100.0, "The whole time", "inside"),
        (40.0, 59.0, "No room behind", "inside"),
        (80.0, 3.0, "x" * 200, "at-end"),
        (10.0, 5.0, "x" * 200, ""),
    ],
)
def test_the_name_of_a_wave_stands_where_there_is_room(start: float, width: float, name: str, kind: str) -> None:
    place = WaveLine(cohort("w"), (), (), start, width).place_of(name)
    assert place is not None
    assert place.kind == kind
    edges = {"": (start + width, 101.0), "inside": (start, start + width), "at-end": (-1.0, start)}
    assert edges[kind][0] <= place.at <= edges[kind][1]


def test_a_wave_without_dates_has_no_bar_to_name() -> None:
    assert WaveLine(cohort("w"), (), ()).place_of("Wave") is None


def test_one_dated_wave_makes_no_timeline() -> None:
    assert (
        timeline([WaveLine(cohort("a"), (Period("2020"),), ()), WaveLine(cohort("b"), (Period("soon"),), ())]) is None
    )


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        ([], None),
        ([Period("2020", None)], Period("2020", None)),
        ([Period("2021", "2022"), Period("2020", None)], Period("2020", "2022")),
        ([Period(None, "2022")], Period(None, "2022")),
        ([Period("2021", "2022"), Period("2020", open=True)], Period("2020", open=True)),
    ],
)
def test_several_periods_become_one(periods: list[Period], expected: Period | None) -> None:
    assert whole(periods) == expected


def test_faults_are_grouped_by_kind_errors_first() -> None:
    def fault(code: str, severity: Severity) -> Violation:
        return Violation(code, severity, Message("f", "e"), Message("f", "e"))

    kinds = [("w", Severity.WARNING), ("a", Severity.ERROR), ("b", Severity.ERROR), ("b", Severity.ERROR)]
    groups = fault_groups(ValidationReport("x", violations=tuple(fault(*kind) for kind in kinds)))
    assert [(group.code, len(group.violations)) for group in groups] == [("b", 2), ("a", 1), ("w", 1)]


def test_a_receipt_has_totals() -> None:
    row = {"found": 3, "stored": 1, "merged": 1, "refused": 1}
    assert totals({"A": row, "B": row}) == {"found": 6, "stored": 2, "merged": 2, "refused": 2}


def test_cohorts_are_cut_into_pieces() -> None:
    cohorts = [cohort(name) for name in "abcde"]
    seen, cursor = [], None
    for _ in range(3):
        piece, cursor = slice_of(cohorts, cursor, 2)
        seen += [one.item.name for one in piece]
    assert (seen, cursor) == (list("abcde"), None)
    with pytest.raises(UsageError):
        slice_of(cohorts, "urn:ddi:a:z:1", 2)


def test_every_type_has_a_list() -> None:
    assert [listing_of(one) for one in ("Variable", "QuestionGrid", "Universe", "Organization")] == [
        "variables", "questions", "concepts", "items",
    ]  # fmt: skip


def test_a_query_can_be_asked_again() -> None:
    query = ListQuery(cohort="c", type=("A", "B"), unassigned=True, limit=10)
    assert query.parameters(cursor="x") == {
        "cohort": "c", "study": None, "type": ("A", "B"), "unassigned": "true", "limit": 10, "cursor": "x",
    }  # fmt: skip
