"""One set of triples in every form: Turtle, JSON-LD, RDF/XML and N-Triples are read back the same, by two parsers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyoxigraph as ox
import pytest
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from catalogue.model.contents import Statistic, StatisticsContent
from catalogue.model.items import PathText
from catalogue.rdf import convert
from catalogue.rdf.cdi import CDI_PROFILE
from catalogue.rdf.resource import Resource
from catalogue.rdf.serialising import serialized
from tests.unit.rdf.documents import BASE, examples, sample

FORMS: dict[str, ox.RdfFormat] = {
    "turtle": ox.RdfFormat.TURTLE,
    "json-ld": ox.RdfFormat.JSON_LD,
    "xml": ox.RdfFormat.RDF_XML,
    "nt": ox.RdfFormat.N_TRIPLES,
}
Triples = set[tuple[str, str, tuple[str, str, str]]]


def by_oxigraph(data: bytes, form: ox.RdfFormat) -> Triples:
    """What Oxigraph reads: addresses and literals as values, languages in small letters."""
    return {(str(one.subject), str(one.predicate), _value(one.object)) for one in ox.parse(data, format=form)}


def _value(term: Any) -> tuple[str, str, str]:
    if isinstance(term, ox.Literal):
        return term.value, (term.language or "").lower(), term.datatype.value
    return term.value, "", ""


def differences(resource: Resource) -> list[str]:
    """The forms that do not say the same as the N-Triples."""
    lines = convert.lines(resource, BASE)
    wanted = by_oxigraph(lines, ox.RdfFormat.N_TRIPLES)
    graph = convert.to_graph(resource, BASE)
    found = [] if len(graph) == len(wanted) == lines.count(b"\n") else ["graph"]
    for name, form in FORMS.items():
        written = serialized(graph, name)
        if by_oxigraph(written, form) != wanted:
            found.append(f"{name} by Oxigraph")
        if set(Graph().parse(data=written, format=name)) != _normal(graph):
            found.append(f"{name} by rdflib")
    return found


def _normal(graph: Graph) -> set[Any]:
    """rdflib's parsers bring lexical forms to the canonical one; sets are compared since no node is blank."""
    return {(s, p, Literal(str(o), lang=o.language, datatype=o.datatype) if isinstance(o, Literal) else o)
            for s, p, o in graph}  # fmt: skip


def _as_parsed(graph: Graph) -> Graph:
    found = Graph()
    for triple in _normal(graph):
        found.add(triple)
    return found


def test_every_form_says_the_same_of_items_of_every_type() -> None:
    few = sample(1)
    assert len({resource.item.type for resource in few}) > 60
    faults = {resource.item.urn: found for resource in few if (found := differences(resource))}
    assert faults == {}


def test_no_node_is_blank_so_that_equal_sets_are_isomorphic_graphs() -> None:
    for resource in sample(1)[:20]:
        graph = convert.to_graph(resource, BASE)
        assert not any(isinstance(term, BNode) for triple in graph for term in triple)
        read = Graph().parse(data=convert.lines(resource, BASE), format="nt")
        assert isomorphic(_as_parsed(graph), read)


def test_the_same_resource_gives_the_same_bytes() -> None:
    resource = max(sample(1), key=lambda one: len(one.item.texts))
    again = replace(resource, item=replace(resource.item))
    assert convert.lines(resource, BASE) == convert.lines(again, BASE)
    assert convert.n_triples(convert.triples(resource, BASE)) == convert.lines(resource, BASE)


def test_a_missing_triple_is_noticed() -> None:
    resource = sample(1)[0]
    graph = _as_parsed(convert.to_graph(resource, BASE))
    graph.remove(next(iter(graph)))
    assert not isomorphic(graph, Graph().parse(data=convert.lines(resource, BASE), format="nt"))


@pytest.mark.parametrize(
    "text", ["a\x00b\x0b", "\ud800", "￾", "line\r\nline\rline", "<b>&amp;</b>", '\\u0041 "x"', "]]>"]
)
@pytest.mark.parametrize("language", [None, "fr", "fr_FR", "x", "en-"])
def test_odd_texts_break_no_form(text: str, language: str | None) -> None:
    resource = sample(1)[0]
    texts = (PathText("Label/Content", text, language), PathText("Odd/Path", text, language))
    item = replace(resource.item, texts=texts, properties=(("@odd", text),), user_ids=((text, text),),
                   user_attributes=((text, text),))  # fmt: skip
    assert differences(replace(resource, item=item)) == []


def test_odd_numbers_break_no_form() -> None:
    resource = next(one for one in sample(1) if one.item.type == "VariableStatistics")
    odd = ("9" * 500, "1e999", "NaN", "-0.0", "1.50", "", "٣", "1,000")
    content = StatisticsContent(summary=tuple(Statistic("Mean", value, True) for value in odd))
    assert differences(replace(resource, content=content)) == []


def test_only_the_profiles_that_are_asked_for_are_followed() -> None:
    resource = next(one for one in examples()[1].resources() if one.item.type == "Variable")
    predicates = set(convert.to_graph(resource, BASE, (CDI_PROFILE,)).predicates())
    assert {str(one) for one in predicates} <= {
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
        "http://ddialliance.org/Specification/DDI-CDI/1.0/RDF/RepresentedVariable-simpleUnitOfMeasure",
        "http://ddialliance.org/Specification/DDI-CDI/1.0/RDF/Concept_uses_Concept",
    }
    subject = URIRef(f"{BASE}/id{resource.item.identification.path}")
    assert (subject, None, None) in convert.to_graph(resource, BASE, (CDI_PROFILE,))
