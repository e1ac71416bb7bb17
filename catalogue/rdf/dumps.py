"""Dumps of the whole catalogue or of a cohort, put together from the files of its document revisions.

Each format of each file is derived once, in a stream, and kept beside it; a dump is the files of its revisions one
after the other. So no graph of the catalogue is ever held, a dump of what has not changed costs nothing, and its
length is known before it is sent. A triple of two revisions is in an N-Triples, Turtle or JSON-LD dump twice, which
says nothing else (RDF 1.1 Concepts, section 3: a graph is a set); the N-Quads dump says of which revisions it is, and
has each quad once. Merging the files, which are sorted, would drop these few (4 in 1,000 of the examples), and cost
reading, comparing and compressing the whole catalogue again after each change of one document.
"""

from __future__ import annotations

import errno
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyoxigraph

from catalogue.durable import replacing, storage
from catalogue.errors import StorageError
from catalogue.model.report import Message
from catalogue.rdf.compression import DAMAGED, compressed, compressing, decompressing
from catalogue.rdf.files import TRIPLES, DamagedFileError, GraphFile

_DAMAGED: Final[tuple[type[Exception], ...]] = (*DAMAGED, SyntaxError)
_WHAT: Final = "A dump"
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A file of triples, the name of its graph, and the prefixes to write with."""

    path: Path
    graph: str
    prefixes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DumpFormat:
    """A format of dumps.

    Attributes:
        extension: without ``.gz``.
        iri: how VoID and DCAT name the format (W3C, Unique URIs for File Formats).
        derive: writes a file of triples in this format; None where it is this format.
        frame: what comes before, between and after the files.
    """

    extension: str
    media_type: str
    iri: str
    title: str
    derive: Callable[[Source, Any], None] | None = None
    frame: tuple[bytes, bytes, bytes] = (b"", b"", b"")


def _to_quads(source: Source, out: Any) -> None:
    end = b" <" + source.graph.encode() + b"> .\n"
    with decompressing(source.path) as stream:
        while block := stream.read(_BLOCK):
            out.write((block + stream.readline()).replace(b" .\n", end))


def _to_turtle(source: Source, out: Any) -> None:
    _serialize(source, out, pyoxigraph.RdfFormat.TURTLE, prefixes=dict(source.prefixes))


def _to_json_ld(source: Source, out: Any) -> None:
    """The elements of an array, without its brackets."""
    _serialize(source, _Inner(out), pyoxigraph.RdfFormat.JSON_LD)


def _serialize(source: Source, out: Any, form: pyoxigraph.RdfFormat, **options: Any) -> None:
    """From Oxigraph's parser to its serialiser, past Python."""
    with decompressing(source.path) as stream:
        quads = pyoxigraph.parse(stream, pyoxigraph.RdfFormat.N_TRIPLES, lenient=True)
        pyoxigraph.serialize(quads, out, form, **options)


