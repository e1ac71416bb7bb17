"""A graph as an answer, in each serialisation."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from rdflib import Graph

from catalogue.service import serialized as written

from .negotiation import JSON_LD, N_TRIPLES, RDF_XML, TURTLE, Format
from .rendering import NOTHING, REVALIDATE, conditional

_WRITERS: Mapping[Format, str] = {TURTLE: "turtle", JSON_LD: "json-ld", RDF_XML: "xml", N_TRIPLES: "nt"}


def writer(form: Format) -> str:
    """What the core calls one of ``RDF_FORMATS``."""
    return _WRITERS[form]


def serialized(graph: Graph, form: Format) -> bytes:
    """The graph in one of ``RDF_FORMATS``, UTF-8; the same triples in each, and the same bytes for the same triples."""
    return written(graph, writer(form))


def send_graph(
    request: Request, graph: Graph, form: Format, headers: Mapping[str, str] = NOTHING, status: int = 200
) -> Response:
    """The graph with a strong ETag of its bytes, or 304."""
    request.state.tag = ""  # a graph outlives the state of the catalogue
    own = {"Cache-Control": REVALIDATE, **headers}
    return conditional(request, serialized(graph, form), form.media_type, own, status)
