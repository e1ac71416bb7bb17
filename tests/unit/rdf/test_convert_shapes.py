"""What items become is judged by shapes: ours for ddil and disco, those of XKOS for classifications; by pyshacl."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from rdflib import OWL, RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from catalogue.exposure.resources import ResourceBuilder
from catalogue.rdf import convert
from catalogue.rdf.resource import Resource
from catalogue.store import open_repository
from tests.conftest import ROOT
from tests.unit.indexing.stores import take_in
from tests.unit.rdf.documents import BASE, sample

SHAPES = ROOT / "schemas" / "shapes" / "ddil.ttl"
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCT = Namespace("http://purl.org/dc/terms/")
DDIL = Namespace("https://w3id.org/cohort-catalogue/ddil#")
DISCO = Namespace("http://rdf-vocabulary.ddialliance.org/discovery#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
XKOS = Namespace("http://rdf-vocabulary.ddialliance.org/xkos#")
S = Namespace(f"{BASE}/id/a/b/1")

CLASSIFICATION = Path(__file__).with_name("classification.xml")


def violations(data: Graph, shapes: Graph) -> list[str]:
    """The messages of a validation report; none where the data conform."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pyshacl's, of rdflib's datasets
        from pyshacl import validate

        conforms, _, text = validate(data, shacl_graph=shapes, inplace=True)
    return [] if conforms else text.split("Constraint Violation in ")[1:]


@cache
def ours() -> Graph:
    return Graph().parse(data=SHAPES.read_text(encoding="utf-8"), format="turtle")


def graph_of(resources: list[Resource]) -> Graph:
    graph = Graph()
    for resource in resources:
        for triple in convert.triples(resource, BASE):
            graph.add(triple)
    return graph


def test_items_of_every_type_are_as_the_shapes_say() -> None:
    # Documents of the corpus have other contents under one identification: one of each is judged.
    different = {resource.item.urn: resource for resource in sample(1)}
    assert violations(graph_of(list(different.values())), ours()) == []


def item(*more: tuple[Node, URIRef, Node]) -> Graph:
    """An item that has what all must have, and more."""
    graph = Graph()
    node = URIRef(f"{S}#identifier")
    for predicate, value in (
        (DDIL.agency, Literal("a")),
        (DDIL.ddiVersion, Literal("3.3")),
        (DCT.identifier, Literal("urn:ddi:a:b:1")),
        (OWL.sameAs, URIRef("urn:ddi:a:b:1")),
        (URIRef("http://www.w3.org/ns/adms#identifier"), node),
        (DCAT.version, Literal("1")),
        (DCAT.isVersionOf, URIRef(f"{BASE}/id/a/b")),
    ):
        graph.add((URIRef(S), predicate, value))
    graph.add((node, RDF.type, URIRef("http://www.w3.org/ns/adms#Identifier")))
    graph.add((node, SKOS.notation, Literal("urn:ddi:a:b:1")))
    for triple in more:
        graph.add(triple)
    return graph


def test_the_item_of_the_broken_cases_is_whole_without_them() -> None:
    assert violations(item(), ours()) == []


