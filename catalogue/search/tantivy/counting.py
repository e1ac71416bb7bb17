"""Facet counts.

Counting a facet takes the engine a look at each hit, and a long one where it has several values. So facets that go
together are counted as one (``schema.GROUPS``), and their counts spread over their values afterwards: as long as few
combinations occur, which each state of the index is asked for once. Counts of the whole index stand in its term
dictionaries, as long as nothing in it is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

import numpy as np
import tantivy

from catalogue.search.port import Count, Everything, Facet, Node
from catalogue.search.tantivy import schema
from catalogue.search.tantivy.caching import Latest
from catalogue.search.tantivy.postings import Postings
from catalogue.search.tantivy.queries import Compiler, Filters, filtered

_Wanted = tuple[tuple[Facet, int], ...]
_Counts = Mapping[Facet, tuple[Count, ...]]

# Above this, spreading combinations costs more than counting each facet.
MOST_COMBINATIONS: Final = 4_000
_REMEMBERED = 512
_ALL = 2**31


class Counter:
    """Counts values of facets in one state of the index, and remembers the latest counts."""

    def __init__(self, postings: Postings) -> None:
        self._postings = postings
        self._searcher = postings.searcher
        self._combinations: Latest[int, Combinations] = Latest(len(schema.GROUPS))
        self._grouped: Latest[int, bool] = Latest(len(schema.GROUPS))
        self._totals: Latest[tuple[Node, Filters], int] = Latest(_REMEMBERED)
        self._counts: Latest[tuple[Node, Filters, _Wanted], _Counts] = Latest(_REMEMBERED)

    def total(self, query: Node, filters: Filters) -> int:
        """How many documents match."""
        return self._totals.get((query, filters), lambda: self._postings.count(self._matching(query, filters)))

    def _matching(self, query: Node, filters: Filters) -> tantivy.Query:
        return Compiler(self._postings, scoring=False).compile(filtered(query, filters))

    def count(self, query: Node, filters: Filters, wanted: Mapping[Facet, int]) -> dict[Facet, tuple[Count, ...]]:
        """The counts of the wanted facets, each under all filters but its own."""
        found: dict[Facet, tuple[Count, ...]] = {}
        for others, facets in _by_filters(filters, wanted).items():
            found.update(self._counts.get((query, others, facets), partial(self._count, query, others, facets)))
        return {facet: found[facet] for facet in wanted}

    def _count(self, query: Node, filters: Filters, wanted: _Wanted) -> _Counts:
        if isinstance(query, Everything) and not filters and not self._postings.deleted:
            return {facet: self._from_dictionary(facet, limit) for facet, limit in wanted}
        matching = self._matching(query, filters)
        groups, single = self._plan([facet for facet, _ in wanted])
        limits = dict(wanted)
        sizes = {schema.faceted(facet): limits[facet] for facet in single}
        sizes |= {schema.grouped(number): MOST_COMBINATIONS for number in groups}
        found = _aggregate(self._searcher, matching, sizes)
        counts: dict[Facet, Iterable[tuple[str, int]]] = {facet: found[schema.faceted(facet)] for facet in single}
        for number in groups:
            counts.update(self._spread(number, found[schema.grouped(number)]))
        return {facet: _most(counts[facet], limit) for facet, limit in wanted}

    def _spread(self, number: int, buckets: list[tuple[str, int]]) -> dict[Facet, list[tuple[str, int]]]:
        """The counts of a group's facets, from those of its combinations."""
        name = schema.grouped(number)
        found = self._searcher.terms_with_prefix
        made = self._combinations.get(number, lambda: Combinations(number, [packed for packed, _ in found(name, "")]))
        return made.spread(buckets)

    def _from_dictionary(self, facet: Facet, limit: int) -> tuple[Count, ...]:
        terms = self._searcher.terms_with_prefix(schema.faceted(facet), "", limit=limit)
        return tuple(Count(value, count) for value, count in terms)

    def _plan(self, facets: Iterable[Facet]) -> tuple[list[int], list[Facet]]:
        """The groups to count, and the facets to count by themselves."""
        wanted = set(facets)
        groups = [n for n, group in enumerate(schema.GROUPS) if wanted & set(group) and self._is_grouped(n)]
        for number in groups:
            wanted -= set(schema.GROUPS[number])
        return groups, sorted(wanted)

    def _is_grouped(self, number: int) -> bool:
        return self._grouped.get(number, lambda: self._has_few(schema.grouped(number)))

    def _has_few(self, name: str) -> bool:
        return len(self._searcher.terms_with_prefix(name, "", limit=MOST_COMBINATIONS + 1)) <= MOST_COMBINATIONS


def _by_filters(filters: Filters, wanted: Mapping[Facet, int]) -> dict[Filters, _Wanted]:
    found: dict[Filters, list[tuple[Facet, int]]] = {}
    for facet, limit in wanted.items():
        others = tuple(sorted(one for one in filters if one[0] is not facet))
        found.setdefault(others, []).append((facet, limit))
    return {others: tuple(facets) for others, facets in found.items()}


def _aggregate(
    searcher: tantivy.Searcher, query: tantivy.Query, sizes: Mapping[str, int]
) -> dict[str, list[tuple[str, int]]]:
    """The most frequent values of index fields, ``sizes`` of each, and all that are as frequent as the last of them."""
    asked = {name: max(size, 1) + 1 for name, size in sizes.items()}
    found: dict[str, list[tuple[str, int]]] = {}
    while asked:
        answer = searcher.aggregate(query, {name: _terms(name, size) for name, size in asked.items()})
        for name in list(asked):
            buckets = [(bucket["key"], bucket["doc_count"]) for bucket in answer[name]["buckets"]]
            found[name] = buckets
            if len(buckets) < asked[name] or buckets[-1][1] < buckets[max(sizes[name], 1) - 1][1]:
                del asked[name]
            else:
                asked[name] *= 8
    return found


def _terms(name: str, size: int) -> dict[str, dict[str, object]]:
    return {"terms": {"field": name, "size": size, "segment_size": _ALL}}


class Combinations:
    """The combinations of a group's facets, and the values that each of them stands for."""

    def __init__(self, number: int, packed: list[str]) -> None:
        facets = schema.GROUPS[number]
        unpacked = [
            (row, (facet, value))
            for row, one in enumerate(packed)
            for facet, values in zip(facets, schema.unpack(one), strict=True)
            for value in values
        ]
        self._facets = facets
        self._rows = {one: row for row, one in enumerate(packed)}
        self._values = sorted({value for _, value in unpacked})
        codes = {value: code for code, value in enumerate(self._values)}
        self._from = np.array([row for row, _ in unpacked], dtype=np.intp)
        self._to = np.array([codes[value] for _, value in unpacked], dtype=np.intp)

    def spread(self, buckets: Iterable[tuple[str, int]]) -> dict[Facet, list[tuple[str, int]]]:
        """The counts of values, by facet, from those of combinations."""
        counts = np.zeros(len(self._rows))
        for packed, count in buckets:
            counts[self._rows[packed]] = count
        sums = np.bincount(self._to, weights=counts[self._from], minlength=len(self._values)).astype(np.int64)
        found: dict[Facet, list[tuple[str, int]]] = {facet: [] for facet in self._facets}
        for code in np.flatnonzero(sums).tolist():
            facet, value = self._values[code]
            found[facet].append((value, int(sums[code])))
        return found


def _most(counts: Iterable[tuple[str, int]], limit: int) -> tuple[Count, ...]:
    ordered = sorted(counts, key=lambda one: (-one[1], one[0]))
    return tuple(Count(value, count) for value, count in ordered[: max(limit, 0)])
