"""What an index of Whoosh consists of: two analysed fields, and columns of codes.

``words`` and ``stems`` are combined fields: a posting's weight is, in bits, the port's Fields in which the token
stands. So one posting list answers "in any field", "in this field", and what finding by it scores.
"""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterable, Mapping
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import orjson
from whoosh.analysis import Analyzer, IDTokenizer
from whoosh.columns import Column, ColumnReader, ColumnWriter, NumericColumn
from whoosh.fields import COLUMN, FieldType, Schema
from whoosh.filedb.structfile import StructFile
from whoosh.formats import Existence, Positions

from catalogue.search.port import GAP, WEIGHTS, Entry, Facet, Field, Layer, SearchDocument, Sort

FIELDS: Final = tuple(Field)
# A set of fields in bits.
BITS: Final = np.uint16
# Each Field has a stretch of positions of its own in a document, so no phrase reaches from one into another.
STRETCH_BITS: Final = 24
LAYER_FIELDS: Final = {Layer.WORD: "words", Layer.STEM: "stems"}
POSITIONAL: Final = frozenset({LAYER_FIELDS[Layer.WORD]})
KEY: Final = "key"
FACET_COLUMNS: Final = {facet: f"facet_{facet.name.lower()}" for facet in Facet}
SORT_COLUMNS: Final[Mapping[Sort, str]] = {
    sort: f"sort_{sort.name.lower()}" for sort in Sort if sort is not Sort.RELEVANCE
}
_DATE_WIDTH: Final = 10


class Places(Positions):
    """Whoosh's positions, encoded so that numpy reads them: 32-bit integers."""

    def encode(self, poslist: Iterable[int]) -> bytes:
        """The positions as bytes."""
        return array("I", poslist).tobytes()

    def decode_positions(self, valuestring: bytes) -> list[int]:
        """The bytes as positions."""
        return list(array("I", valuestring))

    def decode_frequency(self, valuestring: bytes) -> int:
        """How many positions there are."""
        return len(valuestring) // 4


class WordsField(FieldType):
    """The words of an Entry, in order."""

    def __init__(self) -> None:
        super().__init__(Places(), cast(Analyzer, IDTokenizer()))

    def index(self, value: Entry, **kwargs: Any) -> Generator[tuple[bytes, int, float, bytes]]:
        """(word, frequency, bits of the fields, encoded positions), once per word."""
        places: dict[str, list[int]] = {}
        bits: dict[str, int] = {}
        for number, where in enumerate(FIELDS):
            for place, word in enumerate(value.words.get(where, ()), number << STRETCH_BITS):
                places.setdefault(word, []).append(place)
                bits[word] = bits.get(word, 0) | 1 << number
        places.pop(GAP, None)
        for word, found in places.items():
            yield word.encode(), len(found), float(bits[word]), array("I", found).tobytes()


class StemsField(FieldType):
    """The unordered tokens of an Entry."""

    def __init__(self) -> None:
        super().__init__(Existence(), cast(Analyzer, IDTokenizer()))

    def index(self, value: Entry, **kwargs: Any) -> Generator[tuple[bytes, int, float, bytes]]:
        """(token, 1, bits of the fields, nothing), once per token."""
        bits: dict[str, int] = {}
        for number, where in enumerate(FIELDS):
            for token in value.stems.get(where, ()):
                bits[token] = bits.get(token, 0) | 1 << number
        for token, found in bits.items():
            yield token.encode(), 1, float(found), b""


