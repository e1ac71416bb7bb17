"""What the SPARQL endpoint says of itself; apart from ``sparql``, so that evaluators start without rdflib."""

from __future__ import annotations

from typing import Final

from rdflib import RDF, VOID, Graph, Namespace, URIRef

SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")
_FORMATS: Final = Namespace("http://www.w3.org/ns/formats/")
_RESULTS: Final = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV", "Turtle", "N-Triples",
    "RDF_XML", "JSON-LD",
)  # fmt: skip


def service_description(endpoint: str, void: str) -> Graph:
    """What the endpoint is (SPARQL 1.1 Service Description).

    Args:
        endpoint: its address.
        void: the address of the description of what is in it.
    """
    graph = Graph(bind_namespaces="none")
    graph.bind("sd", SD)
    graph.bind("void", VOID)
    service, dataset, default = (URIRef(endpoint + tail) for tail in ("", "#dataset", "#default"))
    graph.add((service, RDF.type, SD.Service))
    graph.add((service, SD.endpoint, service))
    graph.add((service, SD.supportedLanguage, SD.SPARQL11Query))
    graph.add((service, SD.feature, SD.UnionDefaultGraph))
    for name in _RESULTS:
        graph.add((service, SD.resultFormat, _FORMATS[name]))
    graph.add((service, SD.defaultDataset, dataset))
    graph.add((dataset, RDF.type, SD.Dataset))
    graph.add((dataset, SD.defaultGraph, default))
    graph.add((default, RDF.type, SD.Graph))
    graph.add((default, VOID.inDataset, URIRef(void)))
    return graph