ME, PART = URIRef(S), URIRef(f"{S}#part")
BROKEN: dict[str, list[tuple[Node, URIRef, Node]]] = {
    "second urn": [(ME, DCT.identifier, Literal("urn:ddi:a:b:2"))],
    "no urn": [(ME, DCT.identifier, Literal("a:b:1"))],
    "urn in a language": [(ME, OWL.sameAs, Literal("urn:ddi:a:b:1"))],
    "version number": [(ME, DCAT.version, Literal(1))],
    "available as a text": [(ME, DCT.available, Literal("2020"))],
    "identifier without notation": [(PART, RDF.type, URIRef("http://www.w3.org/ns/adms#Identifier"))],
    "two labels": [(ME, SKOS.prefLabel, Literal("a", lang="fr")), (ME, SKOS.prefLabel, Literal("b", lang="fr"))],
    "text without path": [(ME, DDIL.text, PART), (PART, RDF.value, Literal("a"))],
    "text without value": [(ME, DDIL.text, PART), (PART, DDIL.path, Literal("a"))],
    "blank text": [(ME, DDIL.text, BNode("a")), (BNode("a"), DDIL.path, Literal("a")), (BNode("a"), RDF.value, ME)],
    "attribute at no attribute": [
        (ME, DDIL.attribute, PART), (PART, DDIL.path, Literal("a/b")), (PART, RDF.value, Literal("c")),
    ],
    "key without value": [(ME, DDIL.userAttribute, PART), (PART, DDIL.key, Literal("a"))],
    "list without end": [(ME, DDIL.contents, PART), (PART, RDF.first, ME)],
    "fork in a list": [(ME, DDIL.steps, PART), (PART, RDF.first, ME), (PART, RDF.rest, ME), (PART, RDF.rest, RDF.nil)],
    "kind of data in words": [(ME, RDF.type, DISCO.Study), (ME, DISCO.kindOfData, Literal("survey"))],
    "analysis unit of no class": [(ME, RDF.type, DISCO.Study), (ME, DISCO.analysisUnit, PART)],
    "two representations": [
        (ME, RDF.type, DISCO.Variable), (ME, DISCO.representation, PART), (ME, DISCO.representation, ME),
    ],
    "concept in words": [(ME, RDF.type, DISCO.Variable), (ME, DISCO.concept, Literal("weight"))],
    "name in a language": [(ME, RDF.type, DISCO.Variable), (ME, SKOS.notation, Literal("a", lang="fr"))],
    "question text of a node": [(ME, RDF.type, DISCO.Question), (ME, DISCO.questionText, PART)],
    "response in words": [(ME, RDF.type, DISCO.Question), (ME, DISCO.responseDomain, Literal("yes"))],
    "datatype of no schema": [
        (PART, RDF.type, URIRef("http://www.w3.org/2000/01/rdf-schema#Datatype")), (PART, OWL.onDatatype, ME),
    ],
    "two variables of a statistic": [
        (PART, RDF.type, DISCO.SummaryStatistics), (PART, DISCO.statisticsVariable, ME),
        (PART, DISCO.statisticsVariable, PART),
    ],
    "type of statistic in words": [
        (PART, RDF.type, DISCO.SummaryStatistics), (PART, DISCO.summaryStatisticsType, Literal("mean")),
    ],
    "frequency below zero": [(PART, RDF.type, DISCO.CategoryStatistics), (PART, DISCO.frequency, Literal(-1))],
    "percentage as a decimal": [
        (PART, RDF.type, DISCO.CategoryStatistics),
        (PART, DISCO.percentage, Literal("1.5", datatype=XSD.decimal)),
    ],
    "code in no scheme": [(PART, RDF.type, SKOS.Concept), (PART, DISCO.isValid, Literal(True))],
    "validity in words": [
        (PART, RDF.type, SKOS.Concept), (PART, SKOS.inScheme, ME), (PART, DISCO.isValid, Literal("yes")),
    ],
    "two starts": [
        (PART, RDF.type, DCT.PeriodOfTime), (PART, DCAT.startDate, Literal("2001")),
        (PART, DCAT.startDate, Literal("2002")),
    ],
    "a day as an instant": [
        (ME, URIRef("http://www.w3.org/ns/prov#startedAtTime"), Literal("2001-02-03", datatype=XSD.date)),
    ],
    "condition in a node": [(PART, RDF.type, DDIL.Condition), (PART, DCT.description, ME)],
    "command without text": [(ME, DDIL.command, PART), (PART, DDIL.programLanguage, Literal("R"))],
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_item_is_reported(case: str) -> None:
    assert violations(item(*BROKEN[case]), ours()) != []


# --- XKOS -------------------------------------------------------------------------------------------------------------


@cache
def classification() -> tuple[Resource, ...]:
    """A classification of two levels with notes and a correspondence, in DDI-L 3.3."""
    repository = open_repository("sqlite://")
    revision = take_in(repository, CLASSIFICATION.read_bytes(), CLASSIFICATION.name)
    assert revision is not None
    return tuple(ResourceBuilder(repository).of_revision(revision.id))


def with_blank_cells(graph: Graph) -> Graph:
    """RDF 1.1 Concepts, 3.5, backwards: the cells of lists as blank nodes, as the shapes want those of xkos:levels."""
    cells = {cell: BNode() for cell in graph.subjects(RDF.rest, None)}
    found = Graph()
    for s, p, o in graph:
        found.add((cells.get(s, s), p, cells.get(o, o)))
    return found


def xkos_violations(resources: list[Resource], shared: Path) -> list[str]:
    file = shared / "vocabularies" / "xkos" / "xkos-best-practices-conformance-shapes.ttl"
    shapes = Graph().parse(data=file.read_text(encoding="utf-8"), format="turtle")
    return violations(with_blank_cells(graph_of(resources)), shapes)


def test_a_classification_conforms_to_xkos(shared: Path) -> None:
    assert xkos_violations(list(classification()), shared) == []
    graph = graph_of(list(classification()))
    found = {str(name).rpartition("#")[2] for name in graph.predicates() if str(name).startswith(str(XKOS))}
    assert found >= {
        "levels", "numberOfLevels", "depth", "coreContentNote", "additionalContentNote", "exclusionNote", "plainText",
        "compares", "madeOf", "sourceConcept", "targetConcept", "belongsTo", "follows",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["Name/String", "Label/Content", "ReleaseDate"])
def test_a_classification_that_lacks_something_does_not_conform(path: str, shared: Path) -> None:
    broken = []
    for one in classification():
        texts = one.item.texts
        if one.item.type == "StatisticalClassification":
            assert any(text.path == path for text in texts)
            texts = tuple(text for text in texts if text.path != path)
        broken.append(replace(one, item=replace(one.item, texts=texts)))
    assert xkos_violations(broken, shared) != []
