"""The search port: what is indexed, what can be asked, what is answered, whatever the engine.

Words are analysed once, by ``analysis``, on both sides: a query tree speaks of tokens, and an engine only has to keep
and match tokens. So every engine finds the same. ``memory`` is the definition of the answers in executable form.

Scores. A term weighs ``idf * max(factor of its token * weight of a field that has the token)``: where a word stands
counts, how often it stands there does not, since the texts are short. ``idf = ln(1 + (N - df + 0.5) / (df + 0.5))``
(Robertson and Zaragoza 2009, section 3.1), N documents, df those that have the term's most frequent token in any field.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol


class Field(StrEnum):
    """Where a word can stand in an item; ``field:word`` asks for one of them.

    A name is made for people and is also found by its parts; an identifier (``ID``) as a whole and by its beginning.
    """

    NAME = "name"
    ID = "id"
    LABEL = "label"
    QUESTION = "question"
    CONCEPT = "concept"
    CATEGORY = "category"
    DESCRIPTION = "description"
    UNIVERSE = "universe"
    STUDY = "study"


class Facet(StrEnum):
    """What hits are counted and filtered by. A value is a code, a year, ``yes``/``no``, or ``agency/identifier``."""

    TYPE = "type"
    COHORT = "cohort"
    STUDY = "study"
    WAVE = "wave"
    YEAR = "year"
    MODE = "mode"
    INSTRUMENT = "instrument"
    CONCEPT = "concept"
    LANGUAGE = "language"
    REPRESENTATION = "representation"
    HAS_QUESTION = "has-question"
    HAS_STATISTICS = "has-statistics"
    HAS_BIOSAMPLE = "has-biosample"
    ACCESS = "access"
    REPRESENTED = "represented"
    SOURCE_QUESTION = "source-question"


class Layer(StrEnum):
    """Words as written but folded (in order, so that phrases can be found), or their stems by language (unordered)."""

    WORD = "word"
    STEM = "stem"


class Sort(StrEnum):
    """Orders of hits. ``NAME`` is by what hits are called where they are shown; ``DATE`` is newest first; ``COHORT`` is
    by cohort, then name; ties go by key. Readers of English have orders of their own, since they see other labels.

    Of hits with equal scores an engine may give any first, as long as pieces give each of them once.
    """

    RELEVANCE = "relevance"
    NAME = "name"
    COHORT = "cohort"
    DATE = "date"
    NAME_EN = "name-en"
    COHORT_EN = "cohort-en"


SORTS: Final = (Sort.RELEVANCE, Sort.NAME, Sort.COHORT, Sort.DATE)
"""The orders that readers choose from; the others follow from their language."""
IN_ENGLISH: Final[Mapping[Sort, Sort]] = MappingProxyType({Sort.NAME: Sort.NAME_EN, Sort.COHORT: Sort.COHORT_EN})

WEIGHTS: Final[Mapping[Field, float]] = MappingProxyType(
    {
        Field.NAME: 8.0,
        Field.ID: 8.0,
        Field.LABEL: 6.0,
        Field.QUESTION: 4.0,
        Field.CONCEPT: 3.0,
        Field.CATEGORY: 2.5,
        Field.DESCRIPTION: 2.0,
        Field.UNIVERSE: 1.5,
        Field.STUDY: 1.0,
    }
)

# Between two texts of one field: a phrase does not reach over it, and nobody can ask for it.
GAP: Final = "¶"
# Grows whenever documents or their tokens are made otherwise: an index of another edition is built anew.
EDITION: Final = 4
# A sort key longer than this is cut.
SORT_WIDTH: Final = 40


# --- what is indexed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SearchText:
    """One text of an item, and its language tag (None: untagged, searched as every language)."""

    field: Field
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """An item as it is handed to an index.

    Attributes:
        key: the store's number of the item; positive.
        texts: everything that it is found by.
        facets: values by facet, each once.
        name: what ``Sort.NAME`` goes by: folded, at most ``SORT_WIDTH`` characters; see ``analysis.sort_key``.
        cohort: likewise for ``Sort.COHORT``.
        date: ISO 8601 date of the collection or its beginning, empty where unknown.
        name_en: ``name`` where readers of English see another; else empty.
        cohort_en: likewise.
    """

    key: int
    texts: tuple[SearchText, ...]
    facets: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    name: str = ""
    cohort: str = ""
    date: str = ""
    name_en: str = ""
    cohort_en: str = ""

    def __post_init__(self) -> None:
        if self.key <= 0:
            raise ValueError(f"a key is positive, not {self.key}")
        for sort in (self.name, self.cohort, self.date, self.name_en, self.cohort_en):
            if len(sort.encode()) > SORT_WIDTH or not sort.isascii():
                raise ValueError(f"a sort key is at most {SORT_WIDTH} ASCII characters: {sort!r}")

    @property
    def english_name(self) -> str:
        """What ``Sort.NAME_EN`` goes by."""
        return self.name_en or self.name

    @property
    def english_cohort(self) -> str:
        """What ``Sort.COHORT_EN`` goes by first."""
        return self.cohort_en or self.cohort


@dataclass(frozen=True, slots=True)
class Entry:
    """A document after analysis: the tokens that every engine keeps.

    Attributes:
        words: by field, the words of its texts in order, ``GAP`` between two texts.
        stems: by field, the stems and other unordered tokens of its texts.
    """

    document: SearchDocument
    words: Mapping[Field, tuple[str, ...]]
    stems: Mapping[Field, frozenset[str]]


# --- what can be asked ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Token:
    """A token and how much finding by it counts, from 0 to 1."""

    text: str
    layer: Layer
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Term:
    """Any of the tokens that one word can stand as; in one field, or in any."""

    tokens: tuple[Token, ...]
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in order, next to each other, in one text. Scores the sum of their idf times the best field's weight."""

    words: tuple[str, ...]
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word of ``Layer.WORD`` that begins so. Scores the best field's weight."""

    prefix: str
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A word within an optimal string alignment distance (a transposition costs 1). Scores the best field's weight."""

    word: str
    distance: int = 1
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class And:
    """All of these; scores add up."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of these; scores add up."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Best:
    """Any of these, each with a factor: different ways to say one thing. Scores the best ``factor * score``."""

    ways: tuple[tuple[Node, float], ...]


@dataclass(frozen=True, slots=True)
class Not:
    """What the node does not match; scores nothing."""

    node: Node


@dataclass(frozen=True, slots=True)
class Having:
    """One of these values of a facet; scores nothing."""

    facet: Facet
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """A value of a facet between two bounds, included, compared as text; an absent bound is open. Scores nothing."""

    facet: Facet
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True, slots=True)
class Everything:
    """Every document; scores nothing."""


@dataclass(frozen=True, slots=True)
class Prefer:
    """What the node matches; what also matches a preference has its constant added to the score."""

    node: Node
    preferences: tuple[tuple[Node, float], ...]


Node = (
    Term | Phrase | Prefix | Fuzzy | And | Or | Best | Not | Having | Between | Everything | Prefer
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One question to an index.

    Attributes:
        query: what hits must match.
        filters: by facet, the chosen values: one of them within a facet, all facets together.
        facets: by facet, how many values to count at most. A facet's counts disregard its own filter, so that choosing
            a second value shows what it would add.
        cursor: ``SearchResult.cursor`` of the previous piece, asked with the same query, filters and sort.
        limit: hits at most; 0 for counts alone.
    """

    query: Node
    filters: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    facets: Mapping[Facet, int] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    cursor: str | None = None
    limit: int = 20


