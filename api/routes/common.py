"""What the routes share: the catalogue of the application, the query of lists, how answers are sent and described."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from catalogue.errors import NotFoundError
from catalogue.model.report import Message
from catalogue.service import Catalogue, ItemView

from .. import schemas
from ..addresses import Address, readings, segments_below, with_query
from ..errors import PROBLEM_JSON
from ..listings import ListQuery
from ..negotiation import ITEM_FORMATS
from ..rendering import REVALIDATE, VARY, conditional, prefix
from ..wire import Wire

T = TypeVar("T")

# Every operation can fail in the one way that all clients know; also keeps the framework's own error shape out.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem document (RFC 9457).",
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}


async def _catalogue(request: Request) -> Catalogue:
    found: Catalogue = request.app.state.catalogue
    return found


CatalogueOf = Annotated[Catalogue, Depends(_catalogue)]
Cursor = Annotated[str | None, Query(description="From the `next` address of the piece before.")]
Limit = Annotated[int, Query(ge=1, le=500, description="Length of one piece.")]


async def list_query(
    cohort: Annotated[
        str | None,
        Query(description="URN of a cohort, or `agency/identifier[/version]`.", examples=["example.org/COHORT"]),
    ] = None,
    study: Annotated[str | None, Query(description="The same for a study or wave; combined with the cohort.")] = None,
    type: Annotated[tuple[str, ...], Query(description="Item types, any of them.", examples=[["Variable"]])] = (),
    unassigned: Annotated[bool, Query(description="Only items that no cohort, study or wave holds.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ListQuery:
    """The filters of a list as they stand in the address; an empty one, as forms send it, is none."""
    kept = tuple(one for one in type if one)
    return ListQuery(cohort or None, study or None, kept, unassigned, cursor or None, limit)


ListQueryOf = Annotated[ListQuery, Depends(list_query)]


def wire(request: Request) -> Wire:
    """The writer of JSON with this catalogue's addresses."""
    return Wire(request.app.state.catalogue.settings.base_url)


def send(request: Request, value: Any, *, headers: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """A JSON answer, or 304."""
    own = {"Cache-Control": REVALIDATE, **(headers or {})}
    return conditional(request, orjson.dumps(value), "application/json", own, status)


def send_page(
    request: Request, items: Iterable[T], as_json: Callable[[T], Any], total: int, cursor: str | None
) -> Response:
    """A piece of a list, with the address of the next in the body and in the Link header."""
    following = next_address(request, cursor) if cursor else None
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    body = {"items": [as_json(one) for one in items], "total": total, "next": following}
    return send(request, body, headers=headers)


def next_address(request: Request, cursor: str, **more: str) -> str:
    """The absolute address of the next piece: this one with another cursor, and what the cursor is good for."""
    base_url = request.app.state.catalogue.settings.base_url.rstrip("/")
    path = request.scope["raw_path"].decode("ascii", "replace")
    return f"{base_url}{path}?{request.url.include_query_params(cursor=cursor, **more).query}"


def see_other(request: Request, path: str) -> Response:
    """303 to another address of this server, language and profile kept."""
    kept = {name: request.query_params.get(name) for name in ("lang", "profile")}
    target = prefix(request.app.state.catalogue.settings) + with_query(path, **kept)
    return RedirectResponse(target, 303, headers={"Vary": VARY})


def find(request: Request, root: str, views: tuple[str, ...] = ()) -> tuple[Address, ItemView]:
    """The item that the address names, by the first of its readings under which anything is published.

    Raises:
        UsageError: the address is not one of an item.
        NotFoundError: nothing is published under it.
    """
    catalogue: Catalogue = request.app.state.catalogue
    possible = readings(segments_below(request.scope["raw_path"], root), ITEM_FORMATS, views)
    for address in possible[:-1]:
        try:
            return address, catalogue.get(address.agency, address.identifier, address.version)
        except NotFoundError:
            continue
    last = possible[-1]
    try:
        return last, catalogue.get(last.agency, last.identifier, last.version)
    except NotFoundError as error:
        first = possible[0]
        wanted = ":".join(part for part in (first.agency, first.identifier, first.version) if part)
        raise NotFoundError(
            Message(
                f"Rien n’est publié sous {wanted}.",
                f"Nothing is published under {wanted}.",
            )
        ) from error


def answers(model: type[schemas.Wire], description: str) -> dict[str, Any]:
    """How an operation that answers this model is documented."""
    return {"responses": {200: {"model": model, "description": description}, **PROBLEMS}}
