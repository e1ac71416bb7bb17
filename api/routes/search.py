"""Search: as a page, as JSON piece by piece, as a file with every hit, as a feed; and suggestions while typing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.responses import StreamingResponse

from catalogue.errors import IndexUnavailableError, NotFoundError, UsageError
from catalogue.model.report import Message
from catalogue.service import (
    COUNTED,
    MOST_HITS,
    SORTS,
    Catalogue,
    Facet,
    FoundItem,
    IndexState,
    SearchAnswer,
    Sort,
    years_between,
)

from .. import exports, results, schemas
from ..addresses import API, ROOT, item_path
from ..gathering import waves_of
from ..i18n import locale
from ..negotiation import ATOM, CSV, HTML, JSON, RIS, SEARCH_FORMATS, Format, negotiate
from ..reading import Searching
from ..rendering import LONGEST_HEADER, REVALIDATE, VARY, Form, conditional, known_tags, language_of, prefix, render
from ..search_wire import SearchWire
from ..searching import ADDRESS, FROM, HITS, ON_PAGE, TO, SearchQuery, facet_values, filters_of
from ..unready import RETRY, is_partial
from ..values import known_values
from .common import PROBLEMS, CatalogueOf, next_address, see_other, send

router = APIRouter(route_class=Searching)

_YES, _NO = "yes", "no"
_NEWEST = 100
_SUGGESTIONS = 8
_EXAMPLES = {Facet.TYPE: "Variable", Facet.YEAR: "2012", Facet.HAS_QUESTION: "yes", Facet.COHORT: "example.org/COHORT"}


def facet_parameters() -> dict[str, Any]:
    """The filters in the description of the API, from the table of facets."""
    said = {True: "One of these values; counted in `facets`.", False: "One of these values."}
    rows = [
        {
            "name": facet.value,
            "in": "query",
            "required": False,
            "description": said[facet in COUNTED],
            "schema": {"type": "array", "items": {"type": "string"}},
            **({"example": [_EXAMPLES[facet]]} if facet in _EXAMPLES else {}),
        }
        for facet in Facet
    ]
    return {"parameters": rows}


Lang = Annotated[str | None, Query(description="The reader's language: its texts rank first.", examples=["fr"])]


async def search_query(
    request: Request,
    q: Annotated[
        str, Query(description="As typed; empty for everything.", examples=['tabac "poids de naissance"'])
    ] = "",
    first: Annotated[str, Query(alias=FROM, description="First year, four digits.", examples=["1990"])] = "",
    last: Annotated[str, Query(alias=TO, description="Last year, included.", examples=["2005"])] = "",
    sort: Annotated[str, Query(description=f"One of {', '.join(SORTS)}.")] = Sort.RELEVANCE.value,
    expand: Annotated[str, Query(description="`no`: without the synonyms and translations of the thesaurus.")] = "",
    without: Annotated[tuple[str, ...], Query(description="Thesaurus concepts not to expand with, by URI.")] = (),
    every: Annotated[str, Query(description="`yes`: only hits with all the words, however few.")] = "",
    facets: Annotated[
        str, Query(description="Which facets to count and how many values: `type,cohort:20`, `all,concept:50`, `none`.")
    ] = "",
    cursor: Annotated[str | None, Query(description="From the `next` address of the piece before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_HITS, description="Length of one piece.")] = HITS,
) -> SearchQuery:
    """The search as it stands in the address; an empty parameter, as forms send it, is none."""
    return SearchQuery(
        q=" ".join(q.split()),
        filters=filters_of(request.query_params.multi_items()),
        years=years_between(first.strip(), last.strip()),
        sort=sort_of(sort),
        expand=expand != _NO,
        without=tuple(one for one in without if one),
        every=every == _YES,
        facets=facets,
        limit=limit,
        cursor=cursor or None,
    )


def sort_of(name: str) -> Sort:
    """An order by its name; none is by relevance. Raises UsageError."""
    if name and name not in SORTS:
        raise UsageError(
            Message(
                f"« {name} » n’est pas un ordre.",
                f"{name!r} is no order.",
            ),
            next_step=Message(
                f"Triez par l’un de {', '.join(SORTS)}.",
                f"Sort by one of {', '.join(SORTS)}.",
            ),
        )
    return Sort(name) if name else Sort.RELEVANCE


SearchQueryOf = Annotated[SearchQuery, Depends(search_query)]


# --- the API ----------------------------------------------------------------------------------------------------------


@router.get(
    f"{API}/search",
    tags=["search"],
    summary="Search",
    openapi_extra=facet_parameters(),
    responses={
        200: {"model": schemas.SearchPage, "description": "A piece of the hits, counts, and how it was understood."},
        503: {"model": schemas.SearchPage, "description": "The same of what there is of an index that is being built."},
        **PROBLEMS,
    },
)
def api_search(request: Request, catalogue: CatalogueOf, query: SearchQueryOf, lang: Lang = None) -> Response:
    """Items of every kind in all cohorts. Filters: any value within a facet, all facets together."""
    answer = catalogue.searching.search(query.question(language_of(request)))
    following = next_address(request, answer.cursor, lang=language_of(request)) if answer.cursor else None
    status, waiting = readiness(answer)
    told = following and len(following) <= LONGEST_HEADER
    headers = {"Vary": VARY, **({"Link": f'<{following}>; rel="next"'} if told else {}), **waiting}
    return send(request, wire(request).answer(answer, following), headers=headers, status=status)


def readiness(answer: SearchAnswer) -> tuple[int, Mapping[str, str]]:
    """The status of an answer, and when to ask again: 503 (RFC 9110, 15.6.4) with what there is of an index that is
    being built, so that nobody takes it for the whole."""
    return (503, RETRY) if is_partial(answer.index) else (200, {})


@router.get(
    f"{API}/suggest",
    tags=["search"],
    summary="Suggestions while typing",
    responses={200: {"model": list[schemas.Suggestion], "description": "Likeliest first."}, **PROBLEMS},
)
def api_suggest(
    request: Request,
    catalogue: CatalogueOf,
    q: Annotated[str, Query(description="What has been typed.", examples=["taba"])] = "",
    lang: Lang = None,
    limit: Annotated[int, Query(ge=1, le=20, description="At most so many.")] = _SUGGESTIONS,
) -> Response:
    """Words, thesaurus concepts and items that begin so."""
    language = language_of(request)
    found = catalogue.searching.suggest(q.strip(), language, limit) if q.strip() else ()
    own = wire(request)
    return send(request, [own.suggestion(one, language) for one in found], headers={"Vary": VARY})


def wire(request: Request) -> SearchWire:
    """The writer of JSON with this catalogue's addresses."""
    return SearchWire(request.app.state.catalogue.settings.base_url)


