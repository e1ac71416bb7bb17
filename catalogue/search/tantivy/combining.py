"""The combinations of facets that documents have, and the counts of values from the counts of combinations.

What a combination stands for never changes, so what was learnt of them outlives the state of the index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catalogue.search.port import Count, Facet
from catalogue.search.tantivy import schema

# Above this, spreading combinations costs more than counting each facet.
MOST_COMBINATIONS: Final = 4_000
Filters = tuple[tuple[Facet, tuple[str, ...]], ...]
_Ints = NDArray[np.intp]
_Floats = NDArray[np.float64]
_NONE: Final = np.zeros(0, np.intp)


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many documents have each combination that any has, by its number."""

    combinations: _Ints
    documents: _Ints


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of a facet in their order, and the numbers that they have among those of all facets."""

    texts: Sequence[str]
    numbers: _Ints

    def most(self, sums: _Ints, limit: int) -> tuple[Count, ...]:
        """The most frequent; those as frequent as each other in their order."""
        counts = sums[self.numbers]
        best = np.argsort(-counts, kind="stable")[: max(limit, 0)]
        pairs = zip(best.tolist(), counts[best].tolist(), strict=True)
        return tuple(Count(self.texts[place], count) for place, count in pairs if count)


@dataclass(frozen=True, slots=True)
class _Table:
    """Which combination has which values: the n-th of ``having`` has the n-th of ``had``."""

    combinations: int
    having: _Ints
    had: _Ints
    facets: Mapping[Facet, _Values]

    def allowed(self, facet: Facet, values: Iterable[str]) -> _Floats:
        """1 for each combination with one of the values, else 0."""
        wanted = set(values)
        known = self.facets.get(facet, _Values((), _NONE))
        numbers = [number for text, number in zip(known.texts, known.numbers, strict=True) if text in wanted]
        found = np.zeros(self.combinations)
        found[self.having[np.isin(self.had, numbers)]] = 1
        return found

    def sums(self, documents: _Floats) -> _Ints:
        """By the number of a value, how many documents have it."""
        return np.bincount(self.had, weights=documents[self.having]).astype(np.intp)


class Combinations:
    """The combinations of a group's facets that are known. Safe to share between threads.

    Args:
        group: its number in ``schema.GROUPS``.
    """

    def __init__(self, group: int) -> None:
        self.name = schema.grouped(group)
        self.facets = schema.GROUPS[group]
        self._lock = Lock()
        self._rows: dict[str, int] = {}
        self._numbers: dict[tuple[Facet, str], int] = {}
        self._pairs: list[tuple[int, int]] = []
        self._table = _Table(0, _NONE, _NONE, {})
        self._many = False

    @property
    def few(self) -> bool:
        """Whether counting combinations is worth it, as far as is known."""
        return not self._many

    def divided(self, filters: Filters) -> tuple[Filters, Filters]:
        """The filters by facets of the group, and the others."""
        inside = tuple(one for one in filters if one[0] in self.facets)
        return inside, tuple(one for one in filters if one not in inside)

    def learn(self, every: Callable[[], Iterable[str]]) -> None:
        """Know all combinations there are, unless some are known."""
        with self._lock:
            if not self._rows and not self._many:
                self._grow(every())

    def distribution(
        self, buckets: Sequence[tuple[str, int]], every: Callable[[], Iterable[str]]
    ) -> Distribution | None:
        """Counts of combinations by their numbers; None where there are too many, and ``few`` tells it from then on.

        ``every`` gives all there are, for when one is not known.
        """
        with self._lock:
            if not all(packed in self._rows for packed, _ in buckets):
                self._grow(every())
            if self._many:
                return None
        rows = np.array([self._rows[packed] for packed, _ in buckets], np.intp)
        return Distribution(rows, np.array([count for _, count in buckets], np.intp))

    def spread(
        self, found: Distribution, filters: Filters, limits: Mapping[Facet, int]
    ) -> tuple[int, dict[Facet, tuple[Count, ...]]]:
        """How many documents pass some filters, and the most frequent values of each facet that has a limit.

        The values of a facet are counted under all filters but its own.
        """
        table = self._table
        documents = np.zeros(table.combinations)
        documents[found.combinations] = found.documents
        allowed = {facet: table.allowed(facet, values) for facet, values in filters}
        passing = reduce(np.multiply, allowed.values(), documents)
        sums = table.sums(passing)
        counts: dict[Facet, tuple[Count, ...]] = {}
        for facet in limits.keys() & set(self.facets):
            others = [one for other, one in allowed.items() if other is not facet]
            own = table.sums(reduce(np.multiply, others, documents)) if facet in allowed else sums
            values = table.facets.get(facet)
            counts[facet] = values.most(own, limits[facet]) if values else ()
        return int(passing.sum()), counts

    def _grow(self, combinations: Iterable[str]) -> None:
        new = [packed for packed in combinations if packed not in self._rows]
        if len(self._rows) + len(new) > MOST_COMBINATIONS:
            self._many = True
            return
        for packed in new:
            self._add(packed)
        self._table = self._made()

    def _add(self, packed: str) -> None:
        row = self._rows[packed] = len(self._rows)
        for facet, values in zip(self.facets, schema.unpack(packed), strict=True):
            for value in values:
                self._pairs.append((row, self._numbers.setdefault((facet, value), len(self._numbers))))

    def _made(self) -> _Table:
        having, had = np.array(self._pairs, np.intp).reshape(-1, 2).T
        by_facet: dict[Facet, list[tuple[str, int]]] = {}
        for (facet, value), number in self._numbers.items():
            by_facet.setdefault(facet, []).append((value, number))
        facets = {facet: _values(sorted(values)) for facet, values in by_facet.items()}
        return _Table(len(self._rows), having, had, facets)


def _values(found: Sequence[tuple[str, int]]) -> _Values:
    return _Values([text for text, _ in found], np.array([number for _, number in found], np.intp))