# --- what is answered -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hit:
    """The key of a document, and its score (0 unless sorted by relevance)."""

    key: int
    score: float


@dataclass(frozen=True, slots=True)
class Count:
    """A value, and how many documents have it."""

    value: str
    documents: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A piece of the hits, how many there are in all, and the counts asked for.

    Attributes:
        facets: by facet, the values with most documents, then by value; none with 0.
        cursor: where the next piece begins, or None at the end.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[Facet, tuple[Count, ...]]
    cursor: str | None


class Health(StrEnum):
    """``READY`` answers in full; ``BUILDING`` with what there is; the others cannot answer until it is built anew."""

    READY = "ready"
    BUILDING = "building"
    ABSENT = "absent"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Position:
    """How far an index has followed a store: which store with which past, and the last change applied."""

    store: str
    change: int


@dataclass(frozen=True, slots=True)
class IndexState:
    """How an index is.

    Attributes:
        documents: how many it answers from.
        position: None where nothing was ever published to it.
        done, total: documents, while it is being built.
        generation: changes with every change of what it answers.
        message: what is wrong, for the administrator.
    """

    health: Health
    documents: int = 0
    position: Position | None = None
    done: int = 0
    total: int = 0
    generation: str = ""
    message: str = ""


class SearchIndex(Protocol):
    """A search engine that holds the catalogue. Safe to share between threads. One process writes, any number read.

    Every method but ``state`` and ``close`` raises IndexUnavailableError where the index cannot answer.
    """

    def search(self, request: SearchRequest) -> SearchResult:
        """The hits and counts. Raises UsageError for a malformed cursor."""
        ...

    def keys(self, query: Node, filters: Mapping[Facet, tuple[str, ...]]) -> Iterator[int]:
        """The keys of all hits, ascending; streamed."""
        ...

    def completions(self, prefix: str, limit: int) -> tuple[Count, ...]:
        """The words of ``Layer.WORD`` that begin so, the most frequent first, then by word."""
        ...

    def similar(self, word: str, limit: int) -> tuple[Count, ...]:
        """Words within a distance of 2 (1 up to 4 letters), the nearest first, then the most frequent; never itself."""
        ...

    def state(self) -> IndexState:
        """How the index is now; never raises."""
        ...

    def writer(self) -> AbstractContextManager[IndexWriter]:
        """The right to write. Raises IndexBusyError while another process has it, StorageError without space."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


class IndexWriter(Protocol):
    """What the one writer does. Readers see all of a step or nothing of it."""

    def apply(self, documents: Iterable[SearchDocument], removed: Sequence[int], position: Position) -> None:
        """Put documents in place of those with the same key, take others out, and note the position. Idempotent."""
        ...

    def withdraw(self) -> None:
        """What the index holds is not to be trusted: it stops answering, and whatever is rebuilt answers instead."""
        ...

    def rebuild(self, total: int) -> AbstractContextManager[Rebuild]:
        """A new index beside the old one, which answers meanwhile; ``total`` documents are expected.

        Where there is no old one that can answer, what has been added so far answers. Left without ``publish``, the
        new index is thrown away.
        """
        ...


class Rebuild(Protocol):
    """An index in the making."""

    def add(self, documents: Iterable[SearchDocument]) -> None:
        """Add documents; each key once. The state tells how many there are."""
        ...

    def publish(self, position: Position) -> None:
        """Take the place of the old index."""
        ...


def idf(documents: int, having: int) -> float:
    """How much a term tells that ``having`` of ``documents`` have."""
    return math.log(1 + (documents - having + 0.5) / (having + 0.5))


def distance_of(word: str) -> int:
    """How far a misspelling of a word may be: 1 up to four letters, else 2."""
    return 1 if len(word) <= 4 else 2
