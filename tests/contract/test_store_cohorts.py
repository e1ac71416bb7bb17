"""Cohorts, studies and waves: what they hold, on every engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from catalogue.model.report import Status
from catalogue.store import Repository
from catalogue.store.records import ContainerSummary, ItemFilter, ItemSummary
from tests.unit.store.builders import AGENCY, Document, Node, ingest, refer, study


def names(items: Sequence[ItemSummary]) -> list[str]:
    return [item.identification.identifier for item in items]


def tree(found: ContainerSummary) -> dict[str, object]:
    return {wave.item.identification.identifier: tree(wave) for wave in found.waves}


def item_id(repository: Repository, identifier: str) -> int:
    return repository.get(AGENCY, identifier)[0].id


def group(identifier: str, *children: Node, references: Sequence[object] = ()) -> Node:
    return Node(identifier, "Group", children=children, references=references)  # type: ignore[arg-type]


def test_a_group_is_a_cohort_and_its_studies_are_waves(repository: Repository) -> None:
    ingest(repository, Document([group("g", study("w1", Node("a")), study("w2", Node("b")))]))

    (cohort,) = repository.cohorts()

    assert names([cohort.item]) == ["g"]
    assert tree(cohort) == {"w1": {}, "w2": {}}
    assert cohort.counts == {"StudyUnit": 2, "Variable": 2}
    assert [wave.counts for wave in cohort.waves] == [{"Variable": 1}, {"Variable": 1}]
    containers = repository.containers(item_id(repository, "a"))
    assert (names(containers.cohorts), names(containers.studies), names(containers.waves)) == (["g"], ["w1"], ["w1"])
    assert repository.cohort(cohort.item.id) == cohort
    assert names(repository.containers(item_id(repository, "w1")).cohorts) == ["g"]


def test_a_lone_study_is_a_cohort_and_its_collection_events_are_waves(repository: Repository) -> None:
    events = [Node(f"e{n}", "CollectionEvent", references=(refer(f"i{n}", "InstrumentReference"),)) for n in (1, 2)]
    instruments = [Node(f"i{n}", "Instrument") for n in (1, 2)]
    ingest(repository, Document([study("s", Node("d", "DataCollection", children=(*events, *instruments)))]))

    (cohort,) = repository.cohorts()

    assert (names([cohort.item]), tree(cohort)) == (["s"], {"e1": {}, "e2": {}})
    containers = repository.containers(item_id(repository, "i2"))
    assert (names(containers.cohorts), names(containers.studies), names(containers.waves)) == (["s"], ["s"], ["e2"])


def test_a_single_collection_event_is_no_wave(repository: Repository) -> None:
    event = Node("e", "CollectionEvent", children=(Node("m", "ModeOfCollection"),))
    ingest(repository, Document([study("s", event)]))

    assert tree(repository.cohorts()[0]) == {}
    assert repository.containers(item_id(repository, "m")).waves == ()


def test_items_belong_by_reference_across_documents(repository: Repository) -> None:
    ingest(repository, Document([Node("c", "Concept", references=(refer("d"),)), Node("d", "Concept")]))
    assert repository.stats().unassigned == {"Concept": 2}
    ingest(repository, Document([study("s", Node("v", references=(refer("c"),)))]))
    ingest(repository, Document([study("t", Node("w", references=(refer("d"),)))]))

    assert repository.stats().unassigned == {}
    assert names(repository.containers(item_id(repository, "c")).cohorts) == ["s"]
    assert names(repository.containers(item_id(repository, "d")).cohorts) == ["s", "t"]
    assert [cohort.counts["Concept"] for cohort in repository.cohorts()] == [2, 1]


def test_a_study_does_not_reach_into_another(repository: Repository) -> None:
    comparison = Node("x", "Comparison", references=(refer("t", "SourceReference"),))
    ingest(repository, Document([study("s", comparison), study("t", Node("v"))]))

    assert names(repository.containers(item_id(repository, "v")).cohorts) == ["t"]


def test_a_group_reaches_only_its_own_studies(repository: Repository) -> None:
    comparison = Node("x", "Comparison", references=(refer("other", "SourceReference"),))
    members = Node("sub", "SubGroup", children=(study("inner", Node("a")),))
    cohort = group("g", comparison, members, references=(refer("outer", "StudyUnitReference"),))
    ingest(repository, Document([cohort, study("outer", Node("b")), study("other", Node("c"))]))

    def cohorts_of(identifier: str) -> list[str]:
        return names(repository.containers(item_id(repository, identifier)).cohorts)

    assert [cohorts_of(name) for name in "abc"] == [["g"], ["g"], ["other"]]
    assert [names([found.item]) for found in repository.cohorts()] == [["g"], ["other"]]


def test_lineage_is_no_membership(repository: Repository) -> None:
    based = Node("v", references=(refer("old", "BasedOnReference"),))
    ingest(repository, Document([study("s", based), Node("old")]))

    assert repository.containers(item_id(repository, "old")).cohorts == ()
    assert repository.stats().unassigned == {"Variable": 1}


@pytest.mark.parametrize("role", ["InputVariableReference", "InputQuestionReference", "SourceVariableReference"])
def test_what_was_computed_with_stays_where_it_was_measured(repository: Repository, role: str) -> None:
    """Height of the first wave, with which the second computes an index."""
    coding = Node("bmi-coding", "GenerationInstruction", references=(refer("height", role), refer("unit")))
    computed = Node("bmi", references=(refer("bmi-coding", "ProcessingInstructionReference"),))
    ingest(repository, Document([group("g", study("w1", Node("height")), study("w2", computed, coding))]))
    ingest(repository, Document([Node("unit", "Concept")]))

    assert names(repository.containers(item_id(repository, "height")).waves) == ["w1"]
    assert names(repository.containers(item_id(repository, "unit")).waves) == ["w2"]  # by any other reference
    (cohort,) = repository.cohorts()
    assert [wave.counts["Variable"] for wave in cohort.waves] == [1, 1]


def test_a_document_can_be_assigned_to_a_cohort(repository: Repository) -> None:
    ingest(repository, Document([study("s")]))
    ingest(repository, Document([Node("c", "Concept", references=(refer("d"),))]), cohort=item_id(repository, "s"))
    ingest(repository, Document([Node("d", "Concept")]))

    assert repository.cohorts()[0].counts == {"Concept": 2}
    assert repository.stats().unassigned == {}


def test_another_revision_adds_to_a_study_that_did_not_change(repository: Repository) -> None:
    ingest(repository, Document([study("s", Node("a"))]))
    ingest(repository, Document([study("s", Node("a"), Node("b"))]))

    assert repository.cohorts()[0].counts == {"Variable": 2}
    children = repository.children(item_id(repository, "s"))
    assert names(children.items) == ["a", "b"]


def test_only_the_latest_versions_count(repository: Repository) -> None:
    ingest(repository, Document([study("s", Node("v", version="1"))]))
    ingest(repository, Document([study("s", Node("v", version="2"))]))
    ingest(repository, Document([study("s", version="2", label="Second")]))

    (cohort,) = repository.cohorts()
    assert cohort.item.identification.version == "2"
    assert cohort.counts == {}
    first = repository.cohort(repository.get(AGENCY, "s", "1")[0].id)
    assert first is not None
    assert first.counts == {"Variable": 1}
    page = repository.list_items(ItemFilter(containers=(first.item.id,)))
    assert [(item.identification.version, page.total) for item in page] == [("2", 1)]
    assert repository.list_items(ItemFilter(containers=(first.item.id,), latest_only=False)).total == 2


def versions(items: Iterable[ItemSummary]) -> list[str]:
    """``identifier:version`` of each."""
    return [f"{one.identification.identifier}:{one.identification.version}" for one in items]


def of_version(repository: Repository, identifier: str, version: str) -> ContainerSummary:
    found = repository.cohort(repository.get(AGENCY, identifier, version)[0].id)
    assert found is not None
    return found


def listed(repository: Repository, container: ContainerSummary, *types: str) -> list[str]:
    page = repository.list_items(ItemFilter(types=types, containers=(container.item.id,)))
    assert page.total == len(page.items)
    return sorted(versions(page))


def where(repository: Repository, identifier: str, version: str | None = None) -> list[list[str]]:
    """The cohorts, studies and waves of an item; those that are not current in brackets."""
    found = repository.containers(repository.get(AGENCY, identifier, version)[0].id)
    each = (found.cohorts, found.studies, found.waves)
    return [
        [name if one.latest else f"({name})" for one, name in zip(some, versions(some), strict=True)] for some in each
    ]


def test_an_older_version_of_a_study_counts_and_lists_what_it_held(repository: Repository) -> None:
    concept = Node("c", "Concept", label="One")
    ingest(repository, Document([study("s", Node("kept"), Node("renewed"), Node("dropped"), concept)]))
    renewed = Node("renewed", version="2", label="New")
    ingest(repository, Document([study("s", Node("kept"), renewed, Node("added"), version="2")]))

    first, second = (of_version(repository, "s", version) for version in "12")

    assert first.counts == {"Variable": 3, "Concept": 1}
    assert listed(repository, first, "Variable") == ["dropped:1", "kept:1", "renewed:1"]
    assert second.counts == {"Variable": 3}
    assert listed(repository, second) == ["added:1", "kept:1", "renewed:2"]
    assert [found.counts for found in repository.cohorts()] == [second.counts]
    assert repository.stats().items["Variable"] == 4
    held = repository.neighbourhood.held([first.item.id, second.item.id], ["Variable"])
    assert [versions(one.summary for one in repository.get_many(some)) for some in held.values()] == [
        ["kept:1", "renewed:1", "dropped:1"],
        ["kept:1", "renewed:2", "added:1"],
    ]


def test_a_wave_has_the_question_as_it_asked_it(repository: Repository) -> None:
    """Another wave that words it otherwise takes nothing away; what holds both waves has the newer one."""
    ingest(repository, Document([group("g", study("w1", Node("q", "QuestionItem"), Node("v")))]))
    again = Node("g", "Group", "2", children=(study("w2", Node("q", "QuestionItem", "2")),))
    again.references = (refer("w1", "StudyUnitReference"),)
    ingest(repository, Document([again]))

    cohort, first, second = (of_version(repository, *one) for one in (("g", "2"), ("w1", "1"), ("w2", "1")))

    assert listed(repository, first) == ["q:1", "v:1"]
    assert first.counts == {"QuestionItem": 1, "Variable": 1}
    assert listed(repository, second) == ["q:2"]
    assert listed(repository, cohort, "QuestionItem") == ["q:2"]
    assert cohort.counts == {"StudyUnit": 2, "QuestionItem": 1, "Variable": 1}
    assert repository.stats().items["QuestionItem"] == 1


def test_of_several_versions_that_an_older_study_held_the_newest_counts(repository: Repository) -> None:
    ingest(repository, Document([study("s", Node("v"))]))
    ingest(repository, Document([study("s", Node("v", version="2"))]))
    ingest(repository, Document([study("s", version="2"), Node("v", version="3")]))

    first = of_version(repository, "s", "1")

    assert first.counts == {"Variable": 1}
    assert listed(repository, first) == ["v:2"]
    assert versions(repository.list_items(ItemFilter(containers=(first.item.id,), latest_only=False))) == ["v:1", "v:2"]


def test_an_older_version_of_a_cohort_has_the_waves_that_it_had(repository: Repository) -> None:
    ingest(repository, Document([group("g", study("w1", Node("a")), study("w2", Node("b")))]))
    second = Node("g", "Group", "2", children=(study("w1", Node("a"), Node("x"), version="2"), study("w3", Node("d"))))
    ingest(repository, Document([second]))
    ingest(repository, Document([study("w1", Node("x"), Node("y"), version="3")]))

    first = of_version(repository, "g", "1")

    assert versions(wave.item for wave in first.waves) == ["w1:1", "w2:1"]
    assert [wave.counts for wave in first.waves] == [{"Variable": 1}, {"Variable": 1}]
    assert listed(repository, first) == ["a:1", "b:1", "w1:1", "w2:1"]
    assert where(repository, "w1", "1") == [["(g:1)"], [], []]
    assert where(repository, "w1") == [["g:2"], [], []]
    assert versions(wave.item for wave in of_version(repository, "g", "2").waves) == ["w3:1", "w1:3"]


def test_what_no_current_study_holds_stays_where_it_was(repository: Repository) -> None:
    ingest(repository, Document([group("g", study("s", Node("a"), Node("b")))]))
    ingest(repository, Document([study("s", Node("a"), Node("b"), label="Still", version="2")]))
    assert where(repository, "a") == [["g:1"], ["s:2"], ["s:2"]]

    ingest(repository, Document([study("s", Node("b"), version="3")]))

    assert where(repository, "a") == [["g:1"], ["(s:2)"], ["(s:2)"]]
    assert where(repository, "b") == [["g:1"], ["s:3"], ["s:3"]]
    assert listed(repository, of_version(repository, "s", "3")) == ["b:1"]

    ingest(repository, Document([Node("g", "Group", "2", children=(study("s", Node("b"), version="4"),))]))

    assert where(repository, "a") == [["(g:1)"], ["(s:2)"], ["(s:2)"]]
    assert where(repository, "b") == [["g:2"], ["s:4"], ["s:4"]]
    assert [names([found.item]) for found in repository.cohorts()] == [["g"]]


def test_an_older_version_of_an_item_stays_where_it_was(repository: Repository) -> None:
    ingest(repository, Document([study("s", Node("v"))]))
    ingest(repository, Document([study("s", Node("v", version="2"), version="2")]))

    assert where(repository, "v", "1") == [["(s:1)"], ["(s:1)"], []]
    assert where(repository, "v") == [["s:2"], ["s:2"], []]


def test_what_a_current_study_holds_is_not_told_where_it_was(repository: Repository) -> None:
    """A concept that many studies share, one of which lets it go."""
    ingest(repository, Document([Node("c", "Concept"), study("s", references=(refer("c"),))]))
    ingest(repository, Document([study("t", references=(refer("c"),))]))
    ingest(repository, Document([study("s", version="2")]))
    assert where(repository, "c") == [["t:1"], ["t:1"], []]

    ingest(repository, Document([study("t", version="2")]))
    assert where(repository, "c") == [["(s:1)", "(t:1)"]] * 2 + [[]]


def test_the_waves_of_an_older_study_are_waves_still(repository: Repository) -> None:
    events = [Node(f"e{n}", "CollectionEvent", references=(refer(f"i{n}"),)) for n in (1, 2)]
    instruments = [Node(f"i{n}", "Instrument") for n in (1, 2)]
    ingest(repository, Document([study("s", *events, *instruments)]))
    ingest(repository, Document([study("s", events[0], instruments[0], version="2")]))

    assert where(repository, "i2") == [["(s:1)"], ["(s:1)"], ["e2:1"]]
    assert where(repository, "i1") == [["s:2"], ["s:2"], []]
    assert versions(wave.item for wave in of_version(repository, "s", "1").waves) == ["e1:1", "e2:1"]


def test_a_cohort_that_another_let_go_is_a_cohort(repository: Repository) -> None:
    inner = group("g", study("s", Node("a")))
    ingest(repository, Document([group("h", inner)]))
    assert [names([found.item]) for found in repository.cohorts()] == [["h"]]

    ingest(repository, Document([Node("h", "Group", "2")]))

    assert [versions([found.item]) for found in repository.cohorts()] == [["g:1"], ["h:2"]]
    assert where(repository, "a") == [["g:1"], ["s:1"], ["s:1"]]
    assert where(repository, "g") == [[], [], []]


def test_what_is_deprecated_holds_nothing_any_more(repository: Repository) -> None:
    ingest(repository, Document([Node("v")]))
    gone = ingest(repository, Document([study("s", references=(refer("v"),))]))
    assert where(repository, "v") == [["s:1"], ["s:1"], []]

    repository.deprecate(gone.revision.id)

    assert where(repository, "v") == [[], [], []]


def test_an_older_study_does_not_list_what_was_deprecated(repository: Repository) -> None:
    ingest(repository, Document([study("s", Node("a"))]))
    more = ingest(repository, Document([study("s", Node("a", version="2"), Node("b"))]))
    ingest(repository, Document([study("s", version="2")]))
    assert listed(repository, of_version(repository, "s", "1")) == ["a:2", "b:1"]

    repository.deprecate(more.revision.id)

    assert listed(repository, of_version(repository, "s", "1")) == ["a:1"]
    assert of_version(repository, "s", "1").counts == {"Variable": 1}


@pytest.mark.parametrize("again", [False, True])
def test_a_cohort_that_is_current_again_has_the_newest_waves(repository: Repository, again: bool) -> None:
    """What came while another version of the cohort stood for it."""
    ingest(repository, Document([group("g", study("w", Node("a")))]))
    newer = ingest(repository, Document([Node("g", "Group", "2", references=(refer("w", "StudyUnitReference"),))]))
    if again:
        repository.deprecate(newer.revision.id)
    ingest(repository, Document([study("w", Node("b"), version="2")]))
    assert where(repository, "b")[0] == ["g:1" if again else "g:2"]

    if again:
        repository.publish(newer.revision.id)
    else:
        repository.deprecate(newer.revision.id)

    current = "g:2" if again else "g:1"
    assert where(repository, "b") == [[current], ["w:2"], ["w:2"]]
    assert [versions([found.item]) for found in repository.cohorts()] == [[current]]
    assert repository.cohorts()[0].counts == {"StudyUnit": 1, "Variable": 2}


def test_drafts_add_nothing_to_a_cohort(repository: Repository) -> None:
    ingest(repository, Document([study("s", Node("a"))]))
    ingest(repository, Document([study("s", Node("a"), Node("b"))]), Status.DRAFT)

    assert repository.cohorts()[0].counts == {"Variable": 1}
    assert names(repository.children(item_id(repository, "s")).items) == ["a"]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_lists_are_the_same_in_pieces(repository: Repository, limit: int) -> None:
    labels = ["Émotion", "age", "Age", "Zèbre", "emotion", "  spaced  out "]
    variables = [Node(f"v{n}", label=label) for n, label in enumerate(labels)]
    questions = [Node("q1", "QuestionItem", label="Age?"), Node("q2", "QuestionItem", name="NAME")]
    event = Node("e", "CollectionEvent", references=(refer("v1"), refer("q1")))
    ingest(repository, Document([study("s", *variables, *questions, event), Node("alone", label="Alone")]))
    s, e = item_id(repository, "s"), item_id(repository, "e")

    def all_of(wanted: ItemFilter) -> list[str]:
        found: list[ItemSummary] = []
        page = repository.list_items(wanted, limit=limit)
        while True:
            assert page.total == len(names(repository.list_items(wanted, limit=1000).items))
            found += page.items
            if page.next_cursor is None:
                return names(found)
            page = repository.list_items(wanted, cursor=page.next_cursor, limit=limit)

    by_label = ["v1", "v2", "v0", "v4", "v5", "v3"]
    assert all_of(ItemFilter(("Variable",), (s,))) == by_label
    assert all_of(ItemFilter(("Variable", "QuestionItem"), (s,))) == ["v1", "v2", "q1", "v0", "v4", "q2", "v5", "v3"]
    assert all_of(ItemFilter(("Variable",))) == ["v1", "v2", "alone", "v0", "v4", "v5", "v3"]
    assert all_of(ItemFilter(containers=(s, e))) == ["v1", "q1"]
    assert all_of(ItemFilter(containers=(s,), types=("Variable",), include_drafts=True)) == by_label
    assert all_of(ItemFilter(unassigned=True)) == ["alone"]
    assert all_of(ItemFilter(types=("Concept",))) == []
    assert len(all_of(ItemFilter())) == 11
    assert len(all_of(ItemFilter(latest_only=False))) == 11
    assert len(all_of(ItemFilter(containers=(s,), latest_only=False))) == 9


def test_children_in_pieces(repository: Repository) -> None:
    expected = [f"v{n}" for n in (3, 1, 4, 0, 5)]
    twice = [Node(name) for name in (*expected, "v3", "v1")]
    ingest(repository, Document([study("s", *twice)]))
    parent = item_id(repository, "s")

    found: list[str] = []
    cursor = None
    while True:
        page = repository.children(parent, cursor=cursor, limit=2)
        found += names(page.items)
        assert page.total == 5
        if not (cursor := page.next_cursor):
            break
    assert found == expected


def test_an_empty_store(repository: Repository) -> None:
    assert repository.cohorts() == ()
    assert repository.list_items().items == ()
    assert repository.list_items(ItemFilter(unassigned=True)).total == 0
    stats = repository.stats()
    assert (stats.items, stats.unassigned, stats.documents, stats.revisions, stats.drafts) == ({}, {}, 0, 0, 0)
