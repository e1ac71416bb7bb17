"""Whoosh's third codec, with posting lists and segment files laid out for numpy.

All postings of a field lie in one file of document numbers and one of places, term after term, so that a term's list,
and that of all terms with one prefix, is a slice of two arrays. Segments are read out of the memory map instead of from
copies. Terms, columns, deletions, merging and commits are Whoosh's own.

Whoosh never syncs its files and pickles its segments: an index is disposable and never taken from elsewhere. So that
what a disk lost or changed is noticed, a file is read only if its sum is the one that was noted when it was written: of
a segment in the table of contents, of a table of contents at its own end.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import numpy as np
import numpy.typing as npt
from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3PerDocReader, W3Segment, W3TermInfo, W3TermsReader
from whoosh.fields import FieldType, Schema
from whoosh.filedb.compound import CompoundStorage
from whoosh.filedb.filestore import FileStorage, Storage, StorageError
from whoosh.filedb.structfile import BufferFile, StructFile
from whoosh.matching import ListMatcher
from whoosh.system import pack_ushort

from catalogue.search.whoosh.schema import BITS, FIELDS, POSITIONAL, STRETCH_BITS

Docs = npt.NDArray[np.uint32]
Places = npt.NDArray[Any]
_BIT_OF_FIELD: Final = np.array([1 << number for number in range(len(FIELDS))], BITS)
_SUM_BYTES: Final = 4
_PIECE: Final = 1 << 20
_EXTENTS: Final = 20_000
_DOCS, _PLACES, _ENDS, _STARTS, _COUNTS, _TEXT = "docs", "places", "ends", "starts", "counts", "text"


class ViewFile(BufferFile):
    """A file of a segment, read where it is mapped; Whoosh's own BufferFile copies it whole."""

    def __init__(self, buf: memoryview, name: str | None = None) -> None:
        super().__init__(b"", name=name)
        self._buf = buf
        self.file = cast(BinaryIO, _View(buf))

    def __len__(self) -> int:
        return len(self._buf)


class _View:
    """The little of a file object that Whoosh and pickle ask for, over a buffer."""

    def __init__(self, buffer: memoryview) -> None:
        self._buffer = buffer
        self._position = 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._buffer) if size < 0 else self._position + size
        found = bytes(self._buffer[self._position : end])
        self._position += len(found)
        return found

    def readline(self) -> bytes:
        rest = bytes(self._buffer[self._position :])
        end = rest.find(b"\n") + 1 or len(rest)
        self._position += end
        return rest[:end]

    def seek(self, position: int, whence: int = 0) -> int:
        self._position = (0, self._position, len(self._buffer))[whence] + position
        return self._position

    def tell(self) -> int:
        return self._position


class ViewStorage(CompoundStorage):
    """The files inside a segment's compound file, as views of its memory map."""

    def whole(self) -> memoryview:
        """All of it."""
        if self._source is None:
            raise StorageError("Storage was closed")
        return memoryview(self._source)

    def open_file(self, name: str, *args: Any, **kwargs: Any) -> StructFile:
        """See CompoundStorage."""
        if self._source is None:
            raise StorageError("Storage was closed")
        offset, length = self.range(name)
        return ViewFile(memoryview(self._source)[offset : offset + length], name=name)


class DamagedError(Exception):
    """A file is not what was written."""


class PackedSegment(W3Segment):
    """A segment that is read from its memory map.

    Attributes:
        sum: of its file, once it is written.
    """

    sum: int | None = None

    def open_compound_file(self, storage: Storage) -> ViewStorage:
        """See Segment. Raises DamagedError."""
        name = self.make_filename(self.COMPOUND_EXT)
        opened = ViewStorage(storage.open_file(name))
        if self.sum is not None and zlib.crc32(opened.whole()) != self.sum:
            raise DamagedError(f"{name} is not what was written")
        return opened

    def seal(self, folder: Path) -> None:
        """Note the sum of its file."""
        if self.sum is None:
            with (folder / self.make_filename(self.COMPOUND_EXT)).open("rb") as file:
                self.sum = _sum(file)