class CodesColumn(Column):
    """A byte string per document, held as a code into the sorted list of them.

    Like Whoosh's RefBytesColumn, but without its limit of 65,535 strings, and in the order of the strings, so that
    codes can be compared in their place.
    """

    _default = b""

    class Writer(ColumnWriter):
        """Keeps the codes until the segment is finished."""

        _defaultbytes = b""

        def __init__(self, dbfile: StructFile) -> None:
            self._dbfile = dbfile
            self._codes = array("I")
            self._values: dict[bytes, int] = {}

        def add(self, docnum: int, value: bytes) -> None:
            """A document's string; those of the documents before that had none are empty."""
            self._fill(docnum)
            self._codes.append(self._values.setdefault(value, len(self._values)))

        def finish(self, docnum: int) -> None:
            """Write codes, ends of the strings, strings, how many there are of each."""
            self._fill(docnum)
            ordered = sorted(self._values)
            order = np.empty(len(ordered), np.uint32)
            for place, value in enumerate(ordered):
                order[self._values[value]] = place
            codes = order[np.frombuffer(self._codes, np.uint32)].astype(_code_type(len(ordered)))
            ends = np.cumsum([len(value) for value in ordered], dtype=np.uint32)
            for piece in (codes.tobytes(), ends.tobytes(), b"".join(ordered)):
                self._dbfile.write(piece)
            self._dbfile.write_uint(len(ordered))

        def _fill(self, docnum: int) -> None:
            while len(self._codes) < docnum:
                self._codes.append(self._values.setdefault(b"", len(self._values)))

    class Reader(ColumnReader):
        """The codes as an array, the strings as a list."""

        def __init__(self, dbfile: StructFile, basepos: int, length: int, doccount: int) -> None:
            self._doccount = doccount
            count = dbfile.get_uint(basepos + length - 4)
            kind = np.dtype(_code_type(count))
            ends_at = basepos + doccount * kind.itemsize
            text_at = ends_at + 4 * count
            self.codes: npt.NDArray[Any] = np.frombuffer(dbfile.get(basepos, doccount * kind.itemsize), kind)
            ends = np.frombuffer(dbfile.get(ends_at, 4 * count), np.uint32).tolist()
            text = dbfile.get(text_at, basepos + length - 4 - text_at)
            self.values = [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]

        def __getitem__(self, docnum: int) -> bytes:
            return bytes(self.values[self.codes[docnum]])


def _code_type(count: int) -> type[np.unsignedinteger[Any]]:
    return np.uint8 if count <= 1 << 8 else np.uint16 if count <= 1 << 16 else np.uint32


def schema() -> Schema:
    """The fields of an index."""
    columns = {name: COLUMN(CodesColumn()) for name in (*FACET_COLUMNS.values(), *SORT_COLUMNS.values())}
    return Schema(words=WordsField(), stems=StemsField(), **{KEY: COLUMN(NumericColumn("q"))}, **columns)


def fields_of(entry: Entry) -> dict[str, Any]:
    """What Whoosh's ``add_document`` takes for an entry."""
    document = entry.document
    found: dict[str, Any] = dict.fromkeys(LAYER_FIELDS.values(), entry)
    found[KEY] = document.key
    for facet, name in FACET_COLUMNS.items():
        found[name] = orjson.dumps(sorted(set(document.facets.get(facet, ()))))
    for sort, name in SORT_COLUMNS.items():
        found[name] = _SORT_VALUES[sort](document)
    return found


def _newest_first(document: SearchDocument) -> bytes:
    return bytes(255 - one for one in document.date.ljust(_DATE_WIDTH).encode())


_SORT_VALUES: Final = {
    Sort.NAME: lambda document: document.name.encode(),
    Sort.NAME_EN: lambda document: document.english_name.encode(),
    Sort.COHORT: lambda document: document.cohort.encode(),
    Sort.COHORT_EN: lambda document: document.english_cohort.encode(),
    Sort.DATE: _newest_first,
}
WEIGHT_OF_BITS: Final = {
    where: np.array(
        [
            max((WEIGHTS[one] for n, one in enumerate(FIELDS) if bits >> n & 1 and where in (None, one)), default=-1.0)
            for bits in range(1 << len(FIELDS))
        ]
    )
    for where in (None, *FIELDS)
}
"""By wanted field: for each combination of fields in bits, the best weight of those wanted; -1 where there is none."""
