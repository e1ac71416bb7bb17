"""Values of facets by what they are called: ``mode:"paper questionnaire"`` as well as the code of that mode."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from catalogue.finding.answers import COUNTED, ITEM_FACETS
from catalogue.finding.showing import Kept
from catalogue.search import analysis
from catalogue.search.port import Everything, Facet, SearchIndex, SearchRequest

CODED: Final = frozenset(COUNTED) - ITEM_FACETS - {Facet.YEAR}
"""Facets whose values are codes: few enough to say which there are."""
_MOST: Final = 500

Called = Callable[[Facet, str], Iterable[str]]
"""What readers see for a code of a facet, in every language."""
_Names = Mapping[tuple[str, ...], tuple[str, ...]]


def nameless(_facet: Facet, _value: str) -> Iterable[str]:
    """Codes that are shown as they are."""
    return ()


class ValueNames:
    """The codes of an index by what readers see for them, case, accents and plural aside.

    Args:
        called: what they see.
    """

    def __init__(self, index: SearchIndex, called: Called = nameless) -> None:
        self._index = index
        self._called = called
        self._kept: Kept[Facet, _Names] = Kept()

    def __call__(self, facet: Facet, text: str) -> tuple[str, ...]:
        """The codes that are called so, several where they look the same, else those with all these words in their
        name; none where nothing is."""
        typed = analysis.normal(text)
        if facet not in CODED or not typed:
            return ()
        names = self._kept.get_many(self._index.state().generation, (facet,), self._all)[facet]
        within = (code for name, codes in names.items() if set(typed) <= set(name) for code in codes)
        return names.get(typed) or tuple(dict.fromkeys(within))

    def codes(self, facet: Facet, most: int) -> tuple[str, ...]:
        """The codes that there are, those with most documents first."""
        counted = self._index.search(SearchRequest(Everything(), facets={facet: most}, limit=0)).facets[facet]
        return tuple(one.value for one in counted)

    def _all(self, facets: Iterable[Facet]) -> dict[Facet, _Names]:
        return {facet: self._names(facet) for facet in facets}

    def _names(self, facet: Facet) -> _Names:
        names: dict[tuple[str, ...], dict[str, None]] = {}
        for code in self.codes(facet, _MOST):
            for name in self._called(facet, code):
                names.setdefault(analysis.normal(name), {})[code] = None
        return {name: tuple(codes) for name, codes in names.items()}
