"""Dumps, what VoID says of them, and the feed of changes."""

from __future__ import annotations

from email.utils import format_datetime
from itertools import groupby
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from catalogue.errors import NotFoundError
from catalogue.model.identity import NO_AGENCY
from catalogue.model.report import Message
from catalogue.service import DUMP_FORMATS, Catalogue, Dump, DumpListing, ItemSummary

from .. import schemas
from ..addresses import API, ROOT, segments_below
from ..negotiation import HTML, JSON, JSON_LD, RDF_FORMATS, Format, is_browser, negotiate, preferences, quality_of
from ..ranges import content_range, part_of
from ..rdf import send_graph
from ..reading import Reading
from ..rendering import REVALIDATE, VARY, YEAR, Form, conditional, known_tags, link_header, render
from .common import PROBLEMS, CatalogueOf, answers, see_other, send

router = APIRouter(route_class=Reading)
following = APIRouter()
"""What follows the store later: nothing of the store's state tells whether a client has it."""

DUMPS = "/dumps"
CHANGES = "/changes"
FORMS = (
    Form("JSON", f"{API}{DUMPS}", JSON.media_type),
    *(Form(f"VoID ({one.title})", f"{DUMPS}.{one.name}", one.media_type) for one in RDF_FORMATS),
)
"""The forms of the list of dumps, as links."""
_ACTIVITIES = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
_GZIP = "application/gzip"


@following.get(DUMPS, include_in_schema=False)
def page_dumps(request: Request, catalogue: CatalogueOf) -> Response:
    """Every dump: a page, JSON, or the VoID description."""
    form, _ = negotiate(request.headers.get("accept"), (HTML, JSON, *RDF_FORMATS))
    if form is JSON:
        return api_dumps(request, catalogue)
    if form is not HTML:
        return _send_void(request, catalogue, form)
    listed = [(name, tuple(files)) for name, files in groupby(catalogue.linked().dumps(), lambda one: one.name)]
    rows = [(_cohort(catalogue, name) if files[0].cohort else None, name, files) for name, files in listed]
    return render(request, "dumps.html", {"dumps": rows}, canonical=DUMPS, forms=FORMS)


@following.get(
    f"{API}{DUMPS}",
    tags=["changes"],
    summary="Dumps",
    **answers(schemas.DumpList, "Every file that holds the whole catalogue, or one cohort, as RDF."),
)
def api_dumps(request: Request, catalogue: CatalogueOf) -> Response:
    """The same as the VoID description at `/.well-known/void`."""
    base = catalogue.settings.base_url.rstrip("/")
    headers = {"Vary": VARY, "Link": link_header(base, DUMPS, FORMS)}
    return send(request, {"items": [_wire(one, base) for one in catalogue.linked().dumps()]}, headers=headers)


def _wire(one: DumpListing, base: str) -> dict[str, Any]:
    return {
        "url": base + one.path,
        "cohort": one.cohort,
        "format": one.form.media_type,
        "documents": one.documents,
        "triples": one.triples,
        "bytes": one.size,
    }


def _in_form(form: Format) -> None:
    @following.get(f"{DUMPS}.{form.name}", include_in_schema=False)
    def void_in_form(request: Request, catalogue: CatalogueOf) -> Response:
        """The VoID description in the form of the extension."""
        return _send_void(request, catalogue, form)


for _form in RDF_FORMATS:
    _in_form(_form)


def _send_void(request: Request, catalogue: Catalogue, form: Format) -> Response:
    headers = {"Vary": VARY, "Link": link_header(catalogue.settings.base_url.rstrip("/"), DUMPS, FORMS)}
    return send_graph(request, catalogue.linked().void(), form, headers)


def _cohort(catalogue: Catalogue, name: str) -> ItemSummary | None:
    """The cohort that a dump is of; None where it has just left the catalogue."""
    agency, identifier = segments_below(f"{ROOT}/{name}".encode(), ROOT)
    try:
        return catalogue.container(f"{'' if agency == NO_AGENCY else agency}/{identifier}")
    except NotFoundError:
        return None


@following.get(f"{DUMPS}/{{path:path}}", include_in_schema=False)
def dump(request: Request, catalogue: CatalogueOf) -> Response:
    """A dump, compressed, whole or a part of it; unchanged as long as no document of it is."""
    name, extension = _named("/".join(request.scope["raw_path"].decode("ascii", "replace").split("/dumps/", 1)[1:]))
    try:
        return _send_dump(request, catalogue.linked().dump(name, extension), name, extension)
    except FileNotFoundError:  # replaced between being named and being opened
        return _send_dump(request, catalogue.linked().dump(name, extension), name, extension)


