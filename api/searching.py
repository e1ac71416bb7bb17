"""A search as it stands in an address, and back: every page, link, file and feed of it is made from this one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar
from urllib.parse import urlencode

from catalogue.errors import UsageError
from catalogue.model.report import Message
from catalogue.service import (
    COUNTED,
    FACET_NAMES,
    FACET_VALUES,
    FIELD_NAMES,
    MOST_FACET_VALUES,
    Facet,
    Field,
    SearchQuestion,
    Sort,
)

ADDRESS = "/search"
HITS = 20
STEPS = (50, MOST_FACET_VALUES)
"""How many values of a facet a page shows when more are asked for, and more again."""
ON_PAGE: Mapping[Facet, int] = {Facet.YEAR: 60}
"""How many it shows at first, where not ``FACET_VALUES``."""

_ALL, _NONE = "all", "none"
_KEPT_AS_WRITTEN = "/:,*~"
FROM, TO = "from", "to"
"""The parameters that limit the years."""

T = TypeVar("T")


def _by_meaning(names: Mapping[str, T]) -> dict[T, tuple[str, ...]]:
    return {one: tuple(name for name, meaning in names.items() if meaning is one) for one in names.values()}


TYPED_FIELDS: Mapping[Field, tuple[str, ...]] = _by_meaning(FIELD_NAMES)
TYPED_FACETS: Mapping[Facet, tuple[str, ...]] = _by_meaning(FACET_NAMES)
"""What can be typed before a colon, by what it stands for."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What an address asks for.

    Attributes:
        years: the first and the last, both included; an empty one is open.
        facets: as written: ``type,cohort:20``, ``all,concept:50``, ``none``; empty for all of them.
        without: URIs of thesaurus concepts that are not to expand the query.
        every: only hits with all the words, however few.
    """

    q: str = ""
    filters: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    years: tuple[str, str] = ("", "")
    sort: Sort = Sort.RELEVANCE
    expand: bool = True
    without: tuple[str, ...] = ()
    every: bool = False
    facets: str = ""
    limit: int = HITS
    cursor: str | None = None

    @property
    def narrowed(self) -> int:
        """How many values are chosen; a range of years is one."""
        return sum(map(len, self.filters.values())) + any(self.years)

    def chosen(self, facet: Facet) -> tuple[str, ...]:
        """The chosen values of a facet."""
        return self.filters.get(facet, ())

    def toggled(self, facet: Facet, value: str) -> SearchQuery:
        """The same with a value chosen, or no longer; from its beginning."""
        kept = tuple(one for one in self.chosen(facet) if one != value)
        values = kept if value in self.chosen(facet) else (*kept, value)
        filters = {name: chosen for name, chosen in {**self.filters, facet: values}.items() if chosen}
        return replace(self, filters=filters, cursor=None)

    def question(self, language: str, shown: Mapping[Facet, int] | None = None) -> SearchQuestion:
        """What the catalogue is asked.

        Args:
            language: the reader's.
            shown: how many values of a facet are counted where the address does not say.

        Raises:
            UsageError: ``facets`` names what is not counted.
        """
        counts = {**(shown or {}), **facet_values(self.facets)}
        return SearchQuestion(
            text=self.q,
            language=language,
            filters=self.filters,
            years=self.years,
            sort=self.sort,
            facet_values=counts,
            expand=self.expand,
            without=self.without,
            every_word=self.every,
            cursor=self.cursor,
            limit=self.limit,
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters that say something, always in the same order."""
        chosen = [(facet.value, value) for facet in Facet for value in self.chosen(facet)]
        rest = (
            *zip((FROM, TO), self.years, strict=True),
            ("sort", self.sort.value if self.sort is not Sort.RELEVANCE else ""),
            ("expand", "" if self.expand else "no"),
            *(("without", uri) for uri in self.without),
            ("every", "yes" if self.every else ""),
            ("facets", self.facets),
            ("limit", str(self.limit) if self.limit != HITS else ""),
            ("cursor", self.cursor or ""),
        )
        return [pair for pair in (("q", self.q), *chosen, *rest) if pair[1]]

    def address(self, path: str = ADDRESS, **more: str) -> str:
        """Its address at a path of this server."""
        pairs = [*self.pairs(), *((name, value) for name, value in more.items() if value)]
        return f"{path}?{urlencode(pairs, safe=_KEPT_AS_WRITTEN)}" if pairs else path

    def whole(self) -> SearchQuery:
        """The same without what concerns only one page of it."""
        return replace(self, facets="", limit=HITS, cursor=None)

    def showing(self, facet: Facet, values: int | None) -> SearchQuery:
        """The same with more values of one facet, or as many as usual."""
        return replace(self, facets=f"{_ALL},{facet.value}:{values}" if values else "", cursor=None)

    def anytime(self) -> SearchQuery:
        """The same in all years; from its beginning."""
        return replace(self, years=("", ""), cursor=None)


def facet_values(text: str) -> dict[Facet, int]:
    """How many values of which facets are asked for; those that go without saying are left out.

    Raises:
        UsageError: a facet that is not counted, or no such number.
    """
    named = [part.strip() for part in text.split(",") if part.strip()]
    others = {} if _ALL in named or not named else dict.fromkeys(COUNTED, 0)
    wanted = dict(_facet_value(part) for part in named if part not in (_ALL, _NONE))
    return {**others, **wanted}


def _facet_value(part: str) -> tuple[Facet, int]:
    name, _, number = part.partition(":")
    found = next((one for one in COUNTED if one.value == name), None)
    count = int(number) if number.isdecimal() and len(number) < 6 else FACET_VALUES if not number else -1
    if found is None or not 0 <= count <= MOST_FACET_VALUES:
        raise UsageError(
            Message(f"« {part} » n’est pas une facette que l’on compte.", f"{part!r} is no facet to count."),
            next_step=Message(
                f"Écrivez none, all ou {', '.join(COUNTED)} ; un nombre peut suivre, jusqu’à {MOST_FACET_VALUES}.",
                f"Write none, all or {', '.join(COUNTED)}; a number to {MOST_FACET_VALUES} may follow a colon.",
            ),
        )
    return found, count


def filters_of(pairs: Sequence[tuple[str, str]]) -> dict[Facet, tuple[str, ...]]:
    """The chosen values by facet among the parameters of an address, each once; those that are no facet's are left."""
    found = {facet: tuple(dict.fromkeys(value for name, value in pairs if name == facet and value)) for facet in Facet}
    return {facet: values for facet, values in found.items() if values}
