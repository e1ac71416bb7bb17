"""Values of facets by what they are called: ``mode:"paper questionnaire"`` as well as the code of that mode."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from catalogue.finding.answers import COUNTED, ITEM_FACETS
from catalogue.finding.showing import Kept
from catalogue.model.text import LocalizedText
from catalogue.search import analysis
from catalogue.search.port import Everything, Facet, SearchIndex, SearchRequest
from catalogue.search.values import Alike

CODED: Final = frozenset(COUNTED) - ITEM_FACETS - {Facet.YEAR}
"""Facets whose values are codes: few enough to say which there are."""
_MOST: Final = 500

Called = Callable[[Facet, str], Iterable[LocalizedText]]
"""What readers see for a code of a facet, in every language; what else it is called comes after."""


def nameless(_facet: Facet, _value: str) -> Iterable[LocalizedText]:
    """Codes that are shown as they are."""
    return ()


@dataclass(frozen=True, slots=True)
class _Name:
    """One name of a code: as it is shown, without case, accents and plural, and its folded words."""

    code: str
    shown: LocalizedText
    normal: tuple[str, ...]
    words: tuple[str, ...]


class ValueNames:
    """The codes of an index by what readers see for them, case, accents and plural aside.

    Args:
        called: what they see.
    """

    def __init__(self, index: SearchIndex, called: Called = nameless) -> None:
        self._index = index
        self._called = called
        self._kept: Kept[Facet, tuple[_Name, ...]] = Kept()

    def __call__(self, facet: Facet, text: str, alike: Alike) -> tuple[str, ...]:
        """The codes that are called so, several where they look the same; none where nothing is."""
        if facet not in CODED or not analysis.normal(text):
            return ()
        fits = _FITTING[alike](text)
        return tuple(dict.fromkeys(name.code for name in self._names(facet) if fits(name)))

    def shown(self, facet: Facet, beginning: str, language: str | None) -> Iterator[str]:
        """The names that readers of a language see, those of most documents first, of the values with a word that
        begins so in it; where there are none, in another language."""
        begins = _beginning(beginning)
        names = self._names(facet)
        own = {name.code: name.shown.text for name in reversed(names) if name.shown.language == language}
        fitting = [name for name in names if begins(name)]
        in_own = [name for name in fitting if name.shown.language == language]
        yield from dict.fromkeys(own.get(name.code, name.shown.text) for name in in_own or fitting)

    def codes(self, facet: Facet, most: int) -> tuple[str, ...]:
        """The codes that there are, those with most documents first."""
        counted = self._index.search(SearchRequest(Everything(), facets={facet: most}, limit=0)).facets[facet]
        return tuple(one.value for one in counted)

    def _names(self, facet: Facet) -> tuple[_Name, ...]:
        return self._kept.get_many(self._index.state().generation, (facet,), self._all)[facet]

    def _all(self, facets: Iterable[Facet]) -> dict[Facet, tuple[_Name, ...]]:
        return {facet: tuple(self._read(facet)) for facet in facets}

    def _read(self, facet: Facet) -> Iterator[_Name]:
        for code in self.codes(facet, _MOST):
            for name in self._called(facet, code):
                yield _Name(code, name, analysis.normal(name.text), _words(name.text))


_Fits = Callable[[_Name], bool]


def _words(text: str) -> tuple[str, ...]:
    return tuple(map(analysis.folded_word, analysis.written_words(text)))


def _whole(text: str) -> _Fits:
    typed = analysis.normal(text)
    return lambda name: name.normal == typed


def _with_words(text: str) -> _Fits:
    typed = frozenset(analysis.normal(text))
    return lambda name: typed <= frozenset(name.normal)


def _beginning(text: str) -> _Fits:
    """The last word as far as it goes, those before it in full."""
    *before, last = _words(text) or ("",)
    return lambda name: frozenset(before) <= frozenset(name.words) and any(one.startswith(last) for one in name.words)


def _beginning_either(text: str) -> _Fits:
    """A word of the name, or the code as it is written."""
    begins = _beginning(text)
    return lambda name: begins(name) or name.code.startswith(text)


_FITTING: Final[Mapping[Alike, Callable[[str], _Fits]]] = {
    Alike.WHOLE: _whole,
    Alike.WORDS: _with_words,
    Alike.BEGINNING: _beginning_either,
}
