"""Items at their persistent addresses, in every form, and the resolver of URNs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from catalogue.errors import UsageError
from catalogue.model.report import Message
from catalogue.service import ItemView

from .. import schemas
from ..addresses import API, ROOT, api_path, item_path, with_query
from ..details import shared
from ..listings import foreign_cursor
from ..negotiation import JSON
from ..reading import Reading
from ..rendering import Form, render
from .common import CatalogueOf, Cursor, Limit, answers, find, see_other, send_page, wire
from .forms import API_FORMATS, CODEBOOK, LINKSETS, send_codebook, send_item, send_linkset

router = APIRouter(route_class=Reading)

EXPORTS = {CODEBOOK: send_codebook, LINKSETS: send_linkset}
VIEWS = ("used-by", "contents", *EXPORTS)
API_VIEWS = ("references", "used-by", "contents")
_ROLE = Query(description="Only references in this role, for instance `CodeListReference`.")


@router.get(f"{ROOT}", include_in_schema=False)
def resolve(request: Request, catalogue: CatalogueOf, urn: str = "") -> Response:
    """303 to the item that a URN names."""
    if not urn.strip():
        raise UsageError(
            Message(
                "Le paramètre urn est vide.",
                "The parameter urn is empty.",
            ),
            next_step=Message(
                "Demandez /id?urn=urn:ddi:agence:identifiant:version.",
                "Ask for /id?urn=urn:ddi:agency:identifier:version.",
            ),
        )
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
        return see_other(request, item_path(view.stored.item.identification, extension, address.view))
    if address.view in EXPORTS:
        return EXPORTS[address.view](request, view)
    if address.view:
        return _more(request, view, address.view, role, cursor)
    return send_item(request, address, view)


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
    return send_item(request, *find(request, f"{API}/items"), API_FORMATS)
