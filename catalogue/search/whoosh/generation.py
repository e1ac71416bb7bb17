"""All segments of an index at one moment, as one: documents are numbered through, deleted ones are left out.

A generation never changes; the next one shares the segments that it still has.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC

from catalogue.search.distance import distance
from catalogue.search.port import Count, Facet, Layer, Node, Sort, distance_of
from catalogue.search.whoosh.caching import Recent
from catalogue.search.whoosh.codec import SealedStorage, term_starts
from catalogue.search.whoosh.schema import BITS
from catalogue.search.whoosh.segment import Bits, Combinations, Flags, Ints, Segment

INDEX_NAME = "MAIN"
_FILTERS_KEPT = 64
# What leaves of queries match is kept for the next question while it is about so many times all documents.
_FOUND_KEPT = 2
_ENTRY = 64
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """Documents, ascending, and their scores (None: each scores nothing)."""

    docs: Ints
    scores: Scores | None = None

    def values(self) -> Scores:
        """The scores as an array."""
        return np.zeros(len(self.docs)) if self.scores is None else self.scores


@dataclass(frozen=True, slots=True)
class FacetTable:
    """A facet over all segments; see Combinations."""

    codes: npt.NDArray[Any]
    size: int
    values: list[str]
    owners: Ints
    owned: Ints

    def documents(self, chosen: Flags) -> Flags:
        """The documents that have one of the values chosen."""
        having = np.zeros(self.size, bool)
        having[self.owners[chosen[self.owned]]] = True
        flags: Flags = having[self.codes]
        return flags

    def counts(self, docs: Ints | None) -> npt.NDArray[Any]:
        """How many of some documents (None: of all) have each value."""
        codes = self.codes if docs is None else self.codes[docs]
        combinations = np.bincount(codes, minlength=self.size)
        return np.bincount(self.owned, combinations[self.owners], minlength=len(self.values)).astype(np.intp)


@dataclass(frozen=True)
class Part:
    """A segment, the number of its first document, and which of its documents are not deleted (None: all)."""

    segment: Segment
    base: int
    live: Flags | None

    def postings(self, layer: Layer, token: str) -> tuple[Ints, Bits]:
        """The documents that have a token, ascending, and in which fields each has it."""
        return self.alive(*self.segment.postings(layer, token))

    def alive(self, docs: Ints, bits: Bits) -> tuple[Ints, Bits]:
        """Of some documents those that are not deleted, numbered through, and the bits that go with them."""
        if self.live is None:
            return docs + self.base, bits
        kept = self.live[docs]
        return docs[kept] + self.base, bits[kept]


class Generation:
    """What an index holds at one moment.

    Args:
        parts: the segments in order.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self.size = sum(part.segment.size for part in parts)
        self.keys: Ints = _joined([part.segment.keys for part in parts], np.intp)
        self.live: Flags = _joined([_flags(part) for part in parts], np.bool_)
        self.docs: Ints = np.flatnonzero(self.live)
        self.documents = len(self.docs)
        self.found: Recent[Node, Found] = Recent(self.size * _FOUND_KEPT, lambda one: len(one.docs) + _ENTRY)
        self._filters: Recent[tuple[Facet, tuple[str, ...]], Flags] = Recent(_FILTERS_KEPT)
        self._tables: dict[Facet, FacetTable] = {}
        self._totals: dict[Facet, npt.NDArray[Any]] = {}
        self._orders: dict[Sort, tuple[Ints, npt.NDArray[np.bytes_]]] = {}

    # --- words

    def postings(self, layer: Layer, token: str) -> tuple[Ints, Bits]:
        """The documents that have a token, ascending, and in which fields each has it."""
        found = [part.postings(layer, token) for part in self._parts if part.segment.has(layer, token)]
        return _joined([docs for docs, _ in found], np.intp), _joined([bits for _, bits in found], BITS)

    def beginning(self, prefix: str) -> list[tuple[Ints, Bits]]:
        """Documents that have a word that begins so, in which field; once per occurrence, unordered."""
        found = []
        for part in self._parts:
            lexicon = part.segment.lexicon
            start, end = (int(lexicon.starts[place]) for place in lexicon.range(prefix))
            found.append(part.alive(*part.segment.occurrences(start, end - start)))
        return found

    def within(self, word: str, most: int) -> list[tuple[Ints, Bits]]:
        """Documents that have a word at a distance of ``most`` or less, in which fields; per word, unordered."""
        found = []
        for part in self._parts:
            for near in part.segment.speller.within(word, most):
                found.append(part.postings(Layer.WORD, near))
        return found

    def places(self, word: str) -> Ints:
        """Where a word stands, ascending: document << 32 | position in the document; deleted documents included."""
        having = (part for part in self._parts if part.segment.has(Layer.WORD, word))
        return _joined([part.segment.places(word) + (part.base << 32) for part in having], np.intp)

    def completions(self, prefix: str, limit: int) -> tuple[Count, ...]:
        """The words that begin so, the most frequent first, then by word.

        The best of each segment are looked up in the others, and more of them until no word left could be among the
        best of all (Fagin et al. 2003, the threshold algorithm).
        """
        counts = [(part.segment.lexicon.words, *self._counts(part, prefix)) for part in self._parts]
        orders = [np.argsort(-found, kind="stable") for _, _, found in counts]
        depth = limit
        while True:
            depth *= 4
            tops = [(words, start + order[:depth]) for (words, start, _), order in zip(counts, orders, strict=True)]
            seen = {words[place] for words, places in tops for place in places.tolist()}
            best = _most({word: sum(_count(word, *one) for one in counts) for word in seen}, limit)
            unseen = sum(
                int(found[order[depth]]) if len(found) > depth else 0
                for (_, _, found), order in zip(counts, orders, strict=True)
            )
            if not unseen or (len(best) == limit and best[-1].documents > unseen):
                return best

    def similar(self, word: str, limit: int) -> tuple[Count, ...]:
        """See SearchIndex."""
        farthest = distance_of(word)
        words = {near for part in self._parts for near in part.segment.speller.within(word, farthest)} - {word}
        counts = {near: len(self.postings(Layer.WORD, near)[0]) for near in words}
        ranked = sorted((distance(word, near, farthest) or 0, -count, near) for near, count in counts.items() if count)
        return tuple(Count(near, -count) for _, count, near in ranked[:limit])

    def _counts(self, part: Part, prefix: str) -> tuple[int, Ints]:
        """The place of the first word of a segment that begins so; how many live documents have it and those after."""
        lexicon = part.segment.lexicon
        start, end = lexicon.range(prefix)
        if part.live is None or start == end:
            return start, lexicon.counts[start:end]
        bounds = lexicon.starts[start : end + 1]
        docs, _ = part.segment.occurrences(int(bounds[0]), int(bounds[-1] - bounds[0]))
        firsts = np.zeros(len(docs), bool)
        firsts[term_starts(docs)] = True
        firsts[bounds[:-1] - bounds[0]] = True
        return start, np.add.reduceat(firsts & part.live[docs], bounds[:-1] - bounds[0], dtype=np.intp)

    # --- facets

    def having(self, facet: Facet, values: Sequence[str]) -> Flags:
        """The documents that have one of these values; kept for the next that asks."""
        return self._filters.get((facet, tuple(sorted(values))), lambda: self._having(facet, values))

    def _having(self, facet: Facet, values: Sequence[str]) -> Flags:
        table = self.facet(facet)
        chosen = np.zeros(len(table.values), bool)
        for value in values:
            place = bisect_left(table.values, value)
            if table.values[place : place + 1] == [value]:
                chosen[place] = True
        return table.documents(chosen) & self.live

    def between(self, facet: Facet, low: str | None, high: str | None) -> Flags:
        """The documents that have a value between two bounds."""
        table = self.facet(facet)
        chosen = np.zeros(len(table.values), bool)
        chosen[
            bisect_left(table.values, low or "") : len(chosen) if high is None else bisect_right(table.values, high)
        ] = True
        return table.documents(chosen) & self.live

    def counts(self, facet: Facet, docs: Ints, limit: int) -> tuple[Count, ...]:
        """The values that most of these documents have, and how many have each."""
        table = self.facet(facet)
        if len(docs) < self.documents:
            counts = table.counts(docs)
        else:
            if facet not in self._totals:
                self._totals[facet] = table.counts(self.docs if self.documents < self.size else None)
            counts = self._totals[facet]
        some = np.flatnonzero(counts)
        best = some[np.argsort(-counts[some], kind="stable")[:limit]]
        return tuple(Count(table.values[place], int(counts[place])) for place in best.tolist())

    def facet(self, facet: Facet) -> FacetTable:
        """A facet over all segments; made at first use."""
        if facet not in self._tables:
            self._tables[facet] = _united([part.segment.facet(facet) for part in self._parts])
        return self._tables[facet]

    # --- orders

    def ordinals(self, sort: Sort) -> tuple[Ints, npt.NDArray[np.bytes_]]:
        """The place of each document's value among the sorted values of a column; made at first use."""
        if sort not in self._orders:
            columns = [part.segment.sort_values(sort) for part in self._parts]
            values, places = np.unique(_joined([values for _, values in columns], np.bytes_), return_inverse=True)
            ordinals, before = [], 0
            for codes, known in columns:
                ordinals.append(places[before : before + len(known)][codes])
                before += len(known)
            self._orders[sort] = _joined(ordinals, np.intp), values
        return self._orders[sort]

    @cached_property
    def ranks(self) -> dict[tuple[Sort, ...], Ints]:
        """By sort columns, the place of each document in their order, then by key; filled at first use."""
        return {}

    def rank(self, sorts: tuple[Sort, ...]) -> Ints:
        """The place of each document in the order of some columns, then by key."""
        if sorts not in self.ranks:
            order = np.lexsort((self.keys, *(self.ordinals(sort)[0] for sort in reversed(sorts))))
            rank = np.empty(self.size, np.intp)
            rank[order] = np.arange(self.size)
            self.ranks[sorts] = rank
        return self.ranks[sorts]


