"""Dumps, what VoID says of them, and the feed of changes."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import format_datetime
from itertools import groupby

import orjson
from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from catalogue.errors import NotFoundError
from catalogue.model.identity import NO_AGENCY
from catalogue.service import DUMP_FORMATS, Catalogue, Dump, ItemSummary

from ..addresses import ROOT, segments_below
from ..negotiation import HTML, RDF_FORMATS, negotiate
from ..rdf import send_graph
from ..reading import Reading
from ..rendering import REVALIDATE, VARY, YEAR, conditional, known_tags, render
from .common import PROBLEMS, CatalogueOf
from .items import see_other

router = APIRouter(route_class=Reading)

_ACTIVITIES = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
_GZIP = "application/gzip"


@router.get("/dumps", include_in_schema=False)
def page_dumps(request: Request, catalogue: CatalogueOf) -> Response:
    """Every dump."""
    request.state.tag = None  # what is listed follows the catalogue a few seconds later
    listed = [(name, tuple(files)) for name, files in groupby(catalogue.linked().dumps(), lambda one: one.name)]
    rows = [(_cohort(catalogue, name) if files[0].cohort else None, name, files) for name, files in listed]
    return render(request, "dumps.html", {"dumps": rows}, canonical="/dumps")


def _cohort(catalogue: Catalogue, name: str) -> ItemSummary | None:
    """The cohort that a dump is of; None where it has just left the catalogue."""
    agency, identifier = segments_below(f"{ROOT}/{name}".encode(), ROOT)
    try:
        return catalogue.container(f"{'' if agency == NO_AGENCY else agency}/{identifier}")
    except NotFoundError:
        return None


@router.get("/dumps/{path:path}", include_in_schema=False)
def dump(request: Request, catalogue: CatalogueOf) -> Response:
    """A dump, compressed; unchanged as long as no document of it is."""
    name, extension = _named("/".join(request.scope["raw_path"].decode("ascii", "replace").split("/dumps/", 1)[1:]))
    made = catalogue.linked().dump(name, extension)
    tag = f'"{made.tag}"'
    headers = {"ETag": tag, "Cache-Control": REVALIDATE, "Content-Length": str(made.size)}
    if made.modified is not None:
        headers["Last-Modified"] = format_datetime(made.modified, usegmt=True)
    if known_tags(request) & {tag, "*"}:
        return Response(
            status_code=304, headers={name: value for name, value in headers.items() if name != "Content-Length"}
        )
    file = f"{name.rpartition('/')[2]}.{extension}.gz"
    headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{file}"
    return StreamingResponse(_pieces(made), media_type=_GZIP, headers=headers)


def _pieces(made: Dump) -> Iterator[bytes]:
    yield from made.read()


def _named(path: str) -> tuple[str, str]:
    """``agency/identifier.nt.gz`` -> ``agency/identifier``, ``nt``. Raises NotFoundError."""
    for form in DUMP_FORMATS:
        if path.endswith(f".{form.extension}.gz"):
            return path.removesuffix(f".{form.extension}.gz"), form.extension
    raise NotFoundError(f"There is no dump {path}.", next_step="See /dumps for those there are.")


@router.get("/.well-known/void", include_in_schema=False)
def void(request: Request, catalogue: CatalogueOf) -> Response:
    """The VoID description, at its registered well-known address (RFC 8615); for people the page that says the same."""
    chosen, _ = negotiate(request.headers.get("accept"), (*RDF_FORMATS, HTML))
    if chosen is HTML:
        return see_other(request, "/dumps")
    return send_graph(request, catalogue.linked().void(), chosen, {"Vary": VARY})


@router.get(
    "/changes",
    tags=["changes"],
    summary="Feed of changes",
    responses={200: {"description": "An Activity Streams 2.0 OrderedCollection."}, **PROBLEMS},
)
def changes(request: Request, catalogue: CatalogueOf) -> Response:
    """What was published, changed and withdrawn, in pages from the oldest to the newest; begin at `last`."""
    return _activities(request, catalogue.linked().changes.collection(), REVALIDATE)


@router.get(
    "/changes/{page}",
    tags=["changes"],
    summary="A page of the feed of changes",
    responses={200: {"description": "An Activity Streams 2.0 OrderedCollectionPage."}, **PROBLEMS},
)
def change_page(request: Request, catalogue: CatalogueOf, page: int) -> Response:
    """At most a thousand changes; a page that has a `next` never changes again."""
    found = catalogue.linked().changes.page(page)
    caching = f"public, max-age={YEAR}, immutable" if found.whole else REVALIDATE
    return _activities(request, found.body, caching)


def _activities(request: Request, body: object, caching: str) -> Response:
    request.state.tag = None  # that of the bytes: a whole page keeps it when others come
    return conditional(request, orjson.dumps(body), _ACTIVITIES, {"Cache-Control": caching, "Vary": VARY})
