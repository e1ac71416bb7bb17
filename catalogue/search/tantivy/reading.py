"""One state of the index, from which queries are answered. Safe to share between threads, as the engine is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tantivy

from catalogue.search.port import Count, Hit, Node, SearchRequest, SearchResult, Sort, Term
from catalogue.search.tantivy import schema
from catalogue.search.tantivy.counting import Counter
from catalogue.search.tantivy.cursors import next_cursor, offset
from catalogue.search.tantivy.postings import Postings
from catalogue.search.tantivy.queries import Compiler, Filters, filtered
from catalogue.search.tantivy.vocabulary import FOLDER, Vocabulary

_BATCH = 20_000
_Found = list[tuple[Any, tantivy.DocAddress]]


class Snapshot:
    """What is in an index folder when it is opened.

    Args:
        path: an index, with its vocabulary in a folder of its own once there is one.
    """

    def __init__(self, path: Path) -> None:
        self._searcher = schema.open_index(path).searcher()
        self._postings = Postings(self._searcher)
        self._vocabulary = Vocabulary(path / FOLDER, self._postings.documents_with)
        self._counter = Counter(self._postings)

    def search(self, request: SearchRequest) -> SearchResult:
        """See SearchIndex."""
        filters = tuple((facet, tuple(values)) for facet, values in request.filters.items())
        start = offset(request.cursor)
        found, total = self._found(request, filters, start)
        hits = self._hits(found[: request.limit], request.sort)
        facets = self._counter.count(request.query, filters, request.facets)
        return SearchResult(hits, total, facets, next_cursor(start, len(hits), total))

    def _found(self, request: SearchRequest, filters: Filters, start: int) -> tuple[_Found, int]:
        """Hits, and how many there are in all."""
        query = request.query
        if request.limit <= 0:
            return [], self._counter.total(query, filters)
        if request.sort is not Sort.RELEVANCE:
            order = schema.ORDERS[request.sort]
            return self._sorted(self._query(query, filters, scoring=False), request.limit, start, order)
        if isinstance(query, Term) and not filters:
            first = Compiler(self._postings, scoring=True).compile_first(query, start + request.limit)
            found = self._searcher.search(first, request.limit, count=False, offset=start)
            return found.hits, self._counter.total(query, filters)
        scored: Any = self._searcher.search(self._query(query, filters, scoring=True), request.limit, offset=start)
        return scored.hits, scored.count

    def _sorted(self, query: tantivy.Query, limit: int, start: int, order: str) -> tuple[_Found, int]:
        found: Any = self._searcher.search(query, limit, offset=start, order_by_field=order, order=tantivy.Order.Asc)
        return found.hits, found.count

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
            query = wanted.and_must_match(self._from(keys[-1] + 1))

    def _from(self, key: int) -> tantivy.Query:
        return tantivy.Query.range_query(self._postings.schema, "key", tantivy.FieldType.Unsigned, key)

    def completions(self, prefix: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        return self._vocabulary.completions(prefix, limit)

    def similar(self, word: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        return self._vocabulary.similar(word, limit)
