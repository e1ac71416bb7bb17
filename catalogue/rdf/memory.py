"""The reference adapter: rdflib in memory. Slow, and what the others are held against."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Final

from pyparsing import ParseException
from rdflib import Dataset, Graph, URIRef
from rdflib.query import Result

from catalogue.model.report import Message
from catalogue.rdf.compression import decompressing
from catalogue.rdf.quads import (
    GraphQuery,
    Kind,
    MalformedQueryError,
    Position,
    QueryAnswer,
    QueryLimits,
    QueryTooLargeError,
    StoreState,
    StoreUnavailableError,
    require_acceptable,
)
from catalogue.rdf.sparql import check

_RESULTS: Final = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
}
_TSV: Final = ("text/tab-separated-values",)
_GRAPHS: Final = {
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/rdf+xml": "xml",
    "application/ld+json": "json-ld",
}
_KINDS: Final = {"SELECT": Kind.SOLUTIONS, "ASK": Kind.BOOLEAN, "CONSTRUCT": Kind.GRAPH, "DESCRIBE": Kind.GRAPH}


class MemoryStore:
    """A triple store of one process, gone with it. It knows no time limit."""

    def __init__(self) -> None:
        self._graphs: dict[str, Graph] = {}
        self._position: Position | None = None
        self._serial = 0
        self._lock = RLock()

    def state(self) -> StoreState:
        """How it is."""
        with self._lock:
            return StoreState(self._position, len(self._graphs), str(self._serial))

    @contextmanager
    def writer(self) -> Iterator[_Writer]:
        """The right to write."""
        with self._lock:
            yield _Writer(self)

    def query(self, query: GraphQuery, limits: QueryLimits) -> QueryAnswer:
        """Evaluate a query; see ``TripleStore``."""
        check(query.text)
        with self._lock:
            if self._position is None:
                raise StoreUnavailableError(
                    Message(
                        "Rien n’a encore été écrit dans le magasin de triplets.",
                        "Nothing has been written to the triple store yet.",
                    )
                )
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", DeprecationWarning)  # rdflib asks itself for what it deprecates
                    return self._answer(query, limits)
            except ParseException as error:
                raise MalformedQueryError(f"The query cannot be read: {error}.") from error

    def _answer(self, query: GraphQuery, limits: QueryLimits) -> QueryAnswer:
        found = self._dataset(query).query(query.text)
        kind = _KINDS[found.type]
        media_type = require_acceptable(kind, query.graph if kind is Kind.GRAPH else query.results)
        names = _GRAPHS if kind is Kind.GRAPH else _RESULTS
        body = _tsv(found) if media_type in _TSV else found.serialize(format=names[media_type]) or b""
        if len(body) > limits.bytes:
            raise QueryTooLargeError(f"The answer has more than {limits.bytes:,} bytes.")
        return QueryAnswer(kind, media_type, body, str(self._serial))

    def _dataset(self, query: GraphQuery) -> Dataset:
        """The default graph is the merge of those that the protocol names, or of all."""
        made = Dataset()
        asked = bool(query.default_graphs or query.named_graphs)
        named = query.named_graphs if asked else tuple(self._graphs)
        merged = query.default_graphs if asked else tuple(self._graphs)
        for name in named:
            graph = made.graph(URIRef(name))
            graph += self._graphs.get(name, Graph())
        for name in merged:
            default: Any = made.default_graph
            default += self._graphs.get(name, Graph())
        return made

    def close(self) -> None:
        """Nothing is held."""


def _tsv(found: Result) -> bytes:
    """SPARQL 1.1 Query Results TSV, which rdflib does not write."""
    if found.type == "ASK":
        return str(bool(found.askAnswer)).lower().encode()
    names = found.vars or []
    rows = ["\t".join(row[name].n3() if name in row else "" for name in names) for row in found.bindings]
    return "".join(f"{line}\n" for line in ["\t".join(f"?{name}" for name in names), *rows]).encode()


class _Writer:
    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._made = dict(store._graphs)

    def graphs(self) -> frozenset[str]:
        return frozenset(self._store._graphs)

    def anew(self) -> None:
        self._made = {}

    def replace(self, graph: str, source: Path) -> None:
        made = Graph()
        with decompressing(source) as stream:
            made.parse(data=stream.read(), format="nt")
        self._made[graph] = made

    def remove(self, graph: str) -> None:
        self._made.pop(graph, None)

    def commit(self, position: Position) -> None:
        self._store._graphs = dict(self._made)
        self._store._position = position
        self._store._serial += 1