def _send_dump(request: Request, made: Dump, name: str, extension: str) -> Response:
    headers = _headers(made)
    if known_tags(request) & {headers["ETag"], "*"}:
        return Response(status_code=304, headers=headers)
    part = part_of(request.headers.get("range"), request.headers.get("if-range"), headers["ETag"], made.size)
    headers["Content-Length"] = str(made.size if part is None else len(part))
    if part is not None:
        headers["Content-Range"] = content_range(part, made.size)
    headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name.rpartition('/')[2]}.{extension}.gz"
    return StreamingResponse(made.read(part), 200 if part is None else 206, headers, _GZIP)


def _headers(made: Dump) -> dict[str, str]:
    headers = {"ETag": f'"{made.tag}"', "Cache-Control": REVALIDATE, "Accept-Ranges": "bytes"}
    if made.modified is not None:
        headers["Last-Modified"] = format_datetime(made.modified, usegmt=True)
    return headers


def _named(path: str) -> tuple[str, str]:
    """``agency/identifier.nt.gz`` -> ``agency/identifier``, ``nt``. Raises NotFoundError."""
    for form in DUMP_FORMATS:
        if path.endswith(f".{form.extension}.gz"):
            return path.removesuffix(f".{form.extension}.gz"), form.extension
    raise NotFoundError(
        Message(
            f"Il n’y a pas d’export {path}.",
            f"There is no dump {path}.",
        ),
        next_step=Message(
            "Voyez sur /dumps ceux qu’il y a.",
            "See /dumps for those there are.",
        ),
    )


@following.get("/.well-known/void", include_in_schema=False)
def void(request: Request, catalogue: CatalogueOf) -> Response:
    """The VoID description, at its registered well-known address (RFC 8615); for people the page that says the same."""
    chosen, _ = negotiate(request.headers.get("accept"), (*RDF_FORMATS, HTML))
    if chosen is HTML:
        return see_other(request, DUMPS)
    return _send_void(request, catalogue, chosen)


@router.get(
    CHANGES,
    tags=["changes"],
    summary="Feed of changes",
    responses={200: {"description": "An Activity Streams 2.0 OrderedCollection."}, **PROBLEMS},
)
def changes(request: Request, catalogue: CatalogueOf) -> Response:
    """What was published, changed and withdrawn, in pages from the oldest to the newest; begin at `last`."""
    if _is_for_people(request):
        return _page_changes(request, catalogue, None)
    return changes_in_json(request, catalogue)


@router.get(f"{CHANGES}.{JSON_LD.name}", include_in_schema=False)
def changes_in_json(request: Request, catalogue: CatalogueOf) -> Response:
    """The feed, whatever the Accept header says."""
    return _activities(request, catalogue.linked().changes.collection(), REVALIDATE)


@router.get(f"{CHANGES}/{{page}}.{JSON_LD.name}", include_in_schema=False)
def change_page_in_json(request: Request, catalogue: CatalogueOf, page: int) -> Response:
    """A page of the feed, whatever the Accept header says."""
    found = catalogue.linked().changes.page(page)
    caching = f"public, max-age={YEAR}, immutable" if found.whole else REVALIDATE
    return _activities(request, found.body, caching)


@router.get(
    f"{CHANGES}/{{page}}",
    tags=["changes"],
    summary="A page of the feed of changes",
    responses={200: {"description": "An Activity Streams 2.0 OrderedCollectionPage."}, **PROBLEMS},
)
def change_page(request: Request, catalogue: CatalogueOf, page: int) -> Response:
    """At most a thousand changes; a page that has a `next` never changes again."""
    if _is_for_people(request):
        return _page_changes(request, catalogue, page)
    return change_page_in_json(request, catalogue, page)


def _is_for_people(request: Request) -> bool:
    """Whether a browser asks, or somebody who takes nothing else than HTML; machines often name HTML with all else."""
    accepted = preferences(request.headers.get("accept"))
    page, feed = (quality_of(form.media_type, accepted) for form in (HTML, JSON_LD))
    weighed = any(one.value == JSON_LD.media_type for one in accepted) and page > feed
    return weighed or (page > 0 and not feed) or is_browser(request.headers.get("accept"))


def _page_changes(request: Request, catalogue: Catalogue, number: int | None) -> Response:
    """A page of the feed for people; the newest where none is named."""
    path = CHANGES if number is None else f"{CHANGES}/{number}"
    forms = (Form("Activity Streams 2.0", f"{path}.{JSON_LD.name}", JSON_LD.media_type),)
    context = {"page": catalogue.linked().changes.batches(number)}
    return render(request, "changes.html", context, canonical=path, forms=forms)


def _activities(request: Request, body: object, caching: str) -> Response:
    request.state.tag = None  # that of the bytes: a whole page keeps it when others come
    return conditional(request, orjson.dumps(body), _ACTIVITIES, {"Cache-Control": caching, "Vary": VARY})


router.include_router(following)