class _Files(SealedStorage):
    """Whoosh's folder, which remembers the files that it opens: Whoosh leaves them open where it fails to read them."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)  # type: ignore[no-untyped-call]
        self._opened: list[StructFile] = []

    def open_file(self, name: str, **kwargs: Any) -> StructFile:
        """See FileStorage."""
        if name.endswith(".toc"):
            self.check(name)
        self._opened.append(super().open_file(name, **kwargs))  # type: ignore[no-untyped-call]
        return self._opened[-1]

    def close_all(self) -> None:
        """Close what is still open; segments are mapped by now."""
        for file in self._opened:
            if not file.is_closed:
                file.close()
        self._opened.clear()


@dataclass
class Opener:
    """Opens the generations of an index, one after the other, sharing segments between them."""

    _segments: dict[str, Segment] = field(default_factory=dict)
    _shape: tuple[tuple[str, int], ...] | None = None
    _generation: Generation | None = None

    def open(self, folder: Path) -> Generation:
        """The generation that a folder holds now; the same object where nothing has changed.

        Raises:
            Exception: whatever Whoosh says of files that are absent or damaged.
        """
        storage = _Files(str(folder))
        try:
            return self._open(storage)
        finally:
            storage.close_all()

    def _open(self, storage: FileStorage) -> Generation:
        toc = TOC.read(storage, INDEX_NAME)
        shape = tuple((one.segment_id(), one.deleted_count()) for one in toc.segments)
        if shape != self._shape or self._generation is None:
            opened = {
                one.segment_id(): self._segments.get(one.segment_id()) or Segment(storage, toc.schema, one)
                for one in toc.segments
            }
            self._generation = Generation(_parts(toc.segments, opened))
            self._segments, self._shape = opened, shape
        return self._generation


def _parts(segments: Sequence[W3Segment], opened: Mapping[str, Segment]) -> list[Part]:
    parts, base = [], 0
    for one in segments:
        segment = opened[one.segment_id()]
        live = None
        if one.deleted_count():
            live = np.ones(segment.size, bool)
            live[np.fromiter(one.deleted_docs(), np.intp)] = False
        parts.append(Part(segment, base, live))
        base += segment.size
    return parts


def _flags(part: Part) -> Flags:
    return np.ones(part.segment.size, bool) if part.live is None else part.live


def _united(facets: Sequence[Combinations]) -> FacetTable:
    values = facets[0].values if len(facets) == 1 else sorted({value for one in facets for value in one.values})
    places = {value: place for place, value in enumerate(values)} if len(facets) > 1 else {}
    codes, owners, owned, size = [], [], [], 0
    for one in facets:
        codes.append(one.codes if len(facets) == 1 else one.codes.astype(np.uint32) + np.uint32(size))
        owners.append(one.owners + size)
        owned.append(
            one.owned if len(facets) == 1 else np.array([places[value] for value in one.values], np.intp)[one.owned]
        )
        size += one.size
    return FacetTable(_joined(codes, np.uint32), size, values, _joined(owners, np.intp), _joined(owned, np.intp))


def _joined(arrays: Sequence[npt.NDArray[Any]], dtype: type[Any]) -> npt.NDArray[Any]:
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype)


def _count(word: str, words: Sequence[str], start: int, counts: Ints) -> int:
    """The count of a word, given those of the words from a place on."""
    place = bisect_left(words, word, start, start + len(counts))
    found = place < start + len(counts) and words[place] == word
    return int(counts[place - start]) if found else 0


def _most(counts: Mapping[str, int], limit: int) -> tuple[Count, ...]:
    """The words with most documents, then by word; none with 0."""
    ranked = sorted((-count, word) for word, count in counts.items() if count)
    return tuple(Count(word, -count) for count, word in ranked[:limit])
