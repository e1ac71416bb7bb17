"""The catalogue for data portals: ``dcat:Catalog``, and what cohorts lack of DCAT-AP. ``/`` is the FAIR Data Point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from catalogue.service import CATALOGUE_PROFILES, Catalogue, Completeness

from .. import schemas
from ..addresses import API, item_path, with_query
from ..negotiation import HTML, JSON, RDF_FORMATS, Format, negotiate
from ..profiles import BY_PROFILE, HEALTHDCAT_AP, chosen_profile, said_of
from ..rdf import send_graph, writer
from ..reading import Reading
from ..rendering import REVALIDATE, VARY, Form, conditional, link_header, render
from .common import CatalogueOf, answers, see_other, send

router = APIRouter(route_class=Reading)

CATALOG = "/catalog"
COMPLETENESS = "completeness"
FORMS = tuple(Form(one.title, f"{CATALOG}.{one.name}", one.media_type) for one in RDF_FORMATS)
"""The forms of the catalogue itself, as links."""


def negotiated(request: Request) -> Format:
    """The form that the Accept header asks for: the page, or one of the graph. Raises NotAcceptableError."""
    return negotiate(request.headers.get("accept"), (HTML, *RDF_FORMATS))[0]


def send_point(request: Request, form: Format) -> Response:
    """The FAIR Data Point in a form."""
    base_url = request.app.state.catalogue.settings.base_url.rstrip("/")
    own = {"Vary": VARY, "Link": link_header(base_url, "/", ())}
    return send_graph(request, request.app.state.catalogue.harvesters.point_graph(), form, own)


def _send_catalogue(request: Request, form: Format) -> Response:
    """The catalogue with all that it lists, under the profile that is asked for. Raises NotAcceptableError.

    Unlike a graph it has the tag of the state that it is of, so that who knows it costs nothing: it is large.
    """
    catalogue = request.app.state.catalogue
    profile = chosen_profile(request, CATALOGUE_PROFILES) or HEALTHDCAT_AP
    links = link_header(catalogue.settings.base_url.rstrip("/"), CATALOG, FORMS)
    own = said_of(profile, {"Vary": BY_PROFILE, "Link": links, "Cache-Control": REVALIDATE})
    body = catalogue.harvesters.catalogue_document(profile.name, writer(form))
    return conditional(request, body, form.media_type, own)


@router.get(CATALOG, include_in_schema=False)
def catalog(request: Request) -> Response:
    """The catalogue as ``dcat:Catalog``; 303 to the home page for people, unless the address names a profile."""
    offered = RDF_FORMATS if request.query_params.get("profile") else (HTML, *RDF_FORMATS)
    form, _ = negotiate(request.headers.get("accept"), offered)
    return see_other(request, "/") if form is HTML else _send_catalogue(request, form)


def _in_form(form: Format) -> None:
    @router.get(f"{CATALOG}.{form.name}", include_in_schema=False)
    def catalog_in_form(request: Request) -> Response:
        """The catalogue in the form of the extension."""
        return _send_catalogue(request, form)


for _form in RDF_FORMATS:
    _in_form(_form)

# --- completeness

_COHORT = Query(description="URN of a cohort, or `agency/identifier[/version]`; by default all, and the catalogue.")


@dataclass(frozen=True, slots=True)
class Summary:
    """A cohort or wave in the overview."""

    checked: Completeness
    mandatory: int
    recommended: int


def summaries(found: Iterable[Completeness]) -> Sequence[Summary]:
    """How much each lacks."""
    counted = ((one, len(one.mandatory)) for one in found)
    return [Summary(one, number, len(one.missing) - number) for one, number in counted]


@router.get(f"/{COMPLETENESS}", include_in_schema=False)
def page_completeness(request: Request, catalogue: CatalogueOf, cohort: str = "") -> Response:
    """What catalogue, cohorts and waves lack of DCAT-AP and HealthDCAT-AP, and where to give it."""
    path = with_query(f"{API}/{COMPLETENESS}", cohort=cohort)
    context = {"found": summaries(_completeness(catalogue, cohort))}
    forms = (Form("JSON", path, JSON.media_type),)
    return render(request, "completeness.html", context, canonical=f"/{COMPLETENESS}", forms=forms)


@router.get(
    f"{API}/{COMPLETENESS}",
    tags=["lists"],
    summary="What cohorts lack of DCAT-AP and HealthDCAT-AP",
    **answers(schemas.CompletenessList, "For the catalogue, each cohort and each wave: what is missing, and where."),
)
def api_completeness(
    request: Request, catalogue: CatalogueOf, cohort: Annotated[str | None, _COHORT] = None
) -> Response:
    """Properties that the application profiles ask for and that nothing is known for."""
    base = catalogue.settings.base_url.rstrip("/")
    return send(request, {"items": [_wire(one, base) for one in _completeness(catalogue, cohort)]})


def _completeness(catalogue: Catalogue, cohort: str | None) -> tuple[Completeness, ...]:
    """Of everything, or of one cohort. Raises NotFoundError, UsageError for what names none."""
    return catalogue.harvesters.completeness(catalogue.container(cohort) if cohort else None)


def _wire(one: Completeness, base: str) -> dict[str, Any]:
    return {**one.as_dict(), "url": base + (item_path(one.study.identification) if one.study else CATALOG)}
