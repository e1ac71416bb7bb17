"""The triple store port: what is written to it, what it can be asked, what it answers, whatever the engine.

A named graph holds the triples of one document revision, or what the catalogue says of itself. The default graph holds
every triple of the named graphs once (RDF 1.1 Semantics, section 5.2, merge: there are no blank nodes), so that queries
that name no graph count right. ``memory`` is the definition of the answers in executable form.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from catalogue.errors import CatalogueError, NotAcceptableError
from catalogue.model.report import Message


@dataclass(frozen=True, slots=True)
class Position:
    """What a store has followed.

    Attributes:
        store: what tells the store of record, and its past, from every other.
        change: the last change of it that has been followed.
        edition: how its items were made into triples; another one means that all are to be made anew.
    """

    store: str
    change: int
    edition: str


@dataclass(frozen=True, slots=True)
class StoreState:
    """How a triple store is.

    Attributes:
        position: None while there is nothing, or nothing that can be relied upon.
        graphs: how many named graphs it has.
        generation: changes with every change of what is answered.
    """

    position: Position | None
    graphs: int = 0
    generation: str = ""


class Kind(StrEnum):
    """What a query results in (SPARQL 1.1 Query, section 16)."""

    SOLUTIONS = "solutions"
    BOOLEAN = "boolean"
    GRAPH = "graph"


RESULT_FORMATS: Final = (
    ("json", "application/sparql-results+json"),
    ("xml", "application/sparql-results+xml"),
    ("csv", "text/csv"),
    ("tsv", "text/tab-separated-values"),
)
"""Of SELECT and ASK: extension and media type (SPARQL 1.1 Query Results JSON, XML, CSV and TSV)."""
GRAPH_FORMATS: Final = (
    ("ttl", "text/turtle"),
    ("nt", "application/n-triples"),
    ("rdf", "application/rdf+xml"),
    ("jsonld", "application/ld+json"),
)
"""Of CONSTRUCT and DESCRIBE."""


@dataclass(frozen=True, slots=True)
class GraphQuery:
    """A query and its dataset (SPARQL 1.1 Protocol, section 2.1.4: the protocol's dataset wins over the query's).

    Attributes:
        results: media type wanted of SELECT and ASK; None where none of ours is acceptable.
        graph: likewise of CONSTRUCT and DESCRIBE.
        client: who asks, by address; nobody is kept from asking for another's sake. Empty where it is ourselves.
    """

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    results: str | None = "application/sparql-results+json"
    graph: str | None = "text/turtle"
    client: str = ""


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """How long a query may take and how large its answer may be."""

    seconds: float = 30.0
    bytes: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """The serialized result."""

    kind: Kind
    media_type: str
    body: bytes
    generation: str = ""


class GraphWriter(Protocol):
    """Changes that are seen all together, when they are committed. What a writer does without commit is forgotten."""

    def graphs(self) -> frozenset[str]:
        """The names of the graphs there are, without the changes of this writer."""

    def anew(self) -> None:
        """Begin with an empty store."""

    def replace(self, graph: str, source: Path) -> None:
        """A graph shall hold what a gzipped N-Triples file holds; the file stays as it is until the commit."""

    def remove(self, graph: str) -> None:
        """A graph shall go."""

    def commit(self, position: Position) -> None:
        """Make the changes so far and note the position.

        Raises:
            StorageError: they cannot be written; the store answers as before.
            StoreUnavailableError: it is out of reach; a later run does them again.
        """


class TripleStore(Protocol):
    """Safe to share between threads."""

    def state(self) -> StoreState:
        """How it is. Raises StoreUnavailableError."""

    def writer(self) -> AbstractContextManager[GraphWriter]:
        """The right to write. Raises StoreBusyError, StorageError, StoreUnavailableError."""

    def query(self, query: GraphQuery, limits: QueryLimits) -> QueryAnswer:
        """Evaluate a query.

        Raises:
            MalformedQueryError: it is no SPARQL 1.1 query.
            FederationError: it asks for another service.
            QueryTimeoutError, QueryTooLargeError, QueryTooHeavyError: it exceeds a limit.
            ResultNotAcceptableError: its kind of result is not acceptable to the client.
            StoreUnavailableError: there is nothing that can answer.
        """

    def close(self) -> None:
        """Give back processes and connections."""


# --- failures ---------------------------------------------------------------------------------------------------------


class StoreUnavailableError(CatalogueError):
    """The triple store is absent, broken or out of reach, and cannot answer."""

    code = "triple-store-unavailable"
    title = "The triple store is not available at the moment"
    exit_code = 15
    http_status = 503
    next_step = (
        "Try again in a minute: the triple store is filled by itself. To fill it by hand, run: catalogue rdf load"
    )


class StoreBusyError(CatalogueError):
    """Another process writes to the triple store."""

    code = "triple-store-busy"
    title = "The triple store is being written by another process"
    exit_code = 16
    http_status = 503
    next_step = "Wait until it has finished, or stop the other process, then run the command again."


class MalformedQueryError(CatalogueError):
    """The text is no SPARQL 1.1 query, or calls a function that there is not."""

    code = "malformed-query"
    title = "The query is not well formed"
    exit_code = 2
    http_status = 400
    next_step = "Correct the query at the line and column that the message names; /sparql has examples."


class NestedTooDeeplyError(MalformedQueryError):
    """The text has more in each other than can be read in a reasonable time."""

    next_step = "Put fewer groups, brackets or operators into each other."


class UpdateRefusedError(CatalogueError):
    """The text is a SPARQL update."""

    code = "update-refused"
    title = "The SPARQL endpoint only answers questions"
    exit_code = 2
    http_status = 403
    next_step = "Ask with SELECT, ASK, CONSTRUCT or DESCRIBE; documents are changed at /api/v1/documents."


class FederationError(CatalogueError):
    """The query asks another service: the catalogue's server makes no requests on behalf of strangers."""

    code = "federation-refused"
    title = "SERVICE is not available here"
    exit_code = 2
    http_status = 400
    next_step = "Ask each endpoint by itself, or name this one with SERVICE from an endpoint of your own."


