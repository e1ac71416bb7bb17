"""The engines by name; each is imported only when it is chosen, since two of them are optional extras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from catalogue.errors import UsageError
from catalogue.search.port import SearchIndex
from catalogue.settings import Settings


def _whoosh(settings: Settings) -> SearchIndex:
    from catalogue.search.whoosh import WhooshIndex

    return WhooshIndex(settings.search_folder / "whoosh")


def _tantivy(settings: Settings) -> SearchIndex:
    from catalogue.search.tantivy import TantivyIndex

    return TantivyIndex(settings.search_folder / "tantivy")


def _opensearch(settings: Settings) -> SearchIndex:
    from catalogue.search.opensearch import OpenSearchIndex

    return OpenSearchIndex(settings.opensearch_url, settings.opensearch_prefix)


ENGINES: Final[Mapping[str, Callable[[Settings], SearchIndex]]] = {
    "whoosh": _whoosh,
    "tantivy": _tantivy,
    "opensearch": _opensearch,
}


def open_index(settings: Settings) -> SearchIndex:
    """The index that the settings name.

    Raises:
        UsageError: its extra is not installed.
    """
    engine = settings.search_engine
    try:
        return ENGINES[engine](settings)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("catalogue"):
            raise
        raise UsageError(
            f"The search engine {engine} needs the Python package {error.name}, which is not installed.",
            next_step=f"Run: pip install 'cohort-catalogue[{engine}]', or set CATALOGUE_SEARCH_ENGINE=whoosh.",
        ) from error
