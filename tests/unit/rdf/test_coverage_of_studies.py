"""Nothing known of a cohort or wave as a whole is missing from its RDF, and the coverage table tells it truly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from rdflib import OWL, RDF, Graph, Literal, URIRef

from catalogue.exposure.cohorts import Cohorts
from catalogue.model import study as model
from catalogue.model.cataloguing import CohortMetadata
from catalogue.model.contents import Period
from catalogue.model.identity import Identification
from catalogue.model.study import Access, Agent, Collection, DataFile, Material, Named, StudyDescription, Term, Universe
from catalogue.model.text import InternationalString, LocalizedText
from catalogue.rdf import dcat, healthdcat, ontology, schemaorg
from catalogue.rdf.coverage import Source, study_coverage
from catalogue.rdf.namespaces import prefixes, short
from catalogue.rdf.shapes import Node, Shape
from catalogue.rdf.subjects import Subject
from catalogue.rdf.vocabularies import DC
from tests.unit.rdf.portals import BASE, COHORTS, DCAT_AP, FRENCH, in_graph, violations

Study = StudyDescription
PARTS = (Study, Named, Agent, Term, Universe, Collection, Access, Material, model.StudyNote, DataFile, Period)
ROLES = ("creator", "publisher", "contributor", "funder", "contact")
# What these fields hold where any text will not do: a value, and another one.
VALUES: Mapping[str, tuple[Any, Any]] = {
    "countries": (("FR",), ("DE",)),
    "languages": (("fr",), ("en",)),
    "counts": ({"Variable": 3}, {}),
    "checksum": ("00ff", "ff00"),
    "checksum_algorithm": ("MD5", "SHA-1"),
    "format": ("csv", "json"),
    "start": ("2001-02-03", "2002-03-04"),
    "end": ("2011-02-03", "2012-03-04"),
    "vocabulary_uri": ("https://list.example/1", "https://list.example/2"),
    "homepage": ("https://home.example/1", "https://home.example/2"),
    "email": ("one@home.example", "two@home.example"),
    "uris": (("https://file.example/1",), ("https://file.example/2",)),
}
# What is not said of a study as a whole, and why.
NAMED = "said of the item that it names, at the address of that item"
UNSAID: dict[tuple[type, str], str] = {
    (Named, "name"): NAMED,
    (Named, "label"): NAMED,
    (Period, "open"): "a period that goes on is one without dcat:endDate",
}
WAVES = "said of the datasets of its waves, which the series leads to"
UNSAID_OF_GROUPS: dict[tuple[type, str], str] = {
    (Study, "files"): WAVES,
    (Study, "has_biosamples"): WAVES,
    (Study, "counts"): "only tells whether a wave has a data dictionary; the items themselves are in the triples",
    (Study, "cohorts"): "a cohort is in no cohort",
    (Named, "type"): "what a cohort names, its waves, are StudyUnits",
    **{(DataFile, field.name): WAVES for field in fields(DataFile)},
}


WAVELESS = ("StudyUnit", Study, "waves")  # a wave has none


# --- a study with everything filled -----------------------------------------------------------------------------------


def filled(type_: Any, name: str, other: bool = False, of: str = "") -> Any:
    """A value of a type for a field of a class, or another one."""
    if name in VALUES:
        return VALUES[name][other]
    if isinstance(type_, type) and type_ in PARTS:
        hints = get_type_hints(type_)
        return type_(**{one.name: filled(hints[one.name], one.name, other, type_.__name__) for one in fields(type_)})
    if isinstance(type_, UnionType):
        return filled(next(one for one in get_args(type_) if one is not NoneType), name, other, of)
    if get_origin(type_) is tuple:
        members = enumerate(get_args(type_))
        return tuple(filled(one, f"{name}-{at}", other, of) for at, one in members if one is not ...)
    return SIMPLE[type_](f"{of} {name} {'other' if other else 'one'}", other)


SIMPLE: Mapping[type, Callable[[str, bool], Any]] = {
    str: lambda text, _: text,
    int: lambda text, other: 100 + len(text) + other,
    bool: lambda _, other: not other,
    datetime: lambda text, other: datetime(2020 + other, 1, 2, len(text) % 24, tzinfo=UTC),
    Identification: lambda text, _: Identification("fr.cohortes-exemples", text.replace(" ", "-"), "1.0.0"),
    InternationalString: lambda text, _: InternationalString((LocalizedText(text, "fr"),)),
}


@cache
def study(type_: str) -> Study:
    """As the examples name one, so that their settings are for it."""
    found: Study = filled(Study, "study")
    (agent,) = found.agents
    name = "E3N-GROUP" if type_ == "Group" else "E3N-W1-SU"
    agents = tuple(replace(agent, role=role, item=agent.item if role == "creator" else None) for role in ROLES)
    waves = tuple(Named(replace(found.identification, identifier=f"E3N-W{n}-SU"), "StudyUnit") for n in (1, 2, 3))
    return replace(
        found,
        type=type_,
        agents=agents,
        identification=replace(found.identification, identifier=name),
        cohorts=(Named(replace(found.identification, identifier="E3N-GROUP"), "Group"),),
        waves=waves if type_ == "Group" else (),
    )


def changed(value: Any, type_: type, field: Field[Any]) -> Any:
    """A value in which a field of each member of a class is another."""
    if isinstance(value, tuple):
        return tuple(changed(one, type_, field) for one in value)
    if type(value) not in PARTS:
        return value
    if field.name == "type" and type(value) is type_ is Study:
        return replace(value, type="StudyUnit" if value.type == "Group" else "Group")
    found = replace(value, **{one.name: changed(getattr(value, one.name), type_, field) for one in fields(value)})
    if type(value) is not type_:
        return found
    return replace(found, **{field.name: filled(get_type_hints(type_)[field.name], field.name, True, type_.__name__)})


def triples(of: Study, said: CohortMetadata = CohortMetadata()) -> Graph:  # noqa: B008  # it is frozen
    return in_graph(healthdcat.study_triples(of, said, BASE), schemaorg.study_triples(of, said, BASE))


def portal_triples(of: Study, said: CohortMetadata = CohortMetadata()) -> Graph:  # noqa: B008
    """Without what is for search engines."""
    return in_graph(healthdcat.study_triples(of, said, BASE))


def told(graph: Graph) -> set[str]:
    return {short(f"<{predicate}>") for predicate in graph.predicates()}


@dataclass(frozen=True)
class Case:
    study: str
    part: type
    field: Field[Any]

    def __str__(self) -> str:
        return f"{self.study}-{self.part.__name__}-{self.field.name}"

    @property
    def reason(self) -> str | None:
        of_its_type = UNSAID_OF_GROUPS if self.study == "Group" else {}
        return (UNSAID | of_its_type).get((self.part, self.field.name))


TYPES = ("Group", "StudyUnit")
EVERY = [Case(of, part, field) for of in TYPES for part in PARTS for field in fields(part)]
CASES = [case for case in EVERY if (case.study, case.part, case.field.name) != WAVELESS]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_field_of_a_study_is_told_by_a_row_of_the_table_or_left_out_for_a_reason(case: Case) -> None:
    whole = study(case.study)
    other = changed(whole, case.part, case.field)
    assert other != whole
    differ = set(portal_triples(whole)) ^ set(portal_triples(other))
    if case.reason:
        assert not differ, f"is told, and needs no reason: {case.reason}"
        return
    rows = {name for row in study_coverage() if case.study in row.types for name in row.predicates}
    assert {short(f"<{predicate}>") for _, predicate, _ in differ} & (rows - {"rdf:type"})


def test_a_field_that_no_row_takes_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    (case,) = [one for one in CASES if str(one) == "StudyUnit-StudyDescription-copyright"]
    rows = tuple(row for row in dcat.DATASET.rows if row.predicate != DC.rights)
    monkeypatch.setattr(dcat, "DATASET", replace(dcat.DATASET, rows=rows))
    with pytest.raises(AssertionError):
        test_every_field_of_a_study_is_told_by_a_row_of_the_table_or_left_out_for_a_reason(case)


def test_parts_are_all_that_a_study_is_made_of() -> None:
    assert set(PARTS) == set(_classes(Study))


def _classes(type_: Any) -> Iterator[type]:
    if is_dataclass(type_) and type_ not in (Identification, InternationalString):
        assert isinstance(type_, type)
        yield type_
        for hint in get_type_hints(type_).values():
            yield from _classes(hint)
    for one in get_args(type_):
        yield from _classes(one)


# --- the table --------------------------------------------------------------------------------------------------------

# Linked Data Platform: the way to distributions.
NAVIGATION = {"rdf:type", "ldp:membershipResource", "ldp:hasMemberRelation", "ldp:contains"}


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("settings", [False, True], ids=["without settings", "with settings"])
def test_every_predicate_is_in_the_table(type_: str, settings: bool) -> None:
    said = Cohorts(COHORTS).of(study(type_)) if settings else CohortMetadata()
    rows = {name for row in study_coverage() if type_ in row.types for name in row.predicates}
    assert told(triples(study(type_), said)) - rows == (NAVIGATION if type_ == "StudyUnit" else {"rdf:type"})


@pytest.mark.parametrize("type_", TYPES)
def test_what_the_table_takes_from_ddi_is_told(type_: str) -> None:
    found = told(triples(study(type_)))
    rows = [row for row in study_coverage() if type_ in row.types and row.names]
    assert len(rows) > 40
    assert {row.predicates[0] for row in rows} - found == set()


def test_the_table_says_in_both_languages_what_it_is_and_where_it_comes_from() -> None:
    for row in study_coverage():
        assert row.types
        if row.source is Source.STUDY:
            assert row.said is not None
            assert row.said.fr
            assert row.said.en


def _led(node: Node) -> Iterator[tuple[URIRef, Shape[Any], tuple[Shape[Any], ...]]]:
    """Each predicate with the shape that it leads to, and those that its row tells of."""
    for row in node.shape.rows:
        for value in row.found(node.source):
            if isinstance(value, Node):
                yield row.predicate, value.shape, row.leads
                yield from _led(value)


@pytest.mark.parametrize("type_", TYPES)
def test_rows_lead_where_they_say(type_: str) -> None:
    whole = study(type_)
    subject = Subject(whole, Cohorts(COHORTS).of(whole), BASE)
    nodes = (*dcat.nodes(subject), healthdcat.node(subject), schemaorg.study_node(whole, subject.said, BASE))
    found = [one for node in nodes for one in _led(node) if one[1] not in (dcat.DATASET, healthdcat.DATASET)]
    assert len(found) > 20
    assert {predicate for predicate, shape, leads in found if not any(shape is one for one in leads)} == set()


# --- what it is told in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type_", TYPES)
def test_terms_of_ddil_are_of_the_kind_that_they_are_used_as(type_: str) -> None:
    published = ontology.ontology()
    used = [(p, o) for _, p, o in triples(study(type_)) if str(p).startswith(f"{ontology.ADDRESS}#")]
    assert len({predicate for predicate, _ in used}) > 20
    for predicate, value in used:
        kind = OWL.DatatypeProperty if isinstance(value, Literal) else OWL.ObjectProperty
        assert (predicate, RDF.type, kind) in published, predicate
    classes = {o for o in triples(study(type_)).objects(None, RDF.type) if str(o).startswith(prefixes()["ddil"])}
    assert {one for one in classes if (one, RDF.type, OWL.Class) not in published} == set()


@pytest.mark.parametrize("names", [*DCAT_AP, FRENCH], ids=lambda names: names[0])
@pytest.mark.usefixtures("shared")
def test_studies_that_say_everything_conform(names: tuple[str, ...]) -> None:
    said = Cohorts(COHORTS).of
    told_of = [triples(study(one), said(study(one))) for one in TYPES]
    assert violations(told_of[0] + told_of[1], names) == set()
