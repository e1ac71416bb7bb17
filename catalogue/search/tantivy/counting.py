"""Facet counts.

Counting a facet takes the engine a look at each hit, and a long one where it has several values. So facets that go
together are counted as one (``schema.GROUPS``), and their counts spread over their values afterwards (``combining``),
as long as few combinations occur. Filters by such facets need no look at the hits either. Each document has one
combination of a group, so that these also tell how many hits there are. Counts of the whole index stand in its term
dictionaries, as long as nothing in it is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import tantivy

from catalogue.search.port import Count, Everything, Facet, Node
from catalogue.search.tantivy import combining, schema
from catalogue.search.tantivy.caching import Latest
from catalogue.search.tantivy.combining import Combinations, Distribution, Filters
from catalogue.search.tantivy.postings import Postings
from catalogue.search.tantivy.queries import Compiler, filtered

_Wanted = tuple[tuple[Facet, int], ...]
_Counts = Mapping[Facet, tuple[Count, ...]]
_Groups = tuple[Combinations, ...]
_Buckets = list[tuple[str, int]]

_REMEMBERED = 512
_ALL = 2**31


class Counter:
    """Counts values of facets in one state of the index, and remembers the latest counts.

    Args:
        postings: the state.
        combinations: of each group, what has been learnt of them so far; it is added to.
    """

    def __init__(self, postings: Postings, combinations: Sequence[Combinations]) -> None:
        self._postings = postings
        self._searcher = postings.searcher
        self._combinations = combinations
        self._totals: Latest[tuple[Node, Filters], int] = Latest(_REMEMBERED)
        self._counts: Latest[tuple[Node, Filters, _Wanted], _Counts] = Latest(_REMEMBERED)
        self._distributions: Latest[tuple[Node, Filters, _Groups], tuple[Distribution | None, ...]] = Latest(
            _REMEMBERED
        )
        for one in combinations:
            one.learn(partial(self._every, one))

    def total(self, query: Node, filters: Filters) -> int:
        """How many documents match."""
        found = self.known(query, filters)
        if found is None:
            found = self._postings.count(self._matching(query, filters))
            self._totals.hold((query, filters), found)
        return found

    def known(self, query: Node, filters: Filters) -> int | None:
        """How many documents match, if that needs no counting (any more)."""
        if isinstance(query, Everything) and not filters:
            return self._postings.documents
        return self._totals.held((query, filters))

    def count(self, query: Node, filters: Filters, wanted: Mapping[Facet, int]) -> dict[Facet, tuple[Count, ...]]:
        """The counts of the wanted facets, each under all filters but its own."""
        found = self._by_groups(query, filters, wanted)
        single = {facet: limit for facet, limit in wanted.items() if facet not in found}
        for others, facets in _by_filters(filters, single).items():
            found.update(self._counts.get((query, others, facets), partial(self._count, query, others, facets)))
        return {facet: found[facet] for facet in wanted}

    def _matching(self, query: Node, filters: Filters) -> tantivy.Query:
        return Compiler(self._postings, scoring=False).compile(filtered(query, filters))

    def _is_whole(self, query: Node, filters: Filters) -> bool:
        """Whether all documents match, and nothing else is counted in the term dictionaries."""
        return isinstance(query, Everything) and not filters and not self._postings.deleted

    # --- facets in groups

    def _by_groups(self, query: Node, filters: Filters, limits: Mapping[Facet, int]) -> dict[Facet, tuple[Count, ...]]:
        """The counts of facets that can be counted in groups; filters by facets of a group choose its combinations."""
        asked: dict[Filters, list[Combinations]] = {}
        for one in self._combinations:
            if one.few and not limits.keys().isdisjoint(one.facets):
                asked.setdefault(one.divided(filters)[1], []).append(one)
        found: dict[Facet, tuple[Count, ...]] = {}
        for outside, groups in asked.items():
            for one, distribution in zip(groups, self._distributed(query, outside, tuple(groups)), strict=True):
                if distribution is not None:
                    total, counts = one.spread(distribution, one.divided(filters)[0], limits)
                    self._totals.hold((query, filters), total)
                    found.update(counts)
        return found

    def _distributed(self, query: Node, filters: Filters, groups: _Groups) -> tuple[Distribution | None, ...]:
        return self._distributions.get((query, filters, groups), lambda: self._distribute(query, filters, groups))

    def _distribute(self, query: Node, filters: Filters, groups: _Groups) -> tuple[Distribution | None, ...]:
        if self._is_whole(query, filters):
            buckets = {one.name: self._searcher.terms_with_prefix(one.name, "") for one in groups}
        else:
            # One more than there may be tells that there are more.
            sizes = {one.name: combining.MOST_COMBINATIONS + 1 for one in groups}
            buckets = _buckets(self._searcher, self._matching(query, filters), sizes)
        return tuple(one.distribution(buckets[one.name], partial(self._every, one)) for one in groups)

    def _every(self, combinations: Combinations) -> list[str]:
        return [packed for packed, _ in self._searcher.terms_with_prefix(combinations.name, "")]

    # --- facets by themselves

    def _count(self, query: Node, filters: Filters, wanted: _Wanted) -> _Counts:
        if self._is_whole(query, filters):
            return {facet: self._from_dictionary(facet, limit) for facet, limit in wanted}
        limits = {schema.faceted(facet): limit for facet, limit in wanted}
        buckets = _most_frequent(self._searcher, self._matching(query, filters), limits)
        return {facet: _most(buckets[schema.faceted(facet)], limit) for facet, limit in wanted}

    def _from_dictionary(self, facet: Facet, limit: int) -> tuple[Count, ...]:
        terms = self._searcher.terms_with_prefix(schema.faceted(facet), "", limit=limit)
        return tuple(Count(value, count) for value, count in terms)


def _by_filters(filters: Filters, wanted: Mapping[Facet, int]) -> dict[Filters, _Wanted]:
    found: dict[Filters, list[tuple[Facet, int]]] = {}
    for facet, limit in wanted.items():
        others = tuple(sorted(one for one in filters if one[0] is not facet))
        found.setdefault(others, []).append((facet, limit))
    return {others: tuple(facets) for others, facets in found.items()}


def _most_frequent(searcher: tantivy.Searcher, query: tantivy.Query, sizes: Mapping[str, int]) -> dict[str, _Buckets]:
    """The most frequent values of index fields, ``sizes`` of each, and all that are as frequent as the last of them."""
    asked = {name: max(size, 1) + 1 for name, size in sizes.items()}
    found: dict[str, _Buckets] = {}
    while asked:
        found.update(_buckets(searcher, query, asked))
        for name in list(asked):
            buckets = found[name]
            if len(buckets) < asked[name] or buckets[-1][1] < buckets[max(sizes[name], 1) - 1][1]:
                del asked[name]
            else:
                asked[name] *= 8
    return found


def _buckets(searcher: tantivy.Searcher, query: tantivy.Query, sizes: Mapping[str, int]) -> dict[str, _Buckets]:
    """The most frequent values of index fields, ``sizes`` of each."""
    if not sizes:
        return {}
    answer = searcher.aggregate(query, {name: _terms(name, size) for name, size in sizes.items()})
    return {name: [(one["key"], one["doc_count"]) for one in answer[name]["buckets"]] for name in sizes}


def _terms(name: str, size: int) -> dict[str, dict[str, object]]:
    return {"terms": {"field": name, "size": size, "segment_size": _ALL}}


def _most(counts: Iterable[tuple[str, int]], limit: int) -> tuple[Count, ...]:
    ordered = sorted(counts, key=lambda one: (-one[1], one[0]))
    return tuple(Count(value, count) for value, count in ordered[: max(limit, 0)])
