"""JSON-LD of schema.org inside pages."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from markupsafe import Markup

from catalogue.errors import CatalogueError
from catalogue.service import Catalogue, ItemView

# What could end the element that the document stands in, or a line of a script.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def structured(catalogue: Catalogue, view: ItemView | None = None) -> Callable[[str], Markup]:
    """What a template calls with the page's language, to get the document of an item or of the catalogue.

    Settings of cohorts that are not valid leave a page without it: the page is not about them.
    """

    def document(language: str) -> Markup:
        try:
            found = catalogue.harvesters.structured(view, catalogue.code_rows(view) if view else (), language)
        except CatalogueError:
            return Markup("")
        return Markup(embedded(orjson.dumps(found).decode()))  # noqa: S704 - nothing in it can end the element

    return document


def embedded(json: str) -> str:
    """JSON that is safe within ``<script>``: the same values, without any character that HTML looks for."""
    return json.translate(_ESCAPES)
