"""SPARQL 1.1 Protocol, query operation, at ``/sparql``; its service description; a page to try it.

By GET, by form, and with the query as body (sections 2.1.1 to 2.1.3). Updates are refused. A client that does not say
which result it wants gets JSON, a graph as Turtle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from catalogue.errors import CatalogueError, NotAcceptableError, UsageError
from catalogue.model.report import Message
from catalogue.service import (
    GRAPH_FORMATS,
    RESULT_FORMATS,
    Catalogue,
    GraphQuery,
    MalformedQueryError,
    QueryAnswer,
    QueryKind,
    UpdateRefusedError,
)

from ..addresses import with_query
from ..errors import Problem, of_catalogue_error, respond
from ..negotiation import HTML, RDF_FORMATS, Format, negotiate, not_acceptable
from ..rdf import send_graph
from ..rendering import REVALIDATE, VARY, conditional, language_of, render
from ..sparql_examples import examples

router = APIRouter()

ADDRESS = "/sparql"
_LONGEST = 1024 * 1024  # bytes of a request
_ON_PAGE = 500
_RETRY = {"Retry-After": "10"}
_LATER = (429, 503)
_FORM, _QUERY, _UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
_ALSO = {"json": ("application/json",), "xml": ("application/xml", "text/xml"), "ttl": ("text/n3", "text/plain")}
_TITLES = {"json": "JSON", "xml": "XML", "csv": "CSV", "tsv": "TSV", "ttl": "Turtle", "nt": "N-Triples",
           "rdf": "RDF/XML", "jsonld": "JSON-LD"}  # fmt: skip


def _formats(rows: Sequence[tuple[str, str]]) -> tuple[Format, ...]:
    return tuple(Format(name, (media, *_ALSO.get(name, ())), _TITLES[name]) for name, media in rows)


RESULTS = _formats(RESULT_FORMATS)
GRAPHS = _formats(GRAPH_FORMATS)


class UnsupportedFormError(CatalogueError):
    """The body is of a type that the protocol does not know."""

    code = "unsupported-query-type"
    title = "The request cannot be read"
    exit_code = 2
    http_status = 415
    next_step = f"Send the query as {_QUERY}, or as the field query of a form."


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a request, by name, and the format that the address asks for, if it does."""

    pairs: tuple[tuple[str, str], ...]

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter."""
        return tuple(value for key, value in self.pairs if key == name and value)

    def text(self) -> str | None:
        """The query; None where there is none. Raises UsageError, UpdateRefusedError."""
        if self.all("update"):
            raise UpdateRefusedError(
                Message(
                    "C’est une mise à jour ; le point d’accès ne fait que lire.",
                    "This is an update operation; the endpoint is read-only.",
                )
            )
        found = [value for key, value in self.pairs if key == "query"]
        if len(found) > 1:
            raise UsageError(
                Message(
                    "La demande a plusieurs requêtes.",
                    "The request has several queries.",
                ),
                next_step=Message(
                    "Envoyez une requête à la fois.",
                    "Send one query at a time.",
                ),
            )
        if found and not found[0].strip():
            raise MalformedQueryError(
                Message(
                    "La requête est vide.",
                    "The query is empty.",
                ),
                next_step=Message(
                    "Envoyez une requête SPARQL dans le champ query.",
                    "Send a SPARQL query in the field query.",
                ),
            )
        return found[0] if found else None


@router.api_route(ADDRESS, methods=["GET", "POST"], include_in_schema=False)
async def sparql(request: Request) -> Response:
    """A query; without one the page or the service description."""
    asked = await _asked(request)
    return await run_in_threadpool(_answer, request, asked)


async def _asked(request: Request) -> Asked:
    """Where the method and the type of the body put the parameters.

    Raises:
        UsageError, UnsupportedFormError, UpdateRefusedError: the request is none of the protocol's.
    """
    address = tuple(parse_qsl(request.url.query, keep_blank_values=True))
    if request.method != "POST":
        return Asked(address)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _UPDATE:
        raise UpdateRefusedError(
            Message(
                "C’est une mise à jour ; le point d’accès ne fait que lire.",
                "This is an update operation; the endpoint is read-only.",
            )
        )
    if kind not in (_FORM, _QUERY):
        raise UnsupportedFormError(
            Message(
                f"Le corps est {kind or 'sans type'}.",
                f"The body is {kind or 'of no type'}.",
            )
        )
    body = (await _body(request)).decode("utf-8", "replace")
    if kind == _QUERY:
        return Asked((*address, ("query", body)))
    return Asked((*address, *parse_qsl(body, keep_blank_values=True)))


async def _body(request: Request) -> bytes:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST:
            raise UsageError(
                Message(
                    f"La requête a plus de {_LONGEST} octets.",
                    f"The query has more than {_LONGEST:,} bytes.",
                ),
                next_step=Message(
                    "Envoyez une requête plus courte.",
                    "Send a shorter query.",
                ),
            )
    return body


def _answer(request: Request, asked: Asked) -> Response:
    text = asked.text()
    if text is None and request.method == "POST":
        raise UsageError(
            Message(
                "La demande n’a pas de requête.",
                "The request has no query.",
            ),
            next_step=Message(
                "Envoyez la requête dans le champ query.",
                "Send the query in the field query.",
            ),
        )
    if text is None:
        return _described(request)
    try:
        return _queried(request, asked, text)
    except CatalogueError as error:
        problem = of_catalogue_error(error)
        headers = _RETRY if problem.status in _LATER else {}
        problem = replace(problem, headers={**problem.headers, **headers})
        return _page(request, text, problem=problem) if _wants_page(request, asked) else respond(request, problem)


# --- answers ----------------------------------------------------------------------------------------------------------


def _queried(request: Request, asked: Asked, text: str) -> Response:
    catalogue: Catalogue = request.app.state.catalogue
    results, graphs = (_chosen(request, asked, formats) for formats in (RESULTS, GRAPHS))
    page = _wants_page(request, asked)
    if results is None and graphs is None and not page:
        raise not_acceptable(one.media_type for one in (*RESULTS, *GRAPHS))
    query = GraphQuery(
        text=text,
        default_graphs=asked.all("default-graph-uri"),
        named_graphs=asked.all("named-graph-uri"),
        results=RESULTS[0].media_type if page else results and results[0].media_type,
        graph=GRAPHS[0].media_type if page else graphs and graphs[0].media_type,
        client=request.client.host if request.client else "",
    )
    answer = catalogue.linked().query(query)
    if page:
        return _page(request, text, answer)
    chosen = graphs if answer.kind is QueryKind.GRAPH else results
    media_type = chosen[1] if chosen else answer.media_type
    return conditional(request, answer.body, media_type, {"Cache-Control": REVALIDATE, "Vary": VARY})


def _chosen(request: Request, asked: Asked, formats: Sequence[Format]) -> tuple[Format, str] | None:
    """The format that the address names, else that the Accept header prefers; None where none is acceptable."""
    for name in asked.all("format"):
        return next(((one, one.media_type) for one in formats if one.name == name), None)
    try:
        return negotiate(request.headers.get("accept"), formats)
    except NotAcceptableError:
        return None


def _wants_page(request: Request, asked: Asked) -> bool:
    """Whether a person asks, in a browser."""
    if asked.all("format"):
        return False
    try:
        return negotiate(request.headers.get("accept"), (*RESULTS, *GRAPHS, HTML))[0] is HTML
    except NotAcceptableError:
        return False


def _described(request: Request) -> Response:
    """The page for people; for programs the service description (SPARQL 1.1 Service Description, section 2)."""
    chosen, _ = negotiate(request.headers.get("accept"), (HTML, *RDF_FORMATS))
    if chosen is HTML:
        return _page(request, "")
    catalogue: Catalogue = request.app.state.catalogue
    return send_graph(request, catalogue.linked().service_description(), chosen, {"Vary": VARY})


# --- the page ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """A term in a table: what is shown, where it leads, its language."""

    text: str = ""
    href: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of solutions."""

    names: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: int


