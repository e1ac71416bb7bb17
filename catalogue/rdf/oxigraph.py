"""The embedded triple store: Oxigraph on disk, in generations that never change once they are published.

    root/current.json     which generation answers, and its position; replaced as one
    root/broken.json      which generation a reader found damaged
    root/lock             held by the one writer
    root/0007/store/      what Oxigraph knows
    root/0007/graphs/     the files that it was filled from, and graphs.json that names them
    root/0007/in-use      whose shared lock a reader holds while it reads

A commit makes the next generation: from the files where much is new, else from a copy of the one before (RocksDB never
writes to a table file twice, so these are linked) and the lines by which the files differ. Oxigraph forbids reading
what another process writes; here nobody ever does. Whatever kills a writer, the published generation stands, and what
was in the making is swept away. Everything can be made anew from the store of record.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import logging
import os
import shutil
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from time import time_ns
from typing import Any, Final

import numpy as np
import pyoxigraph

from catalogue.durable import TEMPORARY, exclusive, locked, read_sealed, storage, write_sealed
from catalogue.model.report import Message
from catalogue.rdf.compression import decompressing
from catalogue.rdf.evaluating import Evaluators, GenerationBrokenError, GenerationMovedError
from catalogue.rdf.evaluator import IN_USE, STORE
from catalogue.rdf.quads import (
    GraphQuery,
    Position,
    QueryAnswer,
    QueryLimits,
    StoreBusyError,
    StoreState,
    StoreUnavailableError,
)

_log = logging.getLogger(__name__)

LAYOUT: Final = f"oxigraph {pyoxigraph.__version__.rpartition('.')[0]}, layout 1"
_CURRENT: Final[Mapping[str, type]] = {
    "layout": str, "folder": str, "graphs": int, "store": str, "change": int, "edition": str
}  # fmt: skip
_WHAT: Final = "The triple store"
_TRIES: Final = 3
# From so large a part of all files that changes, everything is loaded anew: loading is four times as fast as removing.
_MUCH: Final = 0.2
_TRANSACTION: Final = 50_000
# Bytes of N-Quads: half a gigabyte while they are sorted.
_PART: Final = 64 << 20
# So many table files slow queries down.
_MANY_FILES: Final = 300


class OxigraphStore:
    """One folder of an embedded store.

    Args:
        root: made when first written.
        evaluators: the processes that evaluate queries.
    """

    def __init__(self, root: Path, evaluators: Evaluators) -> None:
        self._root = root
        self._evaluators = evaluators

    def state(self) -> StoreState:
        """How it is, as far as its folder tells."""
        found = self._current()
        if found is None:
            return StoreState(None)
        position = Position(found["store"], found["change"], found["edition"])
        return StoreState(position, found["graphs"], found["folder"])

    def query(self, query: GraphQuery, limits: QueryLimits) -> QueryAnswer:
        """Evaluate a query in a process of its own; see ``TripleStore``."""
        for _ in range(_TRIES):
            found = self._current()
            if found is None:
                break
            try:
                return self._evaluators.evaluate(query, self._root / found["folder"], limits)
            except GenerationMovedError:
                continue
            except GenerationBrokenError as error:
                self._report_broken(found["folder"], error)
        raise StoreUnavailableError(
            Message(
                "Le magasin de triplets est en cours de remplissage.",
                "The triple store is being filled.",
            )
        )

    def close(self) -> None:
        """End the processes that wait for queries."""
        self._evaluators.close()

    @contextmanager
    def writer(self) -> Iterator[_Writer]:
        """The right to write. Raises StoreBusyError, StorageError."""
        with storage(_WHAT):
            self._root.mkdir(parents=True, exist_ok=True)
            with exclusive(self._root / "lock") as free:
                if not free:
                    raise StoreBusyError(f"Another process writes to the triple store in {self._root}.")
                self._sweep()
                yield _Writer(self)

    def _current(self) -> dict[str, Any] | None:
        found = read_sealed(self._root / "current.json", _CURRENT)
        if found is None or found["layout"] != LAYOUT or not (self._root / found["folder"] / STORE).is_dir():
            return None
        broken = read_sealed(self._root / "broken.json", {"folder": str})
        return None if broken is not None and broken["folder"] == found["folder"] else found

    def _published(self) -> Path | None:
        found = self._current()
        return self._root / found["folder"] if found else None

    def _publish(self, folder: Path, graphs: int, position: Position) -> None:
        content = {"layout": LAYOUT, "folder": folder.name, "graphs": graphs, "store": position.store}
        content |= {"change": position.change, "edition": position.edition}
        write_sealed(self._root / "current.json", content)
        self._sweep()

    def _sweep(self) -> None:
        """Generations that nothing leads to and nobody reads, and what a killed writer left."""
        kept = self._published()
        for path in self._root.iterdir():
            if path.is_dir() and path != kept and not _is_read(path):
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.startswith(TEMPORARY):
                path.unlink(missing_ok=True)

    def _report_broken(self, folder: str, error: Exception) -> None:
        """What answers is broken: it is as if there were nothing, and the writer fills it anew."""
        _log.error("the triple store in %s is broken: %s", self._root / folder, error)
        with suppress(OSError):  # a reader that may not write here says nothing
            write_sealed(self._root / "broken.json", {"folder": folder})


class _Writer:
    def __init__(self, store: OxigraphStore) -> None:
        self._store = store
        self._before = store._published()
        self._held = _held(self._before)
        self._wanted = dict(self._held)

    def graphs(self) -> frozenset[str]:
        return frozenset(self._held)

    def anew(self) -> None:
        self._before, self._wanted = None, {}

    def replace(self, graph: str, source: Path) -> None:
        self._wanted[graph] = source

    def remove(self, graph: str) -> None:
        self._wanted.pop(graph, None)

    def commit(self, position: Position) -> None:
        with storage(_WHAT):
            folder = self._store._root / str(time_ns())
            try:
                self._make(folder)
                self._store._publish(folder, len(self._wanted), position)
            except BaseException:
                if self._store._published() != folder:
                    shutil.rmtree(folder, ignore_errors=True)
                raise
            self._before, self._held = folder, _held(folder)
            self._wanted = dict(self._held)

    def _make(self, folder: Path) -> None:
        folder.mkdir()
        (folder / IN_USE).touch()
        files = _keep(folder, self._wanted)
        held = self._held if self._before is not None else {}
        changed = [name for name in {*held, *files} if held.get(name) != self._wanted.get(name)]
        sizes = sum(path.stat().st_size for name in changed for path in (held.get(name), files.get(name)) if path)
        if self._before is None or sizes > _MUCH * sum(path.stat().st_size for path in files.values()):
            _load(folder / STORE, files)
        else:
            _copy(self._before / STORE, folder / STORE)
            _alter(folder / STORE, [(name, held.get(name), files.get(name)) for name in sorted(changed)])


# --- the files of a generation ----------------------------------------------------------------------------------------


def _held(folder: Path | None) -> dict[str, Path]:
    """The graphs of a generation, and the file of each."""
    found = read_sealed(folder / "graphs" / "graphs.json", {"names": dict}) if folder is not None else None
    return {name: folder / "graphs" / file for name, file in found["names"].items()} if folder and found else {}


def _keep(folder: Path, wanted: Mapping[str, Path]) -> dict[str, Path]:
    """Link the files into a generation."""
    kept = folder / "graphs"
    kept.mkdir()
    names = {name: hashlib.blake2b(name.encode(), digest_size=12).hexdigest() + ".nt.gz" for name in wanted}
    for name, source in wanted.items():
        _link(source, kept / names[name])
    write_sealed(kept / "graphs.json", {"names": names})
    return {name: kept / file for name, file in names.items()}


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one that knows no links
        shutil.copyfile(source, target)


def _copy(source: Path, target: Path) -> None:
    """A database that is closed: its table files are never changed, everything else is small."""
    target.mkdir()
    for path in source.iterdir():
        if path.suffix == ".sst":
            _link(path, target / path.name)
        elif path.name not in ("LOCK", "LOG") and not path.name.startswith("LOG.old"):
            shutil.copyfile(path, target / path.name)


def _is_read(folder: Path) -> bool:
    try:
        handle = os.open(folder / IN_USE, os.O_RDWR)
    except OSError:
        return False
    try:
        return not locked(handle, fcntl.LOCK_EX, 1)
    finally:
        os.close(handle)


# --- what Oxigraph is given -------------------------------------------------------------------------------------------


def _load(folder: Path, files: Mapping[str, Path]) -> None:
    """Everything from the files. Oxigraph sorts a load in memory: it is given a part at a time.

    What is loaded once is asked often: putting the parts together takes half of the load's time again, and joins of
    a million triples take half of theirs.
    """
    store = pyoxigraph.Store(str(folder))
    lines = chain.from_iterable(_twice(_blocks(path), name) for name, path in sorted(files.items()))
    while first := next(lines, b""):
        part = chain([first], _until_size(lines, _PART))
        store.bulk_load(_stream(part), pyoxigraph.RdfFormat.N_QUADS, lenient=True)
    store.optimize()
    store.flush()


def _until_size(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Pieces until together they have so many bytes."""
    while size > 0 and (piece := next(pieces, None)) is not None:
        size -= len(piece)
        yield piece


