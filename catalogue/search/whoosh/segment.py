"""One segment of an index, as arrays by the segment's own document numbers. Nothing in it ever changes."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import orjson
from whoosh.codec.whoosh3 import W3Segment
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import SegmentReader

from catalogue.search.port import Facet, Layer, Sort
from catalogue.search.spelling import Speller
from catalogue.search.whoosh.codec import PackedTermsReader, bits_of, term_starts
from catalogue.search.whoosh.schema import FACET_COLUMNS, KEY, LAYER_FIELDS, SORT_COLUMNS, CodesColumn

Ints = npt.NDArray[np.intp]
Bits = npt.NDArray[np.uint16]
Flags = npt.NDArray[np.bool_]
_WORDS = LAYER_FIELDS[Layer.WORD]
# A character beyond every word, so that it bounds a prefix.
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of a segment in order, where the postings of each begin (and of the last end), documents of each."""

    words: list[str]
    starts: Ints
    counts: Ints

    def range(self, prefix: str) -> tuple[int, int]:
        """The places [start, end) of the words that begin so."""
        return bisect_left(self.words, prefix), bisect_left(self.words, prefix + _LAST)


@dataclass(frozen=True, slots=True)
class Combinations:
    """A facet of a segment. Documents have combinations of values, combinations have values.

    Attributes:
        codes: the combination of each document.
        size: how many combinations there are.
        values: the values, sorted.
        owners, owned: pairs of a combination and (the place of) a value that it has.
    """

    codes: npt.NDArray[Any]
    size: int
    values: list[str]
    owners: Ints
    owned: Ints


class Segment:
    """A segment, opened.

    Args:
        storage: the folder of the index.
        schema: of the index.
        segment: as the table of contents names it. Its deletions are no part of this object: they change.
    """

    def __init__(self, storage: FileStorage, schema: Schema, segment: W3Segment) -> None:
        self._reader = SegmentReader(storage, schema, segment)
        self._terms = cast(PackedTermsReader, self._reader._terms)
        self.size: int = segment.doc_count_all()
        keys = self._reader.column_reader(KEY, translate=False)
        self.keys: Ints = np.frombuffer(keys._dbfile.get(0, 8 * self.size), ">i8").astype(np.intp)
        if len(self.keys) != self.size:
            raise ValueError(f"A segment of {self.size} documents has {len(self.keys)} keys.")
        self._orders: dict[Sort, tuple[npt.NDArray[Any], npt.NDArray[np.bytes_]]] = {}
        self._facets: dict[Facet, Combinations] = {}

    @cached_property
    def lexicon(self) -> Lexicon:
        """Its words; read at first use."""
        ends, starts, counts, text = self._terms.lexicon(_WORDS)
        bounds = ends.tolist()
        words = [text[a:b].decode() for a, b in zip([0, *bounds], bounds, strict=False)]
        return Lexicon(words, starts.astype(np.intp), counts.astype(np.intp))

    @cached_property
    def speller(self) -> Speller:
        """Its words by how they are spelt; made at first use."""
        return Speller(dict(zip(self.lexicon.words, self.lexicon.counts.tolist(), strict=True)))

    def has(self, layer: Layer, token: str) -> bool:
        """Whether any of its documents has a token."""
        return self._terms.extent(LAYER_FIELDS[layer], token.encode())[1] > 0

    def postings(self, layer: Layer, token: str) -> tuple[Ints, Bits]:
        """The documents that have a token, ascending, and in which fields each has it."""
        field = LAYER_FIELDS[layer]
        start, count = self._terms.extent(field, token.encode())
        if layer is Layer.STEM:
            numbers, places = self._terms.postings(field, start, count)
            return numbers.astype(np.intp), places
        docs, bits = self.occurrences(start, count)
        firsts = term_starts(docs)
        if len(firsts) == len(docs):
            return docs, bits
        united: Bits = np.bitwise_or.reduceat(bits, firsts)
        return docs[firsts], united

    def occurrences(self, start: int, count: int) -> tuple[Ints, Bits]:
        """A stretch of all postings of words: documents (ascending within a word only) and the field of each."""
        docs, places = self._terms.postings(_WORDS, start, count)
        return docs.astype(np.intp), bits_of(places)

    def places(self, word: str) -> Ints:
        """Where a word stands, ascending: document << 32 | position in the document."""
        start, count = self._terms.extent(_WORDS, word.encode())
        docs, places = self._terms.postings(_WORDS, start, count)
        return docs.astype(np.intp) << 32 | places

    def facet(self, facet: Facet) -> Combinations:
        """A facet; read at first use."""
        if facet not in self._facets:
            self._facets[facet] = self._facet(facet)
        return self._facets[facet]

    def sort_values(self, sort: Sort) -> tuple[npt.NDArray[Any], npt.NDArray[np.bytes_]]:
        """Codes by document into the sorted values of a column; read at first use."""
        if sort not in self._orders:
            self._orders[sort] = self._order(sort)
        return self._orders[sort]

    def _facet(self, facet: Facet) -> Combinations:
        column = self._column(FACET_COLUMNS[facet])
        lists: list[list[str]] = orjson.loads(b"[" + b",".join(column.values) + b"]")
        values = sorted({value for one in lists for value in one})
        places = {value: place for place, value in enumerate(values)}
        owned = np.array([places[value] for one in lists for value in one], np.intp)
        owners = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
        return Combinations(column.codes, len(lists), values, owners, owned)

    def _order(self, sort: Sort) -> tuple[npt.NDArray[Any], npt.NDArray[np.bytes_]]:
        column = self._column(SORT_COLUMNS[sort])
        return column.codes, np.array(column.values, dtype=np.bytes_)

    def _column(self, name: str) -> CodesColumn.Reader:
        return cast(CodesColumn.Reader, self._reader.column_reader(name, translate=False))
