"""What a SPARQL text is, before anything of it is evaluated: a query, an update, a question to others, or nothing.

The text is judged by the very parser that evaluates it, so that the two cannot understand it differently.
"""

from __future__ import annotations

import re
import secrets
import string
from typing import Final

import pyoxigraph
from rdflib import RDF, VOID, Graph, Namespace, URIRef

from catalogue.rdf.quads import FederationError, MalformedQueryError, UpdateRefusedError

SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")
_FORMATS: Final = Namespace("http://www.w3.org/ns/formats/")
_RESULTS: Final = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV", "Turtle", "N-Triples",
    "RDF_XML", "JSON-LD",
)  # fmt: skip
_SERVICE: Final = re.compile("service", re.IGNORECASE | re.ASCII)
_PROLOGUE: Final = r"(?:\s|#[^\n]*\n|BASE\s*<[^>]*>|PREFIX\s*[^\s:<]*:\s*<[^>]*>)*"
_UPDATE: Final = re.compile(
    rf"{_PROLOGUE}(INSERT|DELETE|WITH|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY)\b", re.IGNORECASE | re.ASCII
)
_PLACE: Final = re.compile(r"error at (\d+):(\d+)")


def check(text: str) -> None:
    """Let pass what is a query that asks nobody else.

    SERVICE would let strangers make this server send requests wherever they like, also inside its own network. Whether
    the word stands in the text as the keyword, only the parser knows: it is replaced everywhere by another one that
    nobody can foresee. As part of a name, an address or a literal that changes nothing; as a keyword it is an error.

    Raises:
        UpdateRefusedError: it is an update.
        FederationError: it has a SERVICE clause.
        MalformedQueryError: it is none of these.
    """
    if _UPDATE.match(text):
        raise UpdateRefusedError("This is a SPARQL update; the endpoint is read-only.")
    other = "".join(secrets.choice(string.ascii_lowercase) for _ in "service")
    try:
        pyoxigraph.Store().query(_SERVICE.sub(other, text))
    except SyntaxError as error:
        _explain(text, str(error).replace(other, "service"), error)
    except RuntimeError as error:
        raise MalformedQueryError(f"The query cannot be evaluated: {error}.") from error


def _explain(text: str, message: str, error: Exception) -> None:
    found = _PLACE.search(message)
    if found is not None:
        offset = _offset(text, int(found[1]), int(found[2]))
        # The parser points behind as many characters as it compared with the longest keyword.
        if any(0 <= offset - word.start() <= len("OPTIONAL") for word in _SERVICE.finditer(text)):
            raise FederationError(f"The query has a SERVICE clause in line {found[1]}.") from error
    # The parser lists whole alphabets after what it expected.
    said = message.partition(", [")[0]
    raise MalformedQueryError(f"The query cannot be read: {said}.") from error


def _offset(text: str, line: int, column: int) -> int:
    """Where a line and column, both from 1, are in a text."""
    before = text.split("\n")[: line - 1]
    return sum(len(one) + 1 for one in before) + column - 1


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