def _tidy(store: pyoxigraph.Store, folder: Path) -> None:
    if len(list(folder.glob("*.sst"))) > _MANY_FILES:
        store.optimize()


def _alter(folder: Path, changes: Iterable[tuple[str, Path | None, Path | None]]) -> None:
    """The differences of some files. A triple leaves the default graph when no graph has it any more."""
    store = pyoxigraph.Store(str(folder))
    gone: list[pyoxigraph.Triple] = []
    for name, before, after in changes:
        removed, added = differences(before, after)
        graph = pyoxigraph.NamedNode(name)
        for triple in _triples(removed):
            store.remove(pyoxigraph.Quad(triple.subject, triple.predicate, triple.object, graph))
            gone.append(triple)
        _add(store, name, added)
        if after is None:
            store.remove_graph(graph)
    for triple in gone:
        _forget(store, triple)
    _tidy(store, folder)
    store.flush()


def _add(store: pyoxigraph.Store, name: str, added: Iterator[bytes]) -> None:
    first: list[bytes] = []
    for line in added:
        first.append(line)
        if len(first) > _TRANSACTION:
            store.bulk_load(_stream(_twice(chain(first, added), name)), pyoxigraph.RdfFormat.N_QUADS, lenient=True)
            return
    store.load(b"".join(_twice(first, name)), pyoxigraph.RdfFormat.N_QUADS, lenient=True)


