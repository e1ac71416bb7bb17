"""Home, cohorts, help: the pages that are about the catalogue as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from catalogue.errors import CatalogueError
from catalogue.model.contents import StudyContent
from catalogue.service import OAI_ADDRESS, OAI_FORMATS, Catalogue, ContainerSummary

from .. import opensearch
from ..addresses import API, item_path
from ..errors import REFUSALS
from ..i18n import LANGUAGES, locale
from ..introductions import introductions
from ..listings import COHORTS
from ..negotiation import HTML, ITEM_FORMATS, JSON, TURTLE
from ..reading import Reading
from ..rendering import REVALIDATE, VARY, Form, conditional, language_of, render
from ..searching import TYPED_FACETS, TYPED_FIELDS
from ..structured import structured
from . import fdp, linked, sparql, vocabulary
from .common import CatalogueOf, see_other

router = APIRouter(route_class=Reading)
_CARDS = 60
_WORDS = re.compile(r"[a-z]+")

EXAMPLES: Mapping[str, Sequence[tuple[str, str]]] = {
    "fr": (
        ("tabac grossesse", "words"), ('"santé perçue"', "phrase"), ("tabac OU alcool", "or"),
        ("tabac SAUF grossesse", "not"), ("alim*", "prefix"), ("someil~", "fuzzy"), ("categorie:jamais", "field"),
        ("année:2012..2030 poids", "years"), ("(tabac OU alcool) grossesse", "group"), ("perc_*", "code"),
    ),
    "en": (
        ("tobacco pregnancy", "words"), ('"perceived health"', "phrase"), ("tobacco OR alcohol", "or"),
        ("tobacco NOT pregnancy", "not"), ("smok*", "prefix"), ("slepe~", "fuzzy"), ("category:never", "field"),
        ("year:2012..2030 weight", "years"), ("(tobacco OR alcohol) pregnancy", "group"), ("perc_*", "code"),
    ),
}  # fmt: skip
"""What the help shows of the syntax: searches that find something in the examples, and the keys of what they do."""


@dataclass(frozen=True, slots=True)
class Card:
    """A cohort as it is introduced."""

    container: ContainerSummary
    content: StudyContent | None


@dataclass(frozen=True, slots=True)
class Operation:
    """A line of the API's table of contents."""

    method: str
    path: str

    @property
    def key(self) -> str:
        """Of the sentence that says what it does: method and path in words, ``get_items_agency_identifier_version``."""
        words = _WORDS.findall(self.path.removeprefix(API))
        return "_".join([self.method.lower(), *words])


@dataclass(frozen=True, slots=True)
class Door:
    """An address for machines.

    Attributes:
        name: the end of the key of what the help says of it.
        address: as it is written.
        path: where a link to it leads; without one the address is a pattern.
    """

    name: str
    address: str
    path: str | None = None


DOORS = (
    Door("oai", OAI_ADDRESS, f"{OAI_ADDRESS}?verb=Identify"),
    Door("sparql", sparql.ADDRESS, sparql.ADDRESS),
    Door("dumps", linked.DUMPS, linked.DUMPS),
    Door("void", "/.well-known/void", f"{linked.DUMPS}.{TURTLE.name}"),
    Door("changes", "/changes", "/changes"),
    Door("point", "/"),
    Door("catalog", fdp.CATALOG, f"{fdp.CATALOG}.{TURTLE.name}"),
    Door("profile", "/id/…?profile=…"),
    Door("codebook", "/id/…/codebook"),
    Door("linkset", "/id/…/linkset"),
    Door("ontology", vocabulary.ONTOLOGY, vocabulary.ONTOLOGY),
    Door("rdf", vocabulary.COVERAGE, vocabulary.COVERAGE),
    Door("completeness", f"/{fdp.COMPLETENESS}", f"/{fdp.COMPLETENESS}"),
    Door("sitemap", "/sitemap.xml", "/sitemap.xml"),
)
"""Every way in for machines and harvesters, as the help lists them."""