class SealedStorage(FileStorage):
    """A folder in which a table of contents ends with its sum."""

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """See Storage; a table of contents gets its name when it is complete."""
        path = Path(self.folder) / oldname
        with path.open("rb+") as file:
            file.write(_sum(file).to_bytes(_SUM_BYTES))
        super().rename_file(oldname, newname, safe)  # type: ignore[no-untyped-call]

    def check(self, name: str) -> None:
        """Raises DamagedError for a table of contents that is not what was written."""
        content = (Path(self.folder) / name).read_bytes()
        if zlib.crc32(content[:-_SUM_BYTES]) != int.from_bytes(content[-_SUM_BYTES:]):
            raise DamagedError(f"{name} is not what was written")


def _sum(file: BinaryIO) -> int:
    """Of a file from here to its end."""
    found = 0
    while piece := file.read(_PIECE):
        found = zlib.crc32(piece, found)
    return found


class PackedFieldWriter(W3FieldWriter):
    """Writes posting lists, and the lexicon of fields with positions, as arrays; fed by a PairsPool."""

    def add_postings(self, schema: Schema, lengths: Any, items: Iterable[tuple[str, bytes, bytes]]) -> None:
        """See FieldWriter; but the items are whole posting lists, as a PairsPool gives them."""
        for fieldname, terms in groupby(items, itemgetter(0)):
            self.start_field(fieldname, schema[fieldname])
            for _, token, pairs in terms:
                self._add_term(token, np.frombuffer(pairs, np.uint32).reshape(-1, 2))
            self.finish_field()

    def start_field(self, fieldname: str, fieldobj: FieldType) -> None:
        """See FieldWriter."""
        super().start_field(fieldname, fieldobj)  # type: ignore[no-untyped-call]
        self._positions = fieldname in POSITIONAL
        kinds = (_DOCS, _PLACES, *((_ENDS, _STARTS, _COUNTS, _TEXT) if self._positions else ()))
        self._files = {kind: self._create_file(_extension(fieldname, kind)) for kind in kinds}
        self._ends, self._starts, self._counts = array("Q"), array("Q", [0]), array("I")
        self._length = 0

    def _add_term(self, token: bytes, pairs: npt.NDArray[np.uint32]) -> None:
        docs, places = pairs[:, 0], pairs[:, 1]
        count = len(docs)
        info = W3TermInfo()
        info._df = int(np.count_nonzero(np.diff(docs))) + 1 if self._positions else count
        info._minid, info._maxid, info._weight = int(docs[0]), int(docs[-1]), float(info._df)
        info._maxweight = float(1 << len(FIELDS))
        info.set_extent(self._starts[-1], count)
        self._tindex.add(pack_ushort(self._fieldid) + token, info.to_bytes())
        self._files[_DOCS].write(docs.tobytes())
        self._files[_PLACES].write(places.astype(np.uint32 if self._positions else BITS).tobytes())
        if self._positions:
            self._files[_TEXT].write(token)
            self._length += len(token)
            self._ends.append(self._length)
            self._counts.append(info._df)
            self._starts.append(self._starts[-1] + count)
        else:
            self._starts[0] += count

    def finish_field(self) -> None:
        """See FieldWriter."""
        for kind, numbers in ((_ENDS, self._ends), (_STARTS, self._starts), (_COUNTS, self._counts)):
            if kind in self._files:
                self._files[kind].write(numbers.tobytes())
        for file in self._files.values():
            file.close()
        super().finish_field()  # type: ignore[no-untyped-call]