_FORMATS_IRI: Final = "http://www.w3.org/ns/formats/"
FORMATS: Final = (
    DumpFormat("nt", "application/n-triples", f"{_FORMATS_IRI}N-Triples", "N-Triples"),
    DumpFormat("nq", "application/n-quads", f"{_FORMATS_IRI}N-Quads", "N-Quads", _to_quads),
    DumpFormat("ttl", "text/turtle", f"{_FORMATS_IRI}Turtle", "Turtle", _to_turtle),
    DumpFormat("jsonld", "application/ld+json", f"{_FORMATS_IRI}JSON-LD", "JSON-LD", _to_json_ld, (b"[", b",", b"]")),
)
"""Every format; a further one is a further row."""


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump, ready to be sent.

    Attributes:
        segments: files and bytes, each a gzip file by itself.
        size: bytes of all.
        modified: when the newest of its files was written; None of an empty dump.
        tag: changes with every byte.
        triples: in all its files.
    """

    segments: tuple[Path | bytes, ...]
    size: int
    modified: datetime | None
    tag: str
    triples: int

    def read(self, part: range | None = None) -> Iterator[bytes]:
        """The bytes, or a part of them, in pieces.

        Every file is opened before this returns: one that is replaced or removed meanwhile is read to its end. One
        that was replaced before raises FileNotFoundError: make the dump again.

        Raises:
            StorageError: these are more files than the process may have open.
        """
        wanted = range(self.size) if part is None else part
        spans: list[tuple[BinaryIO, int, int]] = []
        start = 0
        with ExitStack() as opening:
            for segment in self.segments:
                size = _size(segment)
                first, last = max(wanted.start - start, 0), min(wanted.stop - start, size)
                if first < last:
                    spans.append((opening.enter_context(self._opened(segment)), first, last))
                start += size
            return _sent(spans, opening.pop_all())

    def _opened(self, segment: Path | bytes) -> BinaryIO:
        if isinstance(segment, bytes):
            return io.BytesIO(segment)
        try:
            return segment.open("rb")
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            raise StorageError(
                Message(
                    f"Cet export est fait de {len(self.segments)} fichiers, plus que ce processus ne peut en ouvrir.",
                    f"This dump is made of {len(self.segments)} files, more than this process may have open.",
                ),
                next_step=Message(
                    "Demandez l’export d’une cohorte, ou relevez la limite de fichiers ouverts (ulimit -n) du serveur.",
                    "Ask for the dump of one cohort, or raise the limit of open files (ulimit -n) of the server.",
                ),
            ) from error


class Dumps:
    """Makes dumps.

    Args:
        graph: the name of a revision's graph.
        prefixes: what Turtle is written with.
    """

    def __init__(self, graph: Callable[[str], str], prefixes: Mapping[str, str]) -> None:
        self._graph = graph
        self._prefixes = prefixes

    def derive(self, file: GraphFile) -> None:
        """Make every format of a file, where it is not there. Raises StorageError."""
        for form in FORMATS:
            self._of(file, form)

    def make(self, files: Sequence[GraphFile], form: DumpFormat) -> Dump:
        """A dump of some files in one format; what has not been derived yet is derived now. Raises StorageError."""
        kept = sorted((file for file in files if file.triples), key=lambda file: file.revision)
        before, between, after = (_member(text) for text in form.frame)
        segments: list[Path | bytes] = [before]
        for number, file in enumerate(kept):
            segments += [between, self._of(file, form)] if number else [self._of(file, form)]
        segments = [one for one in (*segments, after) if one]
        with storage(_WHAT):
            sizes = [_size(one) for one in segments]
        names = "\n".join([*(file.path.name for file in kept), *map(str, sizes)])
        return Dump(
            segments=tuple(segments) or (compressed(b""),),
            size=sum(sizes) or len(compressed(b"")),
            modified=max((file.written for file in kept), default=None),
            tag=hashlib.blake2b(f"{form.extension}\n{names}".encode(), digest_size=12).hexdigest(),
            triples=sum(file.triples for file in kept),
        )

    def _of(self, file: GraphFile, form: DumpFormat) -> Path:
        if form.derive is None:
            return file.path
        path = file.path.with_name(f"{file.path.name.removesuffix(TRIPLES)}.{form.extension}.gz")
        if not path.is_file():
            with storage(_WHAT), replacing(path) as temporary, temporary.open("wb") as out:
                self._derive(file, form.derive, out)
        return path

    def _derive(self, file: GraphFile, derive: Callable[[Source, Any], None], out: BinaryIO) -> None:
        with compressing(out) as stream:
            buffered = io.BufferedWriter(stream, _BLOCK)
            try:
                derive(Source(file.path, self._graph(file.revision), self._prefixes), buffered)
            except _DAMAGED as error:
                raise DamagedFileError(file.path) from error
            buffered.flush()


def _size(segment: Path | bytes) -> int:
    return len(segment) if isinstance(segment, bytes) else segment.stat().st_size


def _sent(spans: Iterable[tuple[BinaryIO, int, int]], opened: ExitStack) -> Iterator[bytes]:
    """Of each stream the bytes from the one up to before the other, in blocks; all are closed in the end."""
    with opened:
        for stream, first, last in spans:
            stream.seek(first)
            while block := stream.read(min(_BLOCK, last - first)):
                yield block
                first += len(block)


def _member(text: bytes) -> bytes:
    return compressed(text) if text else b""


class _Inner(io.RawIOBase):
    """Passes on what is between the first byte and the last."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._first = True
        self._held = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        found = bytes(data)
        size = len(found)
        if self._first and found:
            found, self._first = found[1:], False
        found = self._held + found
        self._out.write(found[:-1])
        self._held = found[-1:]
        return size
