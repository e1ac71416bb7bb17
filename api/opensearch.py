"""The OpenSearch 1.1 description (draft 6): how a browser or another program searches here."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from .i18n import Locale
from .negotiation import ATOM, CSV, HTML, RIS
from .rendering import fingerprint
from .searching import ADDRESS

MEDIA_TYPE = "application/opensearchdescription+xml"
PATH = "/opensearch.xml"
_NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"


def description(of: Locale, languages: Sequence[str], base_url: str) -> bytes:
    """The document, named in one language."""
    search = f"{base_url}{ADDRESS}"
    root = etree.Element(f"{{{_NAMESPACE}}}OpenSearchDescription", nsmap={None: _NAMESPACE})
    _add(root, "ShortName", of.t("search.short_name"))
    _add(root, "Description", of.t("search.description"))
    _add(root, "Url", type=HTML.media_type, method="get", template=f"{search}?q={{searchTerms}}")
    for form in (ATOM, CSV, RIS):
        _add(root, "Url", type=form.media_type, template=f"{search}.{form.name}?q={{searchTerms}}")
    _add(root, "Url", type=MEDIA_TYPE, rel="self", template=base_url + PATH)
    _add(root, "Image", f"{base_url}/static/mark.svg?v={fingerprint('mark.svg')}", type="image/svg+xml")
    for language in languages:
        _add(root, "Language", language)
    _add(root, "InputEncoding", "UTF-8")
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> None:
    child = etree.SubElement(parent, f"{{{_NAMESPACE}}}{name}", attributes)
    child.text = text