def _page(
    request: Request, text: str, answer: QueryAnswer | None = None, *, problem: Problem | None = None
) -> Response:
    catalogue: Catalogue = request.app.state.catalogue
    language = language_of(request)
    shown = [(key, query, with_query(ADDRESS, query=query)) for key, query in examples(language)]
    context = {
        "query": text or shown[0][1],
        "examples": shown,
        "problem": problem,
        "result": _result(answer) if answer else None,
        "files": _files(text, answer) if answer else (),
        "seconds": catalogue.settings.sparql_seconds,
        "most": catalogue.settings.sparql_bytes,
        "shown": _ON_PAGE,
    }
    status, headers = (problem.status, problem.headers) if problem else (200, {})
    return render(request, "sparql.html", context, status=status, canonical=ADDRESS, headers=headers)


def _files(text: str, answer: QueryAnswer) -> list[tuple[str, str]]:
    """The other formats of an answer."""
    formats = GRAPHS if answer.kind is QueryKind.GRAPH else RESULTS
    return [(one.title, with_query(ADDRESS, query=text, format=one.name)) for one in formats]


def _result(answer: QueryAnswer) -> dict[str, Any]:
    if answer.kind is QueryKind.GRAPH:
        return {"kind": answer.kind, "text": answer.body.decode("utf-8", "replace")[:200_000]}
    found = orjson.loads(answer.body)
    if answer.kind is QueryKind.BOOLEAN:
        return {"kind": answer.kind, "truth": found["boolean"]}
    return {"kind": answer.kind, "table": _table(found)}


def _table(found: dict[str, Any]) -> Table:
    names, rows = found["head"]["vars"], found["results"]["bindings"]
    cells = [[_cell(row.get(name)) for name in names] for row in rows[:_ON_PAGE]]
    return Table(names, cells, len(rows))


def _cell(term: dict[str, str] | None) -> Cell:
    if term is None:
        return Cell()
    value = term["value"]
    leads = term["type"] == "uri" and value.startswith(("http://", "https://"))
    return Cell(value, value if leads else "", term.get("xml:lang", ""))
