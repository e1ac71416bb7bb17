"""A graph as bytes: the same for the same triples, in whatever order they came and whichever process writes them.

rdflib keeps triples and subjects in sets, whose order is another in every process (``PYTHONHASHSEED``); here they are
put in order first. Oxigraph does so with prefixes; it writes twenty times as fast, and JSON-LD without a context.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson
import pyoxigraph
from rdflib import Graph
from rdflib.plugins.serializers.jsonld import from_rdf

from catalogue.rdf import terms
from catalogue.rdf.namespaces import VOCABULARIES

JSON_LD: Final = "json-ld"
_N_TRIPLES: Final = "nt"
_OXIGRAPH: Final[Mapping[str, pyoxigraph.RdfFormat]] = {
    "turtle": pyoxigraph.RdfFormat.TURTLE,
    JSON_LD: pyoxigraph.RdfFormat.JSON_LD,
    "xml": pyoxigraph.RdfFormat.RDF_XML,
}
# Where each writes its prefixes: what comes before, all of them, one.
_PREFIXES: Final[Mapping[str, tuple[re.Pattern[bytes], re.Pattern[bytes]]]] = {
    "turtle": (re.compile(rb"\A()((?:@prefix .*\n)+)"), re.compile(rb".*\n")),
    "xml": (re.compile(rb"\A(<\?xml[^>]*>\s*<rdf:RDF)((?: xmlns:[^ >]+)+)"), re.compile(rb" [^ ]+")),
}


def serialized(graph: Graph, form: str) -> bytes:
    """A graph without blank nodes in UTF-8.

    Args:
        graph: its prefixes are those that are written.
        form: a format by rdflib's name: ``turtle``, ``json-ld``, ``xml``, ``nt``.
    """
    ordered = _in_order(graph)
    return _json_ld(ordered) if form == JSON_LD else ordered.serialize(format=form, encoding="utf-8")


def rewritten(lines: bytes, form: str) -> bytes:
    """A large graph from its N-Triples, which are in order and each there once; ``form`` as of ``serialized``."""
    if form == _N_TRIPLES:
        return lines
    prefixes = {one.prefix: one.address for one in VOCABULARIES if one.address.encode() in lines}
    triples = pyoxigraph.parse(lines, pyoxigraph.RdfFormat.N_TRIPLES, lenient=True)
    made = pyoxigraph.serialize(triples, format=_OXIGRAPH[form], prefixes=prefixes)
    assert made is not None  # without a file to write to
    return _with_prefixes_in_order(made, form) if form in _PREFIXES else made


def _with_prefixes_in_order(made: bytes, form: str) -> bytes:
    every, one = _PREFIXES[form]
    return every.sub(lambda found: found[1] + b"".join(sorted(one.findall(found[2]))), made)


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
