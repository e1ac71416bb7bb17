"""Items at their persistent addresses, in every form, and the resolver of URNs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from catalogue.errors import UsageError
from catalogue.service import ItemView

from .. import schemas
from ..addresses import API, ROOT, Address, api_path, item_path, with_query
from ..details import detail_of, shared
from ..listings import foreign_cursor
from ..negotiation import HTML, ITEM_FORMATS, JSON, XML, Format, negotiate
from ..reading import Reading
from ..rendering import VARY, Form, conditional, link_header, prefix, render
from .common import CatalogueOf, Cursor, Limit, answers, find, send, send_page, wire

router = APIRouter(route_class=Reading)

VIEWS = ("used-by", "contents")
API_VIEWS = ("references", "used-by", "contents")
_A_DAY = "public, max-age=86400"
_ROLE = Query(description="Only references in this role, for instance `CodeListReference`.")


def forms_of(view: ItemView) -> tuple[Form, ...]:
    """Every form of an item, as links."""
    identity = view.stored.item.identification
    return tuple(Form(one.title, item_path(identity, one.name), one.media_type) for one in ITEM_FORMATS)


def item_headers(request: Request, view: ItemView) -> dict[str, str]:
    """The headers that every form of an item has."""
    base_url = request.app.state.catalogue.settings.base_url.rstrip("/")
    links = link_header(base_url, item_path(view.stored.item.identification), forms_of(view))
    return {"Link": links, "Vary": VARY}


def _html(request: Request, view: ItemView, _: str) -> Response:
    catalogue = request.app.state.catalogue
    detail = detail_of(view)
    context = {**shared(catalogue, view), **detail.gather(catalogue, view)}
    canonical = item_path(view.stored.item.identification)
    return render(request, detail.template, context, canonical=canonical, forms=forms_of(view))


def _json(request: Request, view: ItemView, _: str) -> Response:
    return send(request, wire(request).item(view), headers=item_headers(request, view))


def _xml(request: Request, view: ItemView, media_type: str) -> Response:
    item = view.stored.item
    identity = item.identification
    request.state.tag = None  # an element outlives the state: its tag is a digest of its bytes
    body = request.app.state.catalogue.fragment(identity.agency, identity.identifier, identity.version)
    kind = f"{media_type};version={item.ddi_version}" if "ddi" in media_type else media_type
    return conditional(request, body, kind, {**item_headers(request, view), "Cache-Control": _A_DAY})


WRITERS: Mapping[Format, Callable[[Request, ItemView, str], Response]] = {HTML: _html, JSON: _json, XML: _xml}
"""What makes each form; a further form is a further row."""


def negotiated(request: Request, address: Address, view: ItemView) -> tuple[Format, str]:
    """The form and media type to answer with: by the extension, else by the Accept header."""
    if address.format is not None:
        return address.format, address.format.media_type
    return negotiate(request.headers.get("accept"), ITEM_FORMATS, {"version": view.stored.item.ddi_version})


def see_other(request: Request, path: str) -> Response:
    """303 to another address of this server, the language kept."""
    target = prefix(request.app.state.catalogue.settings) + with_query(path, lang=request.query_params.get("lang"))
    return RedirectResponse(target, 303, headers={"Vary": VARY})


@router.get(f"{ROOT}", include_in_schema=False)
def resolve(request: Request, catalogue: CatalogueOf, urn: str = "") -> Response:
    """303 to the item that a URN names."""
    if not urn.strip():
        raise UsageError("The parameter urn is empty.", next_step="Ask for /id?urn=urn:ddi:agency:identifier:version.")
    return see_other(request, item_path(catalogue.resolve(urn.strip())))


@router.get(f"{ROOT}/{{rest:path}}", include_in_schema=False)
def item(
    request: Request,
    catalogue: CatalogueOf,
    cursor: Cursor = None,
    role: Annotated[str | None, _ROLE] = None,
) -> Response:
    """An item in the form that the extension or the Accept header asks for; without version, 303 to the latest."""
    address, view = find(request, ROOT, VIEWS)
    if address.version is None:
        extension = address.format.name if address.format else ""
        return see_other(request, item_path(view.stored.item.identification, extension))
    if address.view:
        return _more(request, view, address.view, role, cursor)
    chosen, media_type = negotiated(request, address, view)
    return WRITERS[chosen](request, view, media_type)


def _more(request: Request, view: ItemView, name: str, role: str | None, cursor: str | None) -> Response:
    """The page with all that uses an item, or all that stands inside it."""
    found, following = _piece(request, view, name, role, cursor, 100)
    identity = view.stored.item.identification
    forms = (Form("JSON", with_query(api_path(identity, name), role=role, cursor=cursor), JSON.media_type),)
    own = {"name": name, "role": role, "found": found, "next": following}
    context = {**shared(request.app.state.catalogue, view), **own}
    return render(request, "more.html", context, canonical=item_path(identity, view=name), forms=forms)


def _piece(
    request: Request, view: ItemView, name: str, role: str | None, cursor: str | None, limit: int
) -> tuple[Any, str | None]:
    catalogue = request.app.state.catalogue
    if name == "used-by":
        page = catalogue.used_by(view.stored.id, role=role, cursor=cursor, limit=limit)
    else:
        page = catalogue.children(view.stored.id, cursor=cursor, limit=limit)
    return page, page.next_cursor


# --- the API ----------------------------------------------------------------------------------------------------------


# An identifier may hold a slash, so the address of an item matches those of its views too: they come first.
@router.get(
    f"{API}/items/{{agency}}/{{identifier:path}}/{{version}}/references",
    tags=["items"],
    summary="What an item refers to",
    **answers(schemas.OutgoingPage, "References as written, in source order, and where they lead."),
)
def api_references(
    request: Request, agency: str, identifier: str, version: str, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """The outgoing references of an item; dangling ones too, with the reason."""
    _, view = find(request, f"{API}/items", API_VIEWS)
    start = _position(cursor)
    piece = view.references[start : start + limit]
    following = str(start + limit) if start + limit < len(view.references) else None
    return send_page(request, piece, wire(request).outgoing, len(view.references), following)


def _position(cursor: str | None) -> int:
    if cursor is not None and not cursor.isdecimal():
        raise foreign_cursor()
    return int(cursor or 0)


@router.get(
    f"{API}/items/{{agency}}/{{identifier:path}}/{{version}}/used-by",
    tags=["items"],
    summary="What refers to an item",
    **answers(schemas.IncomingPage, "The items that refer to this one, by role."),
)
def api_used_by(
    request: Request,
    catalogue: CatalogueOf,
    agency: str,
    identifier: str,
    version: str,
    role: Annotated[str | None, _ROLE] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The incoming references of an item."""
    _, view = find(request, f"{API}/items", API_VIEWS)
    page = catalogue.used_by(view.stored.id, role=role, cursor=cursor, limit=limit)
    return send_page(request, page, wire(request).incoming, page.total, page.next_cursor)


@router.get(
    f"{API}/items/{{agency}}/{{identifier:path}}/{{version}}/contents",
    tags=["items"],
    summary="What stands inside an item",
    **answers(schemas.ItemPage, "The items directly inside this one, in document order."),
)
def api_contents(
    request: Request,
    catalogue: CatalogueOf,
    agency: str,
    identifier: str,
    version: str,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The children of an item in the document it was read from."""
    _, view = find(request, f"{API}/items", API_VIEWS)
    page = catalogue.children(view.stored.id, cursor=cursor, limit=limit)
    return send_page(request, page, wire(request).summary, page.total, page.next_cursor)


@router.get(
    f"{API}/items/{{agency}}/{{identifier:path}}/{{version}}",
    tags=["items"],
    summary="One item",
    **answers(schemas.Item, "The item with everything that its page shows."),
)
def api_item(request: Request, agency: str, identifier: str, version: str) -> Response:
    """An item by agency (`-` for an empty one), identifier and version, as at its persistent address."""
    return _json(request, find(request, f"{API}/items")[1], JSON.media_type)
