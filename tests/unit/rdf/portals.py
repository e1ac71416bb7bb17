"""What data portals are given of all examples, and the SHACL shapes that judge it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from pyshacl import validate
from rdflib import RDF, Graph, Namespace, URIRef

from catalogue.exposure.cohorts import Cohorts
from catalogue.exposure.portals import Portals
from catalogue.model.study import StudyDescription
from catalogue.rdf import fdp, healthdcat
from catalogue.rdf.shapes import Triple
from catalogue.store import Repository
from tests.conftest import ROOT, SHARED

BASE = "https://catalogue.example"
COHORTS = ROOT / "examples" / "cohorts.toml"
SH = Namespace("http://www.w3.org/ns/shacl#")
DCAT_AP = (
    ("dcat-ap-3.0.1/dcat-ap-SHACL.ttl",),
    ("dcat-ap-3.0.1/shapes.ttl", "dcat-ap-3.0.1/range.ttl"),
    ("dcat-ap-3.0.1/mdr-vocabularies.shape.ttl",),
    ("dcat-ap-3.0.1/deprecateduris.ttl",),
)
FRENCH = ("healthdcat-ap/hdap-validator-sensitivity-shape.ttl",)
RECOMMENDED = ("dcat-ap-3.0.1/shapes_recommended.ttl",)


def portals(repository: Repository) -> Portals:
    """What describes a store for portals."""
    return Portals(repository, Cohorts(COHORTS), BASE)


@cache
def shapes(names: tuple[str, ...]) -> Graph:
    """Shapes by file name, mended where they are no SHACL.

    ``sh:extends`` is not a term of it: what it means is said with ``sh:node``. Two property shapes of DCAT-AP's data
    services are without a path (an inherited property whose definition is empty) and are left out.
    """
    graph = Graph()
    for name in names:
        graph.parse(SHARED / "vocabularies" / name)
    for child, parent in list(graph.subject_objects(SH.extends)):
        graph.add((child, SH.node, parent))
    for shape, rule in list(graph.subject_objects(SH.property)):
        if graph.value(rule, SH.path) is None:
            graph.remove((shape, SH.property, rule))
    return graph


def results(graph: Graph, names: tuple[str, ...]) -> Iterator[tuple[str, URIRef, URIRef | None]]:
    """What a validation finds: severity, the node, the path. Details of a result are not results."""
    _, report, _ = validate(graph, shacl_graph=shapes(names), inference="none", advanced=False)
    assert isinstance(report, Graph)
    for one in report.objects(None, SH.result):
        severity, node, path = (report.value(one, name) for name in (SH.resultSeverity, SH.focusNode, SH.resultPath))
        assert isinstance(node, URIRef)
        yield str(severity).removeprefix(str(SH)), node, path if isinstance(path, URIRef) else None


def violations(graph: Graph, names: tuple[str, ...]) -> set[tuple[URIRef, URIRef | None]]:
    """Node and path of each violation."""
    return {(node, path) for severity, node, path in results(graph, names) if severity == "Violation"}


def mandatory(names: tuple[str, ...], kind: URIRef, severity: URIRef) -> set[URIRef]:
    """The paths that shapes ask of nodes of a class with a minimum count."""
    graph = shapes(names)
    return {
        path
        for shape in graph.subjects(SH.targetClass, kind)
        for rule in graph.objects(shape, SH.property)
        if graph.value(rule, SH.minCount) is not None and graph.value(rule, SH.severity) == severity
        if isinstance(path := graph.value(rule, SH.path), URIRef)
    }


def in_graph(*triples: Iterable[Triple]) -> Graph:
    """Triples as a graph."""
    graph = Graph()
    for some in triples:
        for triple in some:
            graph.add(triple)
    return graph


def everything(studies: Iterable[StudyDescription], cohorts: Cohorts, of: Portals) -> Graph:
    """All studies, the catalogue and its FAIR Data Point."""
    told = (healthdcat.study_triples(study, cohorts.of(study), BASE) for study in studies)
    whole = of.whole()
    return in_graph(*told, fdp.triples(fdp.point_nodes(whole)), fdp.triples(fdp.catalogue_nodes(whole)))


def of_class(graph: Graph, kind: URIRef) -> set[URIRef]:
    """The nodes of a class."""
    return {node for node in graph.subjects(RDF.type, kind) if isinstance(node, URIRef)}
