"""Whoosh's writer with its pool of postings replaced: it groups by term what comes in order of documents anyway.

Whoosh sorts one Python tuple per posting, and writes one at a time; grouped, a term costs what a posting did.
"""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader
from whoosh.util import random_name
from whoosh.writing import SegmentWriter

from catalogue.search.whoosh.codec import PackedCodec, PackedSegment, PackedTermsReader

# About what a term takes in memory beside its postings.
_TERM_BYTES: Final = 250
_Terms = dict[str, dict[bytes, "array[int]"]]


class PairsPool:
    """Takes postings in order of documents, gives them back by field and term.

    A term's postings are pairs of 32-bit integers: document and place, or document and bits of the fields.

    Args:
        storage: for what exceeds the limit.
        limit: bytes held in memory, about.
    """

    def __init__(self, storage: FileStorage, limit: int) -> None:
        self._storage = storage
        self._limit = limit
        self._terms: _Terms = {}
        self._size = 0
        self._runs: list[str] = []

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """A posting as Whoosh gives it: field, token, document, weight, encoded positions."""
        field, token, docnum, weight, places = item
        pairs = self._pairs(field, token)
        if not places:
            pairs.append(docnum)
            pairs.append(int(weight))
        elif len(places) == 4:
            pairs.append(docnum)
            pairs.frombytes(places)
        else:
            for place in array("I", places):
                pairs.append(docnum)
                pairs.append(place)
        self._size += 8

    def add_pairs(self, field: str, token: bytes, pairs: npt.NDArray[np.uint32]) -> None:
        """Postings of one term, of documents later than all that were added of it."""
        self._pairs(field, token).frombytes(pairs.tobytes())
        self._size += pairs.nbytes

    def iter_postings(self) -> Iterator[tuple[str, bytes, bytes]]:
        """Field, token and pairs of each term, in order."""
        runs = [self._read(name) for name in self._runs]
        if not runs:
            yield from _sorted(self._terms)
            return
        term = itemgetter(0, 1)
        for (field, token), found in groupby(merge(*runs, _sorted(self._terms), key=term), term):
            yield field, token, b"".join(pairs for _, _, pairs in found)

    def cleanup(self) -> None:
        """Throw away what was put on the disk."""
        for name in self._runs:
            with suppress(OSError):
                self._storage.delete_file(name)

    def _pairs(self, field: str, token: bytes) -> array[int]:
        terms = self._terms.setdefault(field, {})
        found = terms.get(token)
        if found is None:
            if self._size > self._limit:
                self._save()
                terms = self._terms.setdefault(field, {})
            found = terms[token] = array("I")
            self._size += _TERM_BYTES
        return found

    def _save(self) -> None:
        name = f"{random_name()}.run"
        with self._storage.create_file(name) as file:
            for term in _sorted(self._terms):
                file.write(marshal.dumps(term))
        self._runs.append(name)
        self._terms, self._size = {}, 0

    def _read(self, name: str) -> Iterator[tuple[str, bytes, bytes]]:
        with self._storage.open_file(name) as file, suppress(EOFError):
            while True:
                yield marshal.load(file.raw_file())  # noqa: S302 - our own file of a moment ago


class PackedWriter(SegmentWriter):
    """Whoosh's writer with our codec and pool.

    Args:
        index: to be written.
        limit: megabytes of postings held in memory, about.
    """

    def __init__(self, index: FileIndex, limit: int) -> None:
        super().__init__(index, codec=PackedCodec())  # type: ignore[no-untyped-call]
        self._pairs = PairsPool(self._tempstorage, limit << 20)
        self.pool = self._pairs  # type: ignore[assignment]

    def _commit_toc(self, segments: Sequence[W3Segment]) -> None:
        for segment in segments:
            cast(PackedSegment, segment).seal(Path(self.storage.folder))
        super()._commit_toc(segments)  # type: ignore[no-untyped-call]

    def add_postings_to_pool(self, reader: SegmentReader, startdoc: int, docmap: Mapping[int, int] | None) -> None:
        """See SegmentWriter: the postings of a segment that is merged, a term at a time."""
        numbers = np.arange(startdoc, startdoc + reader.doc_count_all())
        if docmap is not None:
            numbers = np.full(reader.doc_count_all(), -1)
            numbers[list(docmap)] = list(docmap.values())
        terms = cast(PackedTermsReader, reader._terms)
        for (field, token), info in terms.items():
            start, (count,) = info.extent()
            docs, places = terms.postings(field, start, count)
            pairs = np.column_stack((numbers[docs], places))
            if len(pairs := pairs[pairs[:, 0] >= 0]):
                self._pairs.add_pairs(field, token, pairs.astype(np.uint32))


def _sorted(terms: Mapping[str, Mapping[bytes, Any]]) -> Iterator[tuple[str, bytes, bytes]]:
    for field in sorted(terms):
        for token in sorted(terms[field]):
            yield field, token, terms[field][token].tobytes()
