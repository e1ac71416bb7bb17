"""What crawlers look for first: robots.txt (RFC 9309) and sitemaps (sitemaps.org, protocol 0.9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from lxml import etree

from catalogue.errors import NotFoundError
from catalogue.model.report import Message

from ..addresses import item_path
from ..reading import Reading
from ..rendering import REVALIDATE, conditional
from .common import CatalogueOf

router = APIRouter(route_class=Reading)

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XML = "application/xml"
# Endless by their queries, or not for people.
_CLOSED = ("/search", "/api/v1/search", "/api/v1/suggest", "/sparql", "/oai")
_LISTS = ("/cohorts", "/variables", "/questions", "/instruments", "/codelists", "/concepts")
_PAGES = ("/", *_LISTS, "/help", "/help/rdf", "/dumps", "/completeness", "/about")


@router.get("/robots.txt", include_in_schema=False)
def robots(request: Request, catalogue: CatalogueOf) -> Response:
    """Everything may be read but what has no end; the sitemap says what there is."""
    base_url = catalogue.settings.base_url.rstrip("/")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _CLOSED), "", f"Sitemap: {base_url}/sitemap.xml", ""]
    return PlainTextResponse("\n".join(lines), headers={"Cache-Control": "public, max-age=86400"})


@router.get("/sitemap.xml", include_in_schema=False)
def sitemap_index(request: Request, catalogue: CatalogueOf) -> Response:
    """The sitemaps."""
    base_url = catalogue.settings.base_url.rstrip("/")
    names = ["sitemap-pages.xml", *(f"sitemap-{number}.xml" for number in catalogue.harvesters.sitemaps())]
    changed = catalogue.harvesters.changed_at()
    return _send(request, "sitemapindex", "sitemap", ((f"{base_url}/{name}", changed) for name in names))


@router.get("/sitemap-pages.xml", include_in_schema=False)
def sitemap_of_pages(request: Request, catalogue: CatalogueOf) -> Response:
    """The pages that are about the catalogue as a whole."""
    base_url = catalogue.settings.base_url.rstrip("/")
    return _send(request, "urlset", "url", ((base_url + path, None) for path in _PAGES))


@router.get("/sitemap-{number:int}.xml", include_in_schema=False)
def sitemap(request: Request, catalogue: CatalogueOf, number: int) -> Response:
    """A piece of the items."""
    base_url = catalogue.settings.base_url.rstrip("/")
    found = catalogue.harvesters.sitemap(number)
    if not found:
        raise NotFoundError(
            Message(
                f"Il n’y a pas de plan {number}.",
                f"There is no sitemap {number}.",
            ),
            next_step=Message(
                "Voyez sur /sitemap.xml ceux qu’il y a.",
                "See /sitemap.xml for those that there are.",
            ),
        )
    return _send(request, "urlset", "url", ((base_url + item_path(one), moment) for one, moment in found))


def _send(request: Request, root: str, entry: str, rows: Iterable[tuple[str, datetime | None]]) -> Response:
    document = etree.Element(f"{{{_NAMESPACE}}}{root}", nsmap={None: _NAMESPACE})
    for address, moment in rows:
        element = etree.SubElement(document, f"{{{_NAMESPACE}}}{entry}")
        etree.SubElement(element, f"{{{_NAMESPACE}}}loc").text = address
        if moment is not None:
            lastmod = moment.replace(microsecond=0).isoformat()
            etree.SubElement(element, f"{{{_NAMESPACE}}}lastmod").text = lastmod
    body = etree.tostring(document, xml_declaration=True, encoding="utf-8")
    return conditional(request, body, _XML, {"Cache-Control": REVALIDATE})
