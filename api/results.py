"""What the search page shows of an answer: what was understood, the chosen values, the facets, the hits' relatives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from catalogue.errors import NotFoundError, UsageError
from catalogue.model.text import InternationalString
from catalogue.service import (
    COUNTED,
    ITEM_FACETS,
    Catalogue,
    Correction,
    Expansion,
    Facet,
    FacetCounts,
    Field,
    FoundItem,
    MarkedText,
    SearchAnswer,
    Stretch,
)

from .searching import ADDRESS, FROM, STEPS, TO, SearchQuery, facet_values
from .values import label_of

_OPEN = (Facet.TYPE, Facet.COHORT, Facet.WAVE, Facet.YEAR)
_LONG = 10
_WIDEST = 60

SAME: Mapping[str, Facet] = {
    "represented": Facet.REPRESENTED,
    "question": Facet.SOURCE_QUESTION,
    "concept": Facet.CONCEPT,
}
"""What hits can share with others, by the name of the link, and the facet that finds those."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet on the page.

    Attributes:
        code: tells it from another value with the same label.
        share: length of its bar, 0 to 100, the longest being 100.
        address: where it is chosen, or no longer.
    """

    value: str
    label: InternationalString
    code: str
    documents: int
    chosen: bool
    share: float
    address: str


@dataclass(frozen=True, slots=True)
class Group:
    """A facet on the page; ``more`` and ``fewer`` are addresses, empty where there are none."""

    facet: Facet
    values: tuple[Value, ...]
    is_open: bool
    more: str
    fewer: str

    @property
    def long(self) -> bool:
        """Whether a box to look through its values is worth its place."""
        return len(self.values) > _LONG and self.facet is not Facet.YEAR

    @property
    def chosen(self) -> int:
        """How many values are chosen."""
        return sum(value.chosen for value in self.values)


@dataclass(frozen=True, slots=True)
class Chip:
    """A chosen value, and where it is taken back."""

    facet: Facet
    label: InternationalString
    address: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A year of the histogram: place, width and height as percentages of the whole."""

    year: int
    documents: int
    place: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Offer:
    """Another search that a link offers, and what it is about."""

    about: Expansion | Correction
    address: str


# --- facets -----------------------------------------------------------------------------------------------------------


def groups(query: SearchQuery, answer: SearchAnswer) -> tuple[Group, ...]:
    """The counted facets that say something, in their order; studies are left out where they are the waves."""
    shown = {facet: answer.facets[facet] for facet in COUNTED if facet in answer.facets and answer.facets[facet].values}
    if shown.get(Facet.STUDY) == shown.get(Facet.WAVE) and not query.chosen(Facet.STUDY):
        shown.pop(Facet.STUDY, None)
    return tuple(_group(query, facet, counts) for facet, counts in shown.items())


def _group(query: SearchQuery, facet: Facet, counts: FacetCounts) -> Group:
    asked = facet_values(query.facets).get(facet)
    step = next((step for step in STEPS if step > (asked or 0)), None)
    values = values_of(query, facet, counts)
    return Group(
        facet,
        values,
        facet in _OPEN or asked is not None or any(one.chosen for one in values),
        query.showing(facet, step).address() if counts.more and step else "",
        query.showing(facet, None).address() if asked is not None else "",
    )


def values_of(query: SearchQuery, facet: Facet, counts: FacetCounts) -> tuple[Value, ...]:
    """The values as the page shows them, the chosen ones first; years from the latest."""
    labels = {one.value: label_of(facet, one.value, one.label) for one in counts.values}
    alike = Counter(labels.values())
    most = max((one.documents for one in counts.values), default=0) or 1
    values = [
        Value(
            one.value,
            labels[one.value],
            one.value if alike[labels[one.value]] > 1 else "",
            one.documents,
            one.chosen,
            100 * one.documents / most,
            query.toggled(facet, one.value).address(),
        )
        for one in counts.values
    ]
    ordered = sorted(values, key=lambda one: one.value, reverse=True) if facet is Facet.YEAR else values
    return tuple(sorted(ordered, key=lambda one: not one.chosen))