# --- the page and its other forms -------------------------------------------------------------------------------------


def _html(request: Request, catalogue: Catalogue, query: SearchQuery) -> Response:
    tidy = tidied(request, query)
    if tidy is not None:
        return see_search(request, tidy)
    if (page := pasted(catalogue, query.q)) is not None:
        return see_other(request, page)
    language = language_of(request)
    answer = catalogue.searching.search(query.question(language, ON_PAGE))
    context = page_of(catalogue, query, answer)
    status, waiting = readiness(answer)
    address, forms = query.address(), forms_of(query, language)
    return render(
        request,
        "search.html",
        context,
        status=status,
        headers=waiting,
        canonical=address,
        forms=forms,
        one_language=("cursor",),
    )


def pasted(catalogue: Catalogue, text: str) -> str | None:
    """The page of the item whose URN or address was put into the box; None of words."""
    address = f"{catalogue.settings.base_url.rstrip('/')}{ROOT}/"
    if text.startswith(address) and " " not in text:
        return f"{ROOT}/{re.split('[?#]', text.removeprefix(address))[0]}"
    with suppress(UsageError, NotFoundError):
        return item_path(catalogue.resolve(text))
    return None


def tidied(request: Request, query: SearchQuery) -> SearchQuery | None:
    """The search whose address says the same without empty parameters, if this is another."""
    return query if any(not value for _, value in request.query_params.multi_items()) else None


def see_search(request: Request, query: SearchQuery) -> Response:
    """303 to the page of a search, the language kept."""
    root = prefix(request.app.state.catalogue.settings)
    target = root + query.address(lang=request.query_params.get("lang", ""))
    return RedirectResponse(target, 303, headers={"Vary": VARY})


def page_of(catalogue: Catalogue, query: SearchQuery, answer: SearchAnswer) -> Mapping[str, Any]:
    """Everything that the page shows."""
    groups = results.groups(query, answer)
    language = answer.question.language or ""
    return {
        "query": query,
        "answer": answer,
        "groups": groups,
        "spread": next((one for one in groups if one.facet is Facet.COHORT), None),
        "histogram": results.histogram(answer.facets.get(Facet.YEAR)),
        "chips": results.chips(catalogue, query, answer),
        "hidden": results.hidden(query, groups),
        "expansions": results.expansions(query, answer),
        "corrections": results.corrections(query, answer),
        "strict": replace(query, every=True, cursor=None).address(),
        "loose": replace(query, every=False, cursor=None).address(),
        "bare": replace(query, expand=True, without=(), cursor=None).address(),
        "cleared": replace(query.anytime(), filters={}).address(),
        "anytime": query.anytime().address(),
        "first": replace(query, cursor=None).address(),
        "following": replace(query, cursor=answer.cursor).address(lang=language) if answer.cursor else "",
        "feed": address_of(query, ATOM, language),
        "files": [(one.title, address_of(query, one, language)) for one in (CSV, JSON, RIS)],
        "hits": [results.line(one) for one in answer.items],
        "waves": waves_of,
        "sorts": SORTS,
        "most": exports.MOST_EXPORTED,
        "known": known_values,
    }