class PackedTermsReader(W3TermsReader):
    """Reads what PackedFieldWriter wrote. Its methods hold no position in a file, so threads may share it."""

    def __init__(self, codec: W3Codec, storage: Storage, segment: W3Segment) -> None:
        name = segment.make_filename(codec.TERMS_EXT)
        postings = segment.open_file(storage, codec.POSTS_EXT)
        super().__init__(codec, storage.open_file(name), storage.file_length(name), postings)  # type: ignore[no-untyped-call]
        self._open = lambda field, kind: cast(ViewFile, segment.open_file(storage, _extension(field, kind)))
        self._files: dict[tuple[str, str], ViewFile] = {}
        # A segment never changes, and one question looks the same tokens up several times.
        self._extents: dict[tuple[str, bytes], tuple[int, int]] = {}

    def read(self, field: str, kind: str, start: int, count: int, dtype: str) -> npt.NDArray[Any]:
        """``count`` numbers of one of a field's arrays."""
        size = np.dtype(dtype).itemsize
        return np.frombuffer(self._file(field, kind).get(start * size, count * size), dtype)

    def _file(self, field: str, kind: str) -> ViewFile:
        if (field, kind) not in self._files:
            self._files[field, kind] = self._open(field, kind)
        return self._files[field, kind]

    def extent(self, field: str, token: bytes) -> tuple[int, int]:
        """Where a token's postings begin, and how many they are; none for an unknown token."""
        known = self._extents.get((field, token))
        if known is None:
            if len(self._extents) >= _EXTENTS:
                self._extents.clear()
            known = self._extents[field, token] = self._look_up(field, token)
        return known

    def _look_up(self, field: str, token: bytes) -> tuple[int, int]:
        found = self._tindex.get(self._keycoder(field, token))
        if found is None:
            return 0, 0
        offset, (length,) = W3TermInfo.from_bytes(found).extent()
        return offset, length

    def postings(self, field: str, start: int, count: int) -> tuple[Docs, Places]:
        """Document numbers, ascending within a term, and the places (else bits of the fields) in them."""
        docs = self.read(field, _DOCS, start, count, "u4")
        return docs, self.read(field, _PLACES, start, count, "u4" if field in POSITIONAL else "u2")

    def lexicon(self, field: str) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], Docs, bytes]:
        """Of a field with positions: ends of the words in the text, starts of their postings, their documents, text."""
        if field not in self._fieldmap:
            return np.zeros(0, np.uint64), np.zeros(1, np.uint64), np.zeros(0, np.uint32), b""
        text = self._file(field, _TEXT)
        count = len(self._file(field, _ENDS)) // 8
        ends, starts = self.read(field, _ENDS, 0, count, "u8"), self.read(field, _STARTS, 0, count + 1, "u8")
        return ends, starts, self.read(field, _COUNTS, 0, count, "u4"), text.get(0, len(text))

    def close(self) -> None:
        """See TermsReader."""
        for file in self._files.values():
            file.close()
        super().close()  # type: ignore[no-untyped-call]

    def matcher(self, fieldname: str, tbytes: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        """See TermsReader: the postings for Whoosh's own queries."""
        info = self.term_info(fieldname, tbytes)
        start, count = self.extent(fieldname, tbytes)
        docs, places = self.postings(fieldname, start, count)
        firsts = term_starts(docs)
        if fieldname in POSITIONAL:
            weights = np.bitwise_or.reduceat(bits_of(places), firsts)
            values = [piece.tobytes() for piece in np.split(places, firsts[1:])]
        else:
            weights, values = places, [b""] * len(docs)
        ids = docs[firsts].tolist()
        return ListMatcher(
            ids, weights.astype(float).tolist(), values, format_, scorer, term=(fieldname, tbytes), terminfo=info
        )


class PackedPerDocReader(W3PerDocReader):
    """Whoosh's own looks in the file system for lengths, per field of each document that is merged; none are kept."""

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """See PerDocumentReader."""
        return default


class PackedCodec(W3Codec):
    """See the module."""

    length_stats = False

    def per_document_reader(self, storage: Storage, segment: W3Segment) -> PackedPerDocReader:
        """See Codec."""
        return PackedPerDocReader(storage, segment)

    def field_writer(self, storage: Storage, segment: W3Segment) -> PackedFieldWriter:
        """See Codec."""
        return PackedFieldWriter(self, storage, segment)

    def terms_reader(self, storage: Storage, segment: W3Segment) -> PackedTermsReader:
        """See Codec."""
        return PackedTermsReader(self, storage, segment)

    def new_segment(self, storage: Storage, indexname: str) -> PackedSegment:
        """See Codec."""
        return PackedSegment(self, indexname)


def bits_of(places: Places) -> npt.NDArray[np.uint16]:
    """The bit of the field in which each place is."""
    bits: npt.NDArray[np.uint16] = _BIT_OF_FIELD[places >> STRETCH_BITS]
    return bits


def term_starts(docs: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Where each document begins in a word's postings, which name it once per place."""
    return np.flatnonzero(np.concatenate(([True], docs[1:] != docs[:-1]))) if len(docs) else np.zeros(0, np.intp)


def _extension(field: str, kind: str) -> str:
    return f".{field}_{kind}"
