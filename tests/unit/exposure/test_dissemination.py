"""RDF for harvesters is written with the prefixes that people know, not with ones that were made up."""

from __future__ import annotations

import re

from rdflib import Graph, Namespace, URIRef

from catalogue.exposure.cohorts import Cohorts
from catalogue.exposure.dissemination import study_writers
from catalogue.exposure.portals import WRITERS, Portals
from catalogue.exposure.studies import StudyBuilder
from catalogue.rdf import namespaces, vocabularies
from catalogue.store import Repository
from catalogue.store.records import ItemSummary
from tests.conftest import ROOT

BASE = "https://example.org"
MADE_UP = re.compile(r"xmlns:ns\d+=|@prefix ns\d+:")


def test_no_prefix_is_made_up(cohorts: Repository, studies: dict[str, ItemSummary]) -> None:
    said = Cohorts(ROOT / "examples" / "cohorts.toml")
    portals = Portals(cohorts, said, BASE)
    write = study_writers(cohorts, BASE, said.of)["oai_dcat"]
    builder = StudyBuilder(cohorts)
    for summary in studies.values():
        assert not MADE_UP.search(write(builder.describe(summary.id), summary.id).decode())
        graph = namespaces.bind(Graph(bind_namespaces="none"))
        for triple in portals.study_triples(summary.id, tuple(WRITERS)):
            graph.add(triple)
        assert not MADE_UP.search(graph.serialize(format="xml"))


def test_a_prefix_that_is_not_known_is_made_up() -> None:
    graph = namespaces.bind(Graph(bind_namespaces="none"))
    graph.add((URIRef(BASE), URIRef("https://example.org/own#says"), URIRef(BASE)))
    assert MADE_UP.search(graph.serialize(format="xml"))


def test_prefixes_are_those_of_one_table() -> None:
    named = {name: value for name, value in vars(vocabularies).items() if isinstance(value, Namespace)}
    assert len(set(vocabularies.PREFIXES.values())) == len(vocabularies.PREFIXES) == len(namespaces.VOCABULARIES)
    assert {str(one) for one in named.values()} <= set(namespaces.prefixes().values())
    assert all(str(value) == getattr(namespaces, name).address for name, value in named.items())
