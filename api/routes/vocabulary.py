"""The vocabulary that items are described with beside the standard ones, and what goes out by which term."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from catalogue.service import coverage, study_coverage, vocabulary, vocabulary_prefixes, vocabulary_terms

from ..negotiation import HTML, RDF_FORMATS, Format, negotiate
from ..rdf import send_graph
from ..reading import Reading
from ..rendering import VARY, Form, link_header, render

router = APIRouter(route_class=Reading)

ONTOLOGY = "/ontology/ddil"
COVERAGE = "/help/rdf"
_SOURCES = {
    "type": "rdf.from_type",
    "text": "rdf.from_text",
    "attribute": "rdf.from_attribute",
    "reference": "rdf.from_reference",
    "part": "rdf.from_part",
}
# Proper names, the same in every language, by profile.
_VOCABULARIES = {
    "cdi": "DDI Cross Domain Integration (DDI-CDI)",
    "dcat-ap": "DCAT-AP 3",
    "ddil": "ddil",
    "disco": "DDI-RDF Discovery Vocabulary (Disco)",
    "healthdcat-ap": "HealthDCAT-AP",
    "prov": "PROV-O",
    "schema": "schema.org",
    "skos": "SKOS",
    "xkos": "XKOS",
}
_FORMS = tuple(Form(one.title, f"{ONTOLOGY}.{one.name}", one.media_type) for one in RDF_FORMATS)


@router.get(ONTOLOGY, include_in_schema=False)
def ontology(request: Request) -> Response:
    """The ontology: a page, or a graph by the Accept header."""
    form, _ = negotiate(request.headers.get("accept"), (HTML, *RDF_FORMATS))
    if form is HTML:
        context = {"terms": vocabulary_terms()}
        return render(request, "ontology.html", context, canonical=ONTOLOGY, forms=_FORMS)
    return _send(request, form)


def _in_form(form: Format) -> None:
    @router.get(f"{ONTOLOGY}.{form.name}", include_in_schema=False)
    def ontology_in_form(request: Request) -> Response:
        """The ontology in the form of the extension."""
        return _send(request, form)


for _form in RDF_FORMATS:
    _in_form(_form)


def _send(request: Request, form: Format) -> Response:
    base_url = request.app.state.catalogue.settings.base_url.rstrip("/")
    headers = {"Vary": VARY, "Link": link_header(base_url, ONTOLOGY, _FORMS)}
    return send_graph(request, vocabulary(), form, headers)


@router.get(COVERAGE, include_in_schema=False)
def page_coverage(request: Request) -> Response:
    """What of each type of item, and of cohorts and waves as a whole, goes out by which terms."""
    tables = {"rdf.items": coverage(), "rdf.studies": study_coverage()}
    context = {
        "tables": tables,
        "prefixes": vocabulary_prefixes(),
        "ontology": ONTOLOGY,
        "sources": _SOURCES,
        "vocabularies": _VOCABULARIES,
    }
    return render(request, "help_rdf.html", context, canonical=COVERAGE)
