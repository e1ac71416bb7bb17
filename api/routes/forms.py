"""Every form of an item: what makes it, how it is chosen, and the links by which machines find the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from catalogue.service import ItemView, profiles_of, schema_type

from .. import signposting
from ..addresses import Address, item_path, with_query
from ..details import detail_of, shared
from ..negotiation import HTML, ITEM_FORMATS, JSON, RDF_FORMATS, TURTLE, XML, Format, negotiate
from ..profiles import BY_PROFILE, PROFILES, chosen_profile, said_of
from ..rdf import send_graph
from ..rendering import REVALIDATE, VARY, Form, conditional, link_header, render
from ..signposting import LINKSET, LINKSET_JSON, TypedLink
from .common import send, wire

CODEBOOK: Final = "codebook"
LINKSETS: Final = "linkset"
STUDIES: Final = ("Group", "StudyUnit")
API_FORMATS: Final = (JSON, *(one for one in ITEM_FORMATS if one is not JSON))
"""The same forms; who asks the API and does not say how gets JSON."""

_A_DAY: Final = "public, max-age=86400"
_ABOUT_PAGE: Final = "https://schema.org/AboutPage"
_RESERVED: Final = ":/?#[]@!$&'()*+,;=%"  # RFC 3986: an address in a header is in ASCII
_LINKSET_FORMATS: Final = (LINKSET_JSON, LINKSET)

Writer = Callable[[Request, ItemView, str], Response]


# --- what there is ----------------------------------------------------------------------------------------------------


def forms_of(view: ItemView) -> tuple[Form, ...]:
    """Every form of an item, as links."""
    identity = view.stored.item.identification
    found = tuple(Form(one.title, item_path(identity, one.name), one.media_type) for one in ITEM_FORMATS)
    if view.stored.item.type not in STUDIES:
        return found
    return (*found, Form("DDI-Codebook 2.5", item_path(identity, view=CODEBOOK), XML.media_type))


def _base(request: Request) -> str:
    base: str = request.app.state.catalogue.settings.base_url
    return base.rstrip("/")


def item_headers(request: Request, view: ItemView, form: Format | None = None) -> dict[str, str]:
    """The headers that every form of an item has; ``form`` is the one that the answer is in."""
    page = item_path(view.stored.item.identification)
    plain = link_header(_base(request), page, forms_of(view))
    typed = signposting.header(_page_links(request, view) if form is HTML else _form_links(request, view, ""))
    return {"Link": f"{plain}, {typed}", "Vary": BY_PROFILE}


def _page_links(request: Request, view: ItemView) -> Iterator[TypedLink]:
    """What signposting.org/FAIR asks of a landing page."""
    base, item = _base(request), view.stored.item
    page = base + item_path(item.identification)
    yield TypedLink(page, page, "cite-as")
    for creator in request.app.state.catalogue.harvesters.creators(view.stored):
        yield TypedLink(page, quote(creator, safe=_RESERVED), "author")
    yield TypedLink(page, _ABOUT_PAGE, "type")
    yield TypedLink(page, schema_type(item.type), "type")
    for form in forms_of(view)[1:]:
        yield TypedLink(page, base + form.path, "describedby", form.media_type)
    for one in PROFILES:
        if one.name in profiles_of(item.type):
            address = with_query(item_path(item.identification, TURTLE.name), profile=one.name)
            yield TypedLink(page, base + address, "describedby", TURTLE.media_type, one.uri)
    for box in (*view.containers.cohorts, *view.containers.waves):
        yield TypedLink(page, base + item_path(box.identification), "collection", HTML.media_type)
    licence = request.app.state.catalogue.harvesters.licence()
    if licence:
        yield TypedLink(page, licence, "license")
    yield from _linkset_links(base, page, view)


def _form_links(request: Request, view: ItemView, path: str) -> Iterator[TypedLink]:
    """What it asks of each other form."""
    base, identity = _base(request), view.stored.item.identification
    anchor = base + (path or item_path(identity))
    yield TypedLink(anchor, base + item_path(identity), "describes", HTML.media_type)
    yield from _linkset_links(base, anchor, view)


def _linkset_links(base: str, anchor: str, view: ItemView) -> Iterator[TypedLink]:
    address = base + item_path(view.stored.item.identification, view=LINKSETS)
    yield TypedLink(anchor, address, "linkset", LINKSET_JSON.media_type)


# --- making them ------------------------------------------------------------------------------------------------------


def _html(request: Request, view: ItemView, _: str) -> Response:
    catalogue = request.app.state.catalogue
    detail = detail_of(view)
    context = {**shared(catalogue, view), **detail.gather(catalogue, view)}
    canonical = item_path(view.stored.item.identification)
    headers = item_headers(request, view, HTML)
    return render(request, detail.template, context, canonical=canonical, forms=forms_of(view), headers=headers)


def _json(request: Request, view: ItemView, _: str) -> Response:
    return send(request, wire(request).item(view), headers=item_headers(request, view))


def _xml(request: Request, view: ItemView, media_type: str) -> Response:
    item = view.stored.item
    identity = item.identification
    request.state.tag = ""  # an element outlives the state: its tag is a digest of its bytes
    body = request.app.state.catalogue.fragment(identity.agency, identity.identifier, identity.version)
    kind = f"{media_type};version={item.ddi_version}" if "ddi" in media_type else media_type
    return conditional(request, body, kind, {**item_headers(request, view), "Cache-Control": _A_DAY})


def _graph(request: Request, view: ItemView, _: str, form: Format) -> Response:
    profile = chosen_profile(request, profiles_of(view.stored.item.type))
    graph = request.app.state.catalogue.harvesters.graph(view.stored.id, profile.name if profile else None)
    headers = item_headers(request, view)
    return send_graph(request, graph, form, said_of(profile, headers) if profile else headers)


WRITERS: Mapping[Format, Writer] = {
    HTML: _html,
    JSON: _json,
    XML: _xml,
    **{form: partial(_graph, form=form) for form in RDF_FORMATS},
}
"""What makes each form; a further form is a further row."""


def send_item(request: Request, address: Address, view: ItemView, formats: Sequence[Format] = ITEM_FORMATS) -> Response:
    """An item in the form of the extension, else of the Accept header.

    Where the address names a profile, only a graph will do.

    Raises:
        NotAcceptableError: there is no such form or profile; the message lists what there is.
    """
    if address.format is not None:
        return WRITERS[address.format](request, view, address.format.media_type)
    accepted = request.headers.get("accept")
    offered = RDF_FORMATS if request.query_params.get("profile") else formats
    form, media_type = negotiate(accepted, offered, {"version": view.stored.item.ddi_version})
    return WRITERS[form](request, view, media_type)


def send_codebook(request: Request, view: ItemView) -> Response:
    """A cohort or study as DDI-Codebook, to be saved and taken to other catalogues."""
    name = quote(view.stored.item.identification.identifier, safe="")
    headers = {
        **item_headers(request, view),
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}.codebook.xml",
    }
    if request.state.tag is not None:
        # Made before the pieces, of which some may be read in a later state: then it is not known the next time.
        headers |= {"ETag": request.state.tag, "Cache-Control": REVALIDATE}
    pieces = request.app.state.catalogue.harvesters.export(view.stored.id)
    return StreamingResponse(pieces, media_type=XML.media_type, headers=headers)


def send_linkset(request: Request, view: ItemView) -> Response:
    """All links of an item and of its forms (FAIR Signposting, level 2)."""
    links = list(_page_links(request, view))
    links += [link for form in forms_of(view)[1:] for link in _form_links(request, view, form.path)]
    form, media_type = negotiate(request.headers.get("accept"), _LINKSET_FORMATS)
    headers = {"Vary": VARY}
    if form is LINKSET_JSON:
        answer = send(request, signposting.linkset_json(links), headers=headers)
        answer.headers["Content-Type"] = media_type
        return answer
    return conditional(request, signposting.linkset(links).encode(), media_type, headers)
