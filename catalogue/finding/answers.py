"""What a search is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalogue.model.text import InternationalString
from catalogue.search.marking import Stretch
from catalogue.search.notes import Note
from catalogue.search.port import (
    Facet,
    Field,
    IndexState,
    Sort,
)
from catalogue.search.syntax import Expansion
from catalogue.store.records import Containers, ItemSummary

# Facets that are counted, in the order in which they are shown. The others only filter.
COUNTED = (
    Facet.TYPE,
    Facet.COHORT,
    Facet.STUDY,
    Facet.WAVE,
    Facet.YEAR,
    Facet.MODE,
    Facet.INSTRUMENT,
    Facet.CONCEPT,
    Facet.LANGUAGE,
    Facet.REPRESENTATION,
    Facet.HAS_QUESTION,
    Facet.HAS_STATISTICS,
    Facet.HAS_BIOSAMPLE,
    Facet.ACCESS,
)
FACET_VALUES = 8
MOST_FACET_VALUES = 500
MOST_HITS = 100
# Facets whose values are items, written ``agency/identifier``.
ITEM_FACETS = frozenset(
    {Facet.COHORT, Facet.STUDY, Facet.WAVE, Facet.INSTRUMENT, Facet.CONCEPT, Facet.REPRESENTED, Facet.SOURCE_QUESTION}
)


@dataclass(frozen=True, slots=True)
class SearchQuestion:
    """What a person asks.

    Attributes:
        text: as typed; empty for everything.
        language: the reader's, ``fr`` or ``en``: its texts rank first.
        filters: by facet, the chosen values.
        years: the first and the last year, both included; an empty one is open.
        facet_values: how many values of a facet to count, where not ``FACET_VALUES``; 0 for a facet that is not wanted.
        expand: whether the thesaurus adds synonyms and translations.
        without: URIs of thesaurus concepts not to expand with.
        cursor: ``SearchAnswer.cursor`` of the previous piece of the same question.
        limit: hits at most, up to ``MOST_HITS``.
        every_word: only hits with all the words, however few.
    """

    text: str = ""
    language: str | None = None
    filters: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    years: tuple[str, str] = ("", "")
    sort: Sort = Sort.RELEVANCE
    facet_values: Mapping[Facet, int] = field(default_factory=dict)
    expand: bool = True
    without: tuple[str, ...] = ()
    cursor: str | None = None
    limit: int = 20
    every_word: bool = False


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text of a hit with its matches marked; cut (with an ellipsis) around the first match where it is long."""

    field: Field
    language: str | None
    fragments: tuple[Stretch, ...]

    @property
    def text(self) -> str:
        """Without marks."""
        return "".join(fragment.text for fragment in self.fragments)

    @property
    def is_marked(self) -> bool:
        """Whether anything in it is what was looked for."""
        return any(fragment.marked for fragment in self.fragments)


@dataclass(frozen=True, slots=True)
class FoundItem:
    """A hit as it is shown; all of it from the store.

    Attributes:
        labels: its label in every language, the reader's first; never empty (the name, else the identifier).
        question: the wording, of a question or of what a variable was asked by, the reader's language first.
        matches: the best few other texts in which something matched.
        facets: its values by facet.
    """

    summary: ItemSummary
    containers: Containers
    score: float
    labels: tuple[MarkedText, ...]
    question: tuple[MarkedText, ...]
    matches: tuple[MarkedText, ...]
    facets: Mapping[Facet, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet.

    Attributes:
        label: in words where the value is an item (``agency/identifier``); else empty, and the page has the words.
        chosen: it is among the filters; such a value is listed even with 0 documents.
    """

    value: str
    documents: int
    label: InternationalString
    chosen: bool


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """The values of a facet with most documents; ``more`` if there are others."""

    values: tuple[FacetValue, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """A query that would find something: the typed one with misspelt words replaced."""

    text: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search found, and how it was understood.

    Attributes:
        question: as asked.
        read: the query that was read, where it differs from the typed one (see ``notes``).
        notes: what could not be taken at its word.
        expansions: what the thesaurus added.
        relaxed: few hits or none have all the words, the others have some of them.
        exact: how many have all the words.
        corrections: other spellings, where little or nothing was found or a field is asked for that there is not.
        index: how the index is; while it is being built, the answer holds what there is.
    """

    question: SearchQuestion
    items: tuple[FoundItem, ...]
    total: int
    facets: Mapping[Facet, FacetCounts]
    cursor: str | None
    read: str
    notes: tuple[Note, ...]
    expansions: tuple[Expansion, ...]
    relaxed: bool
    exact: int
    corrections: tuple[Correction, ...]
    index: IndexState


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What could be meant while typing.

    Attributes:
        text: the query to search for.
        kind: ``word`` or ``item``.
        item: where ``kind`` is ``item``: where to go at once.
        documents: how many have the word; None for the others.
    """

    text: str
    kind: str
    item: ItemSummary | None = None
    label: InternationalString = field(default_factory=InternationalString)
    documents: int | None = None
