"""The lists of the catalogue, as JSON and as pages, and its figures."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from .. import schemas
from ..addresses import API, with_query
from ..gathering import placed
from ..listings import COHORTS, LISTINGS, Listing, chosen, item_filter, scope_of, slice_of
from ..negotiation import JSON
from ..reading import Reading
from ..rendering import Form, render
from .common import CatalogueOf, Cursor, Limit, ListQueryOf, answers, see_other, send, send_page, wire

router = APIRouter(route_class=Reading)


@router.get(API, include_in_schema=False)
def description(request: Request) -> Response:
    """303 to what describes the API: catalogues of data services name this address."""
    return see_other(request, f"{API}/openapi.json")


@router.get(
    f"{API}/{COHORTS}",
    tags=["lists"],
    summary="Cohorts",
    **answers(schemas.ContainerPage, "Every cohort with its waves and how many items of each type they hold."),
)
def api_cohorts(request: Request, catalogue: CatalogueOf, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """A cohort is a Group, or a StudyUnit that stands alone; its waves are StudyUnits or CollectionEvents."""
    cohorts = catalogue.cohorts()
    piece, following = slice_of(cohorts, cursor, limit)
    return send_page(request, piece, wire(request).container, len(cohorts), following)


@router.get(
    f"{API}/stats",
    tags=["lists"],
    summary="Figures",
    **answers(schemas.Statistics, "How many items, documents and revisions there are."),
)
def api_stats(request: Request, catalogue: CatalogueOf) -> Response:
    """Latest published items by type, those that belong to no cohort, documents and revisions."""
    return send(request, wire(request).statistics(catalogue.stats()))


def _add(listing: Listing) -> None:
    """The two addresses of one list."""

    def api_list(request: Request, catalogue: CatalogueOf, query: ListQueryOf) -> Response:
        wanted = item_filter(listing, query, scope_of(catalogue, query))
        page = catalogue.list_items(wanted, cursor=query.cursor, limit=query.limit)
        return send_page(request, page, wire(request).summary, page.total, page.next_cursor)

    def page_list(request: Request, catalogue: CatalogueOf, query: ListQueryOf) -> Response:
        scope = scope_of(catalogue, query)
        wanted = item_filter(listing, query, scope)
        page = catalogue.list_items(wanted, cursor=query.cursor, limit=query.limit)
        twin = with_query(f"{API}/{listing.name}", **query.parameters(cursor=query.cursor))
        forms = (Form("JSON", twin, JSON.media_type),)
        cohorts = catalogue.cohorts()
        context = {
            "listing": listing,
            "query": query,
            "page": page,
            "cohorts": cohorts,
            "chosen": chosen(catalogue, cohorts, scope),
            "scope": scope,
            "lines": placed(catalogue, page),
        }
        return render(request, "list.html", context, canonical=f"/{listing.name}", forms=forms)

    held = ", ".join(listing.types) or "items of every type"
    router.add_api_route(
        f"{API}/{listing.name}",
        api_list,
        tags=["lists"],
        name=f"list_{listing.name}",
        summary=f"{listing.name.capitalize()}",
        description=f"The latest versions, by label: {held}."
        + (f" `type` may name {', '.join(listing.family)}." if listing.family else ""),
        **answers(schemas.ItemPage, "A piece of the list."),
    )
    router.add_api_route(f"/{listing.name}", page_list, include_in_schema=False, name=f"page_{listing.name}")


for _listing in LISTINGS.values():
    _add(_listing)
