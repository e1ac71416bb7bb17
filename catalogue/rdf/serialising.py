"""A graph as bytes: the same for the same triples, in whatever order they came and whichever process writes them.

rdflib keeps triples and subjects in sets, whose order is another in every process (``PYTHONHASHSEED``); here they are
put in order first.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
from rdflib import Graph
from rdflib.plugins.serializers.jsonld import from_rdf

from catalogue.rdf import terms

JSON_LD: Final = "json-ld"


def serialized(graph: Graph, form: str) -> bytes:
    """A graph without blank nodes in UTF-8.

    Args:
        graph: its prefixes are those that are written.
        form: a format by rdflib's name: ``turtle``, ``json-ld``, ``xml``, ``nt``.
    """
    ordered = _in_order(graph)
    return _json_ld(ordered) if form == JSON_LD else ordered.serialize(format=form, encoding="utf-8")


def _in_order(graph: Graph) -> Graph:
    """The graph in a store that keeps the order in which triples come."""
    ordered = Graph("SimpleMemory", bind_namespaces="none")
    ordered.namespace_manager = graph.namespace_manager
    for triple in sorted(graph, key=_place):
        ordered.add(triple)
    return ordered


def _place(triple: tuple[Any, Any, Any]) -> tuple[str, str, str]:
    subject, predicate, value = triple
    return str(subject), str(predicate), terms.encode(value)


def _json_ld(graph: Graph) -> bytes:
    """JSON-LD with the graph's prefixes as context; its nodes by their address."""
    document = from_rdf(graph, auto_compact=True)  # type: ignore[no-untyped-call]  # rdflib's has no types
    if isinstance(nodes := document.get("@graph"), list):
        nodes.sort(key=lambda node: node["@id"])
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
