"""The reference adapter: every answer by looking at every document. Slow, and the truth of the contract suite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock

from catalogue.errors import IndexBusyError, IndexUnavailableError
from catalogue.search import analysis
from catalogue.search.foreign import foreign_cursor
from catalogue.search.port import (
    GAP,
    WEIGHTS,
    And,
    Best,
    Between,
    Count,
    Entry,
    Everything,
    Facet,
    Field,
    Fuzzy,
    Having,
    Health,
    Hit,
    IndexState,
    Layer,
    Node,
    Not,
    Or,
    Phrase,
    Position,
    Prefer,
    Prefix,
    SearchDocument,
    SearchRequest,
    SearchResult,
    Sort,
    Term,
    distance_of,
    idf,
)

_DATE_WIDTH = 10

Scores = Mapping[int, float]


@dataclass
class Held:
    """A document as it is looked at: the fields of each of its tokens."""

    entry: Entry
    fields: Mapping[Layer, Mapping[str, frozenset[Field]]] = field(init=False)

    def __post_init__(self) -> None:
        layers = {Layer.WORD: self.entry.words, Layer.STEM: self.entry.stems}
        self.fields = {layer: _fields(by_field) for layer, by_field in layers.items()}


def _fields(by_field: Mapping[Field, Iterable[str]]) -> dict[str, frozenset[Field]]:
    found: dict[str, set[Field]] = {}
    for where, tokens in by_field.items():
        for token in tokens:
            found.setdefault(token, set()).add(where)
    return {token: frozenset(where) for token, where in found.items() if token != GAP}


class Corpus:
    """Some documents, and what each node of a query scores in each of them; what was looked up once is kept."""

    def __init__(self, documents: Mapping[int, Held]) -> None:
        self.documents = documents
        self._frequency: Counter[tuple[Layer, str]] = Counter()
        self._looked_up: dict[Node, Scores] = {}
        for held in documents.values():
            self._frequency.update((layer, token) for layer, tokens in held.fields.items() for token in tokens)

    def idf(self, tokens: Iterable[tuple[Layer, str]]) -> float:
        """Of the most frequent of some tokens."""
        return idf(len(self.documents), max((self._frequency[token] for token in tokens), default=0))

    def matching(self, node: Node) -> Scores:
        """What each document that matches scores, by key."""
        if isinstance(node, And | Or | Best | Not | Prefer):
            return _COMBINED[type(node)](self, node)
        if node not in self._looked_up:
            scores = {key: _SCORERS[type(node)](self, node, held) for key, held in self.documents.items()}
            self._looked_up[node] = {key: score for key, score in scores.items() if score is not None}
        return self._looked_up[node]

    def words(self) -> Iterator[tuple[str, int]]:
        """Every word, and how many documents have it."""
        return ((token, count) for (layer, token), count in self._frequency.items() if layer is Layer.WORD)

    # --- one per kind of node that looks into a document

    def _term(self, node: Term, held: Held) -> float | None:
        found = [
            token.factor * weight
            for token in node.tokens
            if (weight := _weight(held.fields[token.layer].get(token.text, ()), node.field)) is not None
        ]
        return max(found) * self.idf((token.layer, token.text) for token in node.tokens) if found else None

    def _phrase(self, node: Phrase, held: Held) -> float | None:
        weight = _weight([w for w, words in held.entry.words.items() if _contains(words, node.words)], node.field)
        return None if weight is None else weight * sum(self.idf([(Layer.WORD, word)]) for word in node.words)

    def _prefix(self, node: Prefix, held: Held) -> float | None:
        return self._expanded(held, node.field, lambda word: word.startswith(node.prefix))

    def _fuzzy(self, node: Fuzzy, held: Held) -> float | None:
        return self._expanded(held, node.field, lambda word: distance(word, node.word, node.distance) is not None)

    def _expanded(self, held: Held, where: Field | None, accepts: Callable[[str], bool]) -> float | None:
        found = {one for word, fields in held.fields[Layer.WORD].items() if accepts(word) for one in fields}
        return _weight(found, where)

    def _having(self, node: Having, held: Held) -> float | None:
        return 0.0 if set(node.values) & set(held.entry.document.facets.get(node.facet, ())) else None

    def _between(self, node: Between, held: Held) -> float | None:
        values = held.entry.document.facets.get(node.facet, ())
        within = ((node.low or "") <= value and (node.high is None or value <= node.high) for value in values)
        return 0.0 if any(within) else None

    def _everything(self, _node: Everything, _held: Held) -> float | None:
        return 0.0

    # --- one per kind of node that combines others

    def _and(self, node: And) -> Scores:
        parts = [self.matching(one) for one in node.nodes]
        return {key: sum(part[key] for part in parts) for key in self.documents if all(key in part for part in parts)}

    def _or(self, node: Or) -> Scores:
        parts = [self.matching(one) for one in node.nodes]
        found = {key: [part[key] for part in parts if key in part] for key in self.documents}
        return {key: sum(scores) for key, scores in found.items() if scores}

    def _best(self, node: Best) -> Scores:
        ways = [(self.matching(one), factor) for one, factor in node.ways]
        found = {key: [factor * way[key] for way, factor in ways if key in way] for key in self.documents}
        return {key: max(scores) for key, scores in found.items() if scores}

    def _not(self, node: Not) -> Scores:
        matching = self.matching(node.node)
        return {key: 0.0 for key in self.documents if key not in matching}

    def _prefer(self, node: Prefer) -> Scores:
        preferred = [(self.matching(one), constant) for one, constant in node.preferences]
        return {
            key: score + sum(constant for matching, constant in preferred if key in matching)
            for key, score in self.matching(node.node).items()
        }


_SCORERS: Mapping[type, Callable[..., float | None]] = {
    Term: Corpus._term,
    Phrase: Corpus._phrase,
    Prefix: Corpus._prefix,
    Fuzzy: Corpus._fuzzy,
    Having: Corpus._having,
    Between: Corpus._between,
    Everything: Corpus._everything,
}
_COMBINED: Mapping[type, Callable[..., Scores]] = {
    And: Corpus._and,
    Or: Corpus._or,
    Best: Corpus._best,
    Not: Corpus._not,
    Prefer: Corpus._prefer,
}


def _weight(fields: Iterable[Field], wanted: Field | None) -> float | None:
    return max((WEIGHTS[one] for one in fields if wanted is None or one is wanted), default=None)


def _contains(words: Sequence[str], phrase: Sequence[str]) -> bool:
    length = len(phrase)
    return any(tuple(words[i : i + length]) == tuple(phrase) for i in range(len(words) - length + 1))


@lru_cache(maxsize=200_000)
def distance(one: str, other: str, most: int) -> int | None:
    """The optimal string alignment distance of two words, or None above ``most`` (Boytsov 2011, section 2.2)."""
    if abs(len(one) - len(other)) > most:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        following = [i]
        for j, b in enumerate(other, 1):
            cost = min(row[j] + 1, following[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        before, row = row, following
        if min(row) > most and min(before) > most:
            return None
    return row[-1] if row[-1] <= most else None


# --- the index --------------------------------------------------------------------------------------------------------


class MemoryIndex:
    """A SearchIndex in this process's memory."""

    def __init__(self) -> None:
        self._corpus: Corpus | None = None
        self._state = IndexState(Health.ABSENT)
        self._writing = Lock()
        self._generation = 0

    def search(self, request: SearchRequest) -> SearchResult:
        """See SearchIndex."""
        corpus = self._opened()
        found = corpus.matching(request.query)
        chosen = {key: score for key, score in found.items() if _passes(corpus.documents[key], request.filters)}
        ordered = sorted(
            chosen, key=lambda key: _order(corpus.documents[key].entry.document, chosen[key], request.sort)
        )
        start = _offset(request.cursor)
        relevance = request.sort is Sort.RELEVANCE
        hits = tuple(Hit(key, chosen[key] if relevance else 0.0) for key in ordered[start : start + request.limit])
        following = start + len(hits)
        facets = {facet: self._count(corpus, found, request, facet) for facet in request.facets}
        return SearchResult(hits, len(chosen), facets, str(following) if following < len(ordered) and hits else None)

    def keys(self, query: Node, filters: Mapping[Facet, tuple[str, ...]]) -> Iterator[int]:
        """See SearchIndex."""
        corpus = self._opened()
        found = corpus.matching(query)
        return iter(sorted(key for key in found if _passes(corpus.documents[key], filters)))

    def _count(self, corpus: Corpus, found: Iterable[int], request: SearchRequest, facet: Facet) -> tuple[Count, ...]:
        others = {one: values for one, values in request.filters.items() if one is not facet}
        counts = Counter(
            value
            for key in found
            if _passes(corpus.documents[key], others)
            for value in corpus.documents[key].entry.document.facets.get(facet, ())
        )
        return _most(counts.items(), request.facets[facet])

    def completions(self, prefix: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        words = self._opened().words()
        return _most(((word, count) for word, count in words if word.startswith(prefix)), limit)

    def similar(self, word: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        most = distance_of(word)
        near = [
            (how_far, -count, other)
            for other, count in self._opened().words()
            if other != word and (how_far := distance(word, other, most)) is not None
        ]
        return tuple(Count(other, -count) for _, count, other in sorted(near)[:limit])

    def state(self) -> IndexState:
        """See SearchIndex."""
        return self._state

    @contextmanager
    def writer(self) -> Iterator[MemoryIndex]:
        """See SearchIndex; the index is its own writer."""
        if not self._writing.acquire(blocking=False):
            raise IndexBusyError("The index in memory is being written.")
        try:
            yield self
        finally:
            self._writing.release()

    def apply(self, documents: Iterable[SearchDocument], removed: Sequence[int], position: Position) -> None:
        """See IndexWriter."""
        held = dict(self._corpus.documents) if self._corpus else {}
        for key in removed:
            held.pop(key, None)
        self._show(held | _held(documents), Health.READY, position)

    def withdraw(self) -> None:
        """See IndexWriter."""
        self._generation += 1
        self._corpus, self._state = None, IndexState(Health.ABSENT)

    @contextmanager
    def rebuild(self, total: int) -> Iterator[MemoryRebuild]:
        """See IndexWriter."""
        before = self._corpus, self._state
        making = MemoryRebuild(self, total)
        try:
            yield making
        finally:
            if not making.published:
                self._corpus, self._state = before

    def _show(self, held: Mapping[int, Held], health: Health, position: Position | None, total: int = 0) -> None:
        self._generation += 1
        self._corpus = Corpus(held)
        self._state = IndexState(health, len(held), position, len(held), total, str(self._generation))

    def _opened(self) -> Corpus:
        if self._corpus is None:
            raise IndexUnavailableError("There is no search index yet.")
        return self._corpus

    def close(self) -> None:
        """See SearchIndex."""


class MemoryRebuild:
    """See Rebuild."""

    def __init__(self, index: MemoryIndex, total: int) -> None:
        self._index = index
        self._total = total
        self._held: dict[int, Held] = {}
        self._partly_shown = index._corpus is None
        self.published = False

    def add(self, documents: Iterable[SearchDocument]) -> None:
        """See Rebuild."""
        self._held |= _held(documents)
        if self._partly_shown:
            self._index._show(self._held, Health.BUILDING, None, self._total)
        else:
            state = self._index._state
            self._index._state = IndexState(
                Health.BUILDING, state.documents, state.position, len(self._held), self._total, state.generation
            )

    def publish(self, position: Position) -> None:
        """See Rebuild."""
        self._index._show(self._held, Health.READY, position)
        self.published = True


def _held(documents: Iterable[SearchDocument]) -> dict[int, Held]:
    return {document.key: Held(analysis.entry(document)) for document in documents}


def _passes(held: Held, filters: Mapping[Facet, tuple[str, ...]]) -> bool:
    facets = held.entry.document.facets
    return all(set(values) & set(facets.get(facet, ())) for facet, values in filters.items())


def _order(document: SearchDocument, score: float, sort: Sort) -> tuple[object, ...]:
    return (*_ORDERS[sort](document, score), document.key)


_ORDERS: Mapping[Sort, Callable[[SearchDocument, float], tuple[object, ...]]] = {
    Sort.RELEVANCE: lambda _document, score: (-score,),
    Sort.NAME: lambda document, _score: (document.name,),
    Sort.NAME_EN: lambda document, _score: (document.english_name,),
    Sort.COHORT: lambda document, _score: (document.cohort, document.name),
    Sort.COHORT_EN: lambda document, _score: (document.english_cohort, document.english_name),
    Sort.DATE: lambda document, _score: (tuple(-ord(c) for c in document.date.ljust(_DATE_WIDTH)),),
}


def _most(counts: Iterable[tuple[str, int]], limit: int) -> tuple[Count, ...]:
    ordered = sorted(counts, key=lambda one: (-one[1], one[0]))
    return tuple(Count(value, count) for value, count in ordered[:limit])


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isdecimal():
        raise foreign_cursor()
    return int(cursor)