def cards(catalogue: Catalogue, cohorts: Sequence[ContainerSummary]) -> Iterator[Card]:
    """The cohorts with what they say of themselves."""
    contents = introductions(catalogue, [cohort.item.id for cohort in cohorts[:_CARDS]])
    for cohort in cohorts[:_CARDS]:
        content = contents.get(cohort.item.id)
        yield Card(cohort, content if isinstance(content, StudyContent) else None)


@router.get("/", include_in_schema=False)
def home(request: Request, catalogue: CatalogueOf, urn: str = "") -> Response:
    """What this is, how much there is, the cohorts; to machines the FAIR Data Point; with ``?urn=`` 303 to the item."""
    if urn.strip():
        return see_other(request, item_path(catalogue.resolve(urn.strip())))
    if (form := fdp.negotiated(request)) is not HTML:
        return fdp.send_point(request, form)
    cohorts = catalogue.cohorts()
    forms = (Form("JSON", f"{API}/stats", JSON.media_type), *fdp.FORMS)
    context = {
        "stats": catalogue.stats(),
        "cohorts": cohorts,
        "cards": list(cards(catalogue, cohorts)),
        "structured": structured(catalogue),
    }
    return render(request, "home.html", context, canonical="/", forms=forms)


@router.get(f"/{COHORTS}", include_in_schema=False)
def page_cohorts(request: Request, catalogue: CatalogueOf) -> Response:
    """Every cohort."""
    cohorts = catalogue.cohorts()
    forms = (Form("JSON", f"{API}/{COHORTS}", JSON.media_type),)
    context = {"cohorts": cohorts, "cards": list(cards(catalogue, cohorts))}
    return render(request, "cohorts.html", context, canonical=f"/{COHORTS}", forms=forms)


@router.get("/help", include_in_schema=False)
def page_help(request: Request) -> Response:
    """What is where."""
    forms = (Form("OpenAPI", f"{API}/openapi.json", JSON.media_type),)
    examples = EXAMPLES[language_of(request)]
    context = {
        "formats": ITEM_FORMATS,
        "harvested": list(OAI_FORMATS.values()),
        "examples": examples,
        "operations": list(operations(request.app.openapi())),
        "doors": DOORS,
        "typed": {"field": TYPED_FIELDS, "facet": TYPED_FACETS},
    }
    return render(request, "help.html", context, canonical="/help", forms=forms)


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """The operations of an OpenAPI document in its order."""
    for path, methods in document["paths"].items():
        for method in methods:
            yield Operation(method.upper(), path)


@router.get("/help/errors", include_in_schema=False)
def page_errors(request: Request) -> Response:
    """Every error code; each problem document leads here."""
    return render(request, "help_errors.html", {"codes": error_codes()}, canonical="/help/errors")


def error_codes() -> dict[str, int]:
    """Every code that an answer can have, with its status."""
    own = {one.code: one.http_status for one in descendants(CatalogueError)}
    refused = {row.code: status for status, row in REFUSALS.items() if row.code not in own}
    return dict(sorted({**own, **refused}.items(), key=lambda pair: (pair[1], pair[0])))


def descendants(kind: type[CatalogueError]) -> Iterator[type[CatalogueError]]:
    """Every class below one in the tree of errors."""
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


@router.get(opensearch.PATH, include_in_schema=False)
def description(request: Request, catalogue: CatalogueOf) -> Response:
    """What browsers need to search here from their address bar."""
    language = language_of(request)
    body = opensearch.description(locale(language), tuple(LANGUAGES), catalogue.settings.base_url.rstrip("/"))
    return conditional(request, body, opensearch.MEDIA_TYPE, {"Cache-Control": REVALIDATE, "Vary": VARY})


@router.get("/about", include_in_schema=False)
def page_about(request: Request) -> Response:
    """What this catalogue is, and what its examples are not."""
    return render(request, "about.html", canonical="/about")
