"""A triple store behind HTTP: SPARQL 1.1 Query for reading, SPARQL 1.1 Graph Store HTTP Protocol for writing.

Each replaced graph is one PUT, streamed; the position is a graph of its own, written last, so that a run that was
stopped is done again. The default graph is what the server makes it: it is to be set to the union of the named graphs.
"""

from __future__ import annotations

import http.client
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from catalogue.model.report import Message
from catalogue.rdf.compression import decompressing
from catalogue.rdf.evaluating import Evaluators
from catalogue.rdf.quads import (
    GRAPH_FORMATS,
    GraphQuery,
    Kind,
    MalformedQueryError,
    Position,
    QueryAnswer,
    QueryLimits,
    QueryTimeoutError,
    QueryTooLargeError,
    StoreState,
    StoreUnavailableError,
    require_acceptable,
)

_log = logging.getLogger(__name__)

_STATE: Final = "urn:x-cohort-catalogue:state:"
_KEYS: Final = ("store", "change", "edition", "graphs")
_PATIENCE: Final = 600.0
_GRACE: Final = 2.0
_OWN: Final = QueryLimits(60, 256 * 1024 * 1024)
_JSON: Final = "application/sparql-results+json"


@dataclass(frozen=True, slots=True)
class GraphNames:
    """What a catalogue's graphs are named: all that begins with a prefix, and single ones."""

    prefix: str
    single: tuple[str, ...] = ()

    def __contains__(self, name: str) -> bool:
        return name.startswith(self.prefix) or name in self.single