def address_of(query: SearchQuery, form: Format, language: str) -> str:
    """Where a form of the whole result is, in one language."""
    return query.whole().address(f"{ADDRESS}.{form.name}", lang=language)


def forms_of(query: SearchQuery, language: str) -> tuple[Form, ...]:
    """Every other form of a search, as links."""
    others = (one for one in SEARCH_FORMATS if one is not HTML)
    return tuple(Form(one.title, address_of(query, one, language), one.media_type) for one in others)


Write = Callable[[exports.Exporter, Iterable[FoundItem]], Iterator[bytes]]


def _file(form: Format, write: Write) -> Callable[[Request, Catalogue, SearchQuery], Response]:
    def stream(request: Request, catalogue: Catalogue, query: SearchQuery) -> Response:
        if (known := unchanged(request)) is not None:
            return known
        language = language_of(request)
        question = query.whole().question(language)
        refuse_part(catalogue.searching.state())
        total = catalogue.searching.search(replace(question, facet_values=facet_values("none"), limit=1)).total
        headers = {**file_headers(request, form), "Catalogue-Hits": str(total)}
        hits = islice(catalogue.searching.all(question), exports.MOST_EXPORTED)
        body = exports.in_pieces(write(exports.Exporter(catalogue, locale(language)), hits))
        return StreamingResponse(body, media_type=form.media_type, headers=headers)

    return stream


def refuse_part(state: IndexState) -> None:
    """A file cannot say of itself that something is missing. Raises IndexUnavailableError for what would be a part."""
    if is_partial(state):
        raise IndexUnavailableError("The search index is being built for the first time.")


def unchanged(request: Request) -> Response | None:
    """304 to who has the answer already; those who poll a feed or fetch a file again cost next to nothing."""
    tag = request.state.tag
    if tag is None or tag not in known_tags(request):
        return None
    return Response(status_code=304, headers={"ETag": tag, "Cache-Control": REVALIDATE, "Vary": VARY})


def file_headers(request: Request, form: Format) -> dict[str, str]:
    """The headers of a file with every hit; ``Catalogue-Most-Hits`` is where it is cut."""
    tag = request.state.tag
    return {
        "Cache-Control": REVALIDATE,
        "Vary": VARY,
        "Content-Disposition": f'attachment; filename="search.{form.name}"',
        "Catalogue-Most-Hits": str(exports.MOST_EXPORTED),
        **({"ETag": tag} if tag else {}),
    }


def _atom(request: Request, catalogue: Catalogue, query: SearchQuery) -> Response:
    if (known := unchanged(request)) is not None:
        return known
    language = language_of(request)
    of, base_url = locale(language), catalogue.settings.base_url.rstrip("/")
    page = base_url + query.whole().address(lang=language)
    own = base_url + address_of(query, ATOM, language)
    title = of.t("search.feed_title", query=query.q or of.t("search.everything"))
    refuse_part(catalogue.searching.state())
    entries = exports.dated(catalogue, catalogue.searching.newest(query.whole().question(language), _NEWEST))
    body = exports.to_atom(exports.Exporter(catalogue, of), exports.Feed(title, page, own, page), entries)
    return conditional(request, body, ATOM.media_type, {"Cache-Control": REVALIDATE, "Vary": VARY})


WRITERS: Mapping[Format, Callable[[Request, Catalogue, SearchQuery], Response]] = {
    HTML: _html,
    JSON: _file(JSON, exports.to_json),
    CSV: _file(CSV, exports.to_csv),
    RIS: _file(RIS, exports.to_ris),
    ATOM: _atom,
}
"""What makes each form; a further form is a further row."""


@router.get(ADDRESS, include_in_schema=False)
def search(request: Request, catalogue: CatalogueOf, query: SearchQueryOf) -> Response:
    """A search in the form that the Accept header asks for."""
    chosen, _ = negotiate(request.headers.get("accept"), SEARCH_FORMATS)
    return WRITERS[chosen](request, catalogue, query)


@router.get(f"{ADDRESS}.{{extension}}", include_in_schema=False)
def search_as(request: Request, catalogue: CatalogueOf, query: SearchQueryOf, extension: str) -> Response:
    """A search in the form that the extension names."""
    chosen = next((one for one in SEARCH_FORMATS if one.name == extension), None)
    if chosen is None:
        offered = ", ".join(f".{one.name}" for one in SEARCH_FORMATS)
        raise NotFoundError(
            Message(
                f"Une recherche n’a pas de forme .{extension}.",
                f"A search has no form .{extension}.",
            ),
            next_step=Message(
                f"Demandez l’une de {offered}.",
                f"Ask for one of {offered}.",
            ),
        )
    return WRITERS[chosen](request, catalogue, query)