class QueryTimeoutError(CatalogueError):
    """The query was not done in time."""

    code = "query-timeout"
    title = "The query takes too long"
    exit_code = 17
    http_status = 503
    next_step = "Narrow the query, join fewer patterns or add a LIMIT; for everything, take a dump from /dumps."


class QueryTooHeavyError(CatalogueError):
    """The query needed more memory than one may have."""

    code = "query-too-heavy"
    title = "The query needs too much memory"
    exit_code = 17
    http_status = 503
    next_step = (
        "Narrow the query, or leave out ORDER BY, DISTINCT or GROUP BY; for everything, take a dump from /dumps."
    )


class QueryTooLargeError(CatalogueError):
    """The answer is larger than allowed."""

    code = "result-too-large"
    title = "The answer is too large"
    exit_code = 17
    http_status = 400
    next_step = "Ask for pieces with ORDER BY, LIMIT and OFFSET; for everything, take a dump from /dumps."


class StoreCrowdedError(CatalogueError):
    """Every process that evaluates queries is at work."""

    code = "too-many-queries"
    title = "Too many queries at the moment"
    exit_code = 17
    http_status = 503
    next_step = "Try again in a few seconds, one query after the other."


class ClientCrowdedError(StoreCrowdedError):
    """Who asks has many queries waiting already."""

    http_status = 429


class ResultNotAcceptableError(NotAcceptableError):
    """None of the formats of this kind of result is acceptable."""


def require_acceptable(kind: Kind, media_type: str | None) -> str:
    """The media type. Raises ResultNotAcceptableError where there is none."""
    if media_type is None:
        offered = GRAPH_FORMATS if kind is Kind.GRAPH else RESULT_FORMATS
        given = ", ".join(media for _, media in offered)
        raise ResultNotAcceptableError(Message(f"Cette requête donne : {given}.", f"This query gives: {given}."))
    return media_type