def _forget(store: pyoxigraph.Store, triple: pyoxigraph.Triple) -> None:
    default = pyoxigraph.DefaultGraph()
    found = store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
    if all(quad.graph_name == default for quad in found):
        store.remove(pyoxigraph.Quad(triple.subject, triple.predicate, triple.object, default))


def _triples(lines: Iterator[bytes]) -> Iterator[pyoxigraph.Triple]:
    for quad in pyoxigraph.parse(_stream(lines), pyoxigraph.RdfFormat.N_TRIPLES, lenient=True):
        yield quad.triple


def _twice(blocks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Lines of N-Triples as N-Quads of the default graph and of a named one."""
    end = b" <" + name.encode() + b"> .\n"
    for block in blocks:
        yield block
        yield block.replace(b" .\n", end)


def _blocks(path: Path) -> Iterator[bytes]:
    """A gzipped file in pieces of whole lines."""
    with decompressing(path) as stream:
        while block := stream.read(1 << 20):
            yield block + stream.readline()


def _stream(pieces: Iterable[bytes]) -> Any:
    """A file to read; typed so, since Oxigraph asks for more of a file in words than it uses."""
    return _Stream(pieces)


class _Stream(io.RawIOBase):
    """Pieces of bytes as a file to read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = memoryview(piece)
        found = self._rest[:size] if size >= 0 else self._rest
        self._rest = self._rest[len(found) :]
        return bytes(found)


def differences(before: Path | None, after: Path | None) -> tuple[Iterator[bytes], Iterator[bytes]]:
    """The lines that only the first file has, and those that only the second has, in their order.

    Both are gone through twice; between, eight bytes a line are held.
    """
    old, new = _hashes(before), _hashes(after)
    return _lines_among(before, np.setdiff1d(old, new)), _lines_among(after, np.setdiff1d(new, old))


def _hashes(path: Path | None) -> Any:
    """A hash of every line, keyed by this process."""
    return np.frombuffer(array("q", (hash(line) for line in _lines(path))), dtype=np.int64)


def _lines(path: Path | None) -> Iterator[bytes]:
    if path is not None:
        for block in _blocks(path):
            yield from block.splitlines(keepends=True)


def _lines_among(path: Path | None, hashes: Any) -> Iterator[bytes]:
    if len(hashes):
        wanted = frozenset(hashes.tolist())
        yield from (line for line in _lines(path) if hash(line) in wanted)