def histogram(counts: FacetCounts | None) -> tuple[Bar, ...]:
    """The years on one scale; none where fewer than three are known."""
    years = {int(one.value): one.documents for one in counts.values if one.value.isdecimal()} if counts else {}
    if len(years) < 3:
        return ()
    first, last = max(min(years), max(years) - _WIDEST), max(years)
    width, most = 100 / (last - first + 1), max(years.values()) or 1
    shown = sorted((year, count) for year, count in years.items() if year >= first)
    return tuple(Bar(year, count, (year - first) * width, width, 100 * count / most) for year, count in shown)


# --- what was chosen and understood -----------------------------------------------------------------------------------


def chips(catalogue: Catalogue, query: SearchQuery, answer: SearchAnswer) -> tuple[Chip, ...]:
    """The chosen values, each with the search without it."""
    return tuple(
        Chip(facet, _label(catalogue, answer, facet, value), query.toggled(facet, value).address())
        for facet, values in query.filters.items()
        for value in values
    )


def _label(catalogue: Catalogue, answer: SearchAnswer, facet: Facet, value: str) -> InternationalString:
    counts = answer.facets.get(facet)
    given = next((one.label for one in counts.values if one.value == value), None) if counts else None
    return label_of(facet, value, given or item_label(catalogue, facet, value))


def item_label(catalogue: Catalogue, facet: Facet, value: str) -> InternationalString:
    """The label of an item that is a value of a facet; empty where there is none."""
    if facet not in ITEM_FACETS:
        return InternationalString()
    try:
        return catalogue.container(value).label
    except (NotFoundError, UsageError):
        return InternationalString()


def hidden(query: SearchQuery, shown: Sequence[Group]) -> list[tuple[str, str]]:
    """What the form has to carry along since no control of the page shows it."""
    years = (FROM, TO) if any(group.facet is Facet.YEAR for group in shown) else ()
    controlled = {"q", "sort", "cursor", *years, *(str(group.facet) for group in shown)}
    return [pair for pair in query.pairs() if pair[0] not in controlled]


def expansions(query: SearchQuery, answer: SearchAnswer) -> tuple[Offer, ...]:
    """What the thesaurus added, each with the search without it."""
    return tuple(
        Offer(one, replace(query, without=(*query.without, one.concept.uri), cursor=None).address())
        for one in answer.expansions
    )


def corrections(query: SearchQuery, answer: SearchAnswer) -> tuple[Offer, ...]:
    """Other spellings, each with its search."""
    return tuple(Offer(one, replace(query, q=one.text, cursor=None).address()) for one in answer.corrections)


@dataclass(frozen=True, slots=True)
class Line:
    """A hit on the page.

    Attributes:
        name: its name, marked where that is what was looked for; None without a name.
        seen: other texts in which something matched, by field.
        relatives: the searches for what shares something with it: name of the link, address.
    """

    found: FoundItem
    name: MarkedText | None
    seen: Mapping[Field, tuple[MarkedText, ...]]
    relatives: tuple[tuple[str, str], ...]


# --- hits -------------------------------------------------------------------------------------------------------------


def line(found: FoundItem) -> Line:
    """A hit as the page shows it; its own name is not said twice, nor again in its identifier."""
    name = found.summary.name
    marked = [one for one in found.matches if one.is_marked]
    own = next((one for one in marked if one.field is Field.NAME and one.text == name), None)
    seen: dict[Field, tuple[MarkedText, ...]] = {}
    for one in marked:
        if one is not own and not (own and one.field is Field.ID):
            seen[one.field] = (*seen.get(one.field, ()), one)
    plain = MarkedText(Field.NAME, None, (Stretch(name),)) if name else None
    return Line(found, own or plain, seen, relatives(found))


def relatives(found: FoundItem) -> tuple[tuple[str, str], ...]:
    """The searches for what shares something with a hit: name of the link, address."""
    shared = ((name, facet, found.facets.get(facet, ())) for name, facet in SAME.items())
    return tuple((name, relative(facet, values[0])) for name, facet, values in shared if values)


@lru_cache(maxsize=10_000)
def relative(facet: Facet, value: str) -> str:
    """The search for everything that has a value."""
    return SearchQuery(filters={facet: (value,)}).address(ADDRESS)
