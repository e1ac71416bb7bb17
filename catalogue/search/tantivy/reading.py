"""One state of the index, from which queries are answered. Safe to share between threads, as the engine is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import tantivy

from catalogue.search.port import Count, Everything, Hit, Node, SearchRequest, SearchResult, Sort
from catalogue.search.tantivy import schema
from catalogue.search.tantivy.combining import Combinations, Filters
from catalogue.search.tantivy.counting import Counter
from catalogue.search.tantivy.cursors import next_cursor, offset
from catalogue.search.tantivy.postings import Postings
from catalogue.search.tantivy.queries import Compiler, filtered, has_leaves
from catalogue.search.tantivy.vocabulary import FOLDER, Vocabulary

_BATCH = 20_000
_HIGHEST = 2**64 - 1
_Found = list[tuple[Any, tantivy.DocAddress]]


class Snapshot:
    """What is in an index folder when it is opened.

    Args:
        path: an index, with its vocabulary in a folder of its own once there is one.
        combinations: see Counter.
    """

    def __init__(self, path: Path, combinations: Sequence[Combinations]) -> None:
        self._searcher = schema.open_index(path).searcher()
        self._postings = Postings(self._searcher)
        self._vocabulary = Vocabulary(path / FOLDER, self._postings.documents_with)
        self._counter = Counter(self._postings, combinations)

    def search(self, request: SearchRequest) -> SearchResult:
        """See SearchIndex."""
        filters = tuple((facet, tuple(values)) for facet, values in request.filters.items())
        start = offset(request.cursor)
        facets = self._counter.count(request.query, filters, request.facets)
        found, total = self._found(request, filters, start)
        hits = self._hits(found[: request.limit], request.sort)
        return SearchResult(hits, total, facets, next_cursor(start, len(hits), total))

    def _found(self, request: SearchRequest, filters: Filters, start: int) -> tuple[_Found, int]:
        """Hits, and how many there are in all."""
        if request.limit <= 0:
            return [], self._counter.total(request.query, filters)
        if request.sort is Sort.RELEVANCE and not filters and isinstance(request.query, Everything):
            return self._by_key(start, request.limit), self._postings.documents
        if request.sort is Sort.RELEVANCE and not filters and has_leaves(request.query):
            first = Compiler(self._postings, scoring=True).compile_first(request.query, start + request.limit)
            return self._sorted(first, request, start, self._counter.total(request.query, filters))
        query = self._query(request.query, filters, scoring=request.sort is Sort.RELEVANCE)
        return self._sorted(query, request, start, self._counter.known(request.query, filters))

    def _by_key(self, start: int, limit: int) -> _Found:
        """All documents are as good as each other: those with the lowest keys, so that few are looked at."""
        wanted = min(start + limit, self._postings.documents)
        highest = wanted
        while self._postings.count(self._between(0, highest)) < wanted:
            highest = min(highest * 8, _HIGHEST)
        first = self._between(0, highest)
        found: Any = self._searcher.search(
            first, limit, count=False, offset=start, order_by_field="key", order=tantivy.Order.Asc
        )
        return [(0.0, address) for _, address in found.hits]

    def _sorted(
        self, query: tantivy.Query, request: SearchRequest, start: int, total: int | None
    ) -> tuple[_Found, int]:
        """A piece of the hits; they are counted where it is not known how many there are."""
        by_field: dict[str, Any] = {}
        if request.sort is not Sort.RELEVANCE:
            by_field = {"order_by_field": schema.ORDERS[request.sort], "order": tantivy.Order.Asc}
        found: Any = self._searcher.search(query, request.limit, count=total is None, offset=start, **by_field)
        return found.hits, found.count if total is None else total

    def _hits(self, found: _Found, sort: Sort) -> tuple[Hit, ...]:
        """Hits with their keys; those of one piece that score the same go by key."""
        keys = self._searcher.fast_field_values("key", [address for _, address in found])
        if sort is not Sort.RELEVANCE:
            return tuple(Hit(int(key or 0), 0.0) for key in keys)
        hits = [Hit(int(key or 0), score) for key, (score, _) in zip(keys, found, strict=True)]
        return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.key)))

    def _query(self, query: Node, filters: Filters, *, scoring: bool) -> tantivy.Query:
        return Compiler(self._postings, scoring=scoring).compile(filtered(query, filters))

    def keys(self, query: Node, filters: Filters) -> Iterator[int]:
        """See SearchIndex."""
        return self._streamed(self._query(query, filters, scoring=False))

    def _streamed(self, wanted: tantivy.Query) -> Iterator[int]:
        query = wanted
        while True:
            found = self._searcher.search(query, _BATCH, count=False, order_by_field="key", order=tantivy.Order.Asc)
            keys: list[int] = [key for key, _ in found.hits]
            yield from keys
            if len(keys) < _BATCH:
                return
            query = wanted.and_must_match(self._between(keys[-1] + 1, None))

    def _between(self, lowest: int, highest: int | None) -> tantivy.Query:
        return tantivy.Query.range_query(self._postings.schema, "key", tantivy.FieldType.Unsigned, lowest, highest)

    def completions(self, prefix: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        return self._vocabulary.completions(prefix, limit)

    def similar(self, word: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        return self._vocabulary.similar(word, limit)
