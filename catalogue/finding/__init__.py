"""Floor 3: a researcher's search, from what is typed to what is shown. Entry: ``Finder``."""

from catalogue.finding.answers import (
    COUNTED,
    FACET_VALUES,
    ITEM_FACETS,
    MOST_FACET_VALUES,
    MOST_HITS,
    Correction,
    FacetCounts,
    FacetValue,
    FoundItem,
    MarkedText,
    SearchAnswer,
    SearchQuestion,
    Suggestion,
)
from catalogue.finding.asking import years_between
from catalogue.finding.finder import Finder
from catalogue.finding.naming import Called, nameless

__all__ = [
    "COUNTED",
    "FACET_VALUES",
    "ITEM_FACETS",
    "MOST_FACET_VALUES",
    "MOST_HITS",
    "Called",
    "Correction",
    "FacetCounts",
    "FacetValue",
    "Finder",
    "FoundItem",
    "MarkedText",
    "SearchAnswer",
    "SearchQuestion",
    "Suggestion",
    "nameless",
    "years_between",
]