class RemoteStore:
    """A store of others' making.

    Args:
        query_url: of SPARQL 1.1 Query.
        graph_store_url: of the Graph Store Protocol, with indirect graph identification (``?graph=``).
        own: the names of this catalogue's graphs; others' graphs are left alone.
        evaluators: where queries are checked before they are passed on.
        token: sent as bearer token, if there is one.
    """

    def __init__(
        self, query_url: str, graph_store_url: str, own: GraphNames, evaluators: Evaluators, token: str | None = None
    ) -> None:
        self._query_url = query_url
        self._graph_store_url = graph_store_url
        self._own = own
        self._evaluators = evaluators
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def state(self) -> StoreState:
        """What the last commit noted."""
        found = self._select(f"SELECT ?p ?o {{ GRAPH <{self._state_graph}> {{ ?s ?p ?o }} }}")
        said = {row["p"]["value"].removeprefix(_STATE): row["o"]["value"] for row in found}
        if not all(key in said for key in _KEYS) or not said["change"].isdecimal():
            return StoreState(None)
        position = Position(said["store"], int(said["change"]), said["edition"])
        return StoreState(position, int(said["graphs"]), f"{said['store']}/{said['change']}/{said['edition']}")

    def query(self, query: GraphQuery, limits: QueryLimits) -> QueryAnswer:
        """Pass a query on, once it is known to be one; see ``TripleStore``."""
        self._evaluators.check(query.text, limits.seconds, query.client)
        accept = ", ".join(media for media in (query.results, query.graph) if media)
        body, media_type = self._ask(query, accept or "*/*", limits)
        kind = _kind(media_type, body)
        require_acceptable(kind, query.graph if kind is Kind.GRAPH else query.results)
        return QueryAnswer(kind, media_type, body)

    def close(self) -> None:
        """End the processes that check queries."""
        self._evaluators.close()

    @contextmanager
    def writer(self) -> Iterator[_Writer]:
        """The right to write; that there is one writer is for the caller to see to."""
        yield _Writer(self)

    # --- requests

    @property
    def _state_graph(self) -> str:
        return f"{_STATE}{self._own.prefix}"

    def graphs(self) -> frozenset[str]:
        """The names of this catalogue's graphs."""
        found = self._select("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")
        return frozenset(name for row in found if (name := row["g"]["value"]) in self._own)

    def _select(self, text: str) -> list[dict[str, dict[str, str]]]:
        body, _ = self._ask(GraphQuery(text), _JSON, _OWN)
        try:
            rows: list[dict[str, dict[str, str]]] = json.loads(body)["results"]["bindings"]
        except (ValueError, KeyError) as error:
            raise StoreUnavailableError(
                Message(
                    "Le magasin de triplets ne répond pas comme un point d’accès SPARQL.",
                    f"{self._query_url} does not answer as SPARQL endpoints do.",
                )
            ) from error
        return rows

    def _ask(self, query: GraphQuery, accept: str, limits: QueryLimits) -> tuple[bytes, str]:
        form = [("query", query.text), *(("default-graph-uri", one) for one in query.default_graphs)]
        form += [("named-graph-uri", one) for one in query.named_graphs]
        headers = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        request = self._request(self._query_url, "POST", headers, urlencode(form).encode())
        with self._sent(request, limits.seconds + _GRACE) as response:
            body = response.read(limits.bytes + 1)
            if len(body) > limits.bytes:
                raise QueryTooLargeError(
                    Message(
                        f"La réponse a plus de {limits.bytes} octets.",
                        f"The answer has more than {limits.bytes:,} bytes.",
                    )
                )
            return body, response.headers.get_content_type()

    def put(self, graph: str, source: Path) -> None:
        """Replace a graph by the triples of a gzipped N-Triples file."""
        with decompressing(source) as stream:
            self._write("PUT", graph, stream)

    def put_state(self, position: Position, graphs: int) -> None:
        """Note a position."""
        values = (position.store, str(position.change), position.edition, str(graphs))
        lines = [f"<{_STATE}> <{_STATE}{key}> {_literal(value)} .\n" for key, value in zip(_KEYS, values, strict=True)]
        self._write("PUT", self._state_graph, "".join(lines).encode())

    def delete(self, graph: str) -> None:
        """Remove a graph, if it is there."""
        self._write("DELETE", graph, None)

    def _write(self, method: str, graph: str, data: Any) -> None:
        address = f"{self._graph_store_url}?{urlencode({'graph': graph})}"
        headers = {"Content-Type": "application/n-triples"} if data is not None else {}
        with self._sent(self._request(address, method, headers, data), _PATIENCE, missing=method == "DELETE"):
            pass

    def _request(self, address: str, method: str, headers: Mapping[str, str], data: Any) -> urllib.request.Request:
        own = {**self._headers, **headers}
        return urllib.request.Request(address, data=data, headers=own, method=method)  # noqa: S310 - an administrator's

    @contextmanager
    def _sent(self, request: urllib.request.Request, seconds: float, *, missing: bool = False) -> Iterator[Any]:
        try:
            with urllib.request.urlopen(request, timeout=seconds) as response:  # noqa: S310 - an administrator's
                yield response
        except urllib.error.HTTPError as error:
            with error:
                if not (missing and error.code == HTTPStatus.NOT_FOUND):
                    self._refuse(request.full_url, error)
                yield None
        except TimeoutError as error:
            raise QueryTimeoutError(
                Message(
                    f"Le magasin de triplets n’a pas répondu au bout de {seconds:g} secondes.",
                    f"The triple store has not answered after {seconds:g} seconds.",
                )
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise StoreUnavailableError(
                Message(
                    "Le magasin de triplets est injoignable.",
                    f"The triple store at {self._query_url} cannot be reached: {error}.",
                )
            ) from error

    def _refuse(self, address: str, error: urllib.error.HTTPError) -> None:
        said = error.read(500).decode("utf-8", "replace").strip()
        if error.code == HTTPStatus.BAD_REQUEST:
            raise MalformedQueryError(
                Message(
                    "Le magasin de triplets refuse la requête.",
                    f"The triple store refuses the query: {said}.",
                )
            ) from error
        _log.error("%s answers %s: %s", address, error.code, said)
        raise StoreUnavailableError(
            Message(
                f"Le magasin de triplets répond {error.code}.",
                f"The triple store answers {error.code} {error.reason}.",
            )
        ) from error


class _Writer:
    def __init__(self, store: RemoteStore) -> None:
        self._store = store
        self._before = store.graphs()
        self._changes: dict[str, Path | None] = {}

    def graphs(self) -> frozenset[str]:
        return self._before

    def anew(self) -> None:
        self._changes = dict.fromkeys(self._before)

    def replace(self, graph: str, source: Path) -> None:
        self._changes[graph] = source

    def remove(self, graph: str) -> None:
        self._changes[graph] = None

    def commit(self, position: Position) -> None:
        for graph, source in self._changes.items():
            if source is None:
                self._store.delete(graph)
            else:
                self._store.put(graph, source)
        removed = {graph for graph, source in self._changes.items() if source is None}
        self._before = (self._before | self._changes.keys()) - removed
        self._changes = {}
        self._store.put_state(position, len(self._before))


def _kind(media_type: str, body: bytes) -> Kind:
    if media_type in {media for _, media in GRAPH_FORMATS}:
        return Kind.GRAPH
    return Kind.BOOLEAN if media_type == _JSON and b'"boolean"' in body[:200] else Kind.SOLUTIONS


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'
