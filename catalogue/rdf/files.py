"""The triples of each document revision in a gzipped N-Triples file: what triple stores are filled and dumps made from.

    root/REVISION.CHANGE-EDITION.nt.gz    the triples
    root/REVISION.json                    which file is in force, what is in it, which state of the store it is of
    root/followed                         up to which change every file was looked at, and how large they all are

A file holds each triple once, in the order of their bytes. It is written whole or not at all and never changed, so
that what somebody has opened stays what it was; the concatenation of gzip files is one (RFC 1952, section 2.2), and so
is that of N-Triples documents.
"""

from __future__ import annotations

import hashlib
import heapq
import io
import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

from catalogue.durable import TEMPORARY, read_sealed, replacing, storage, write_sealed
from catalogue.errors import StorageError
from catalogue.model.report import Message
from catalogue.rdf.compression import compressing
from catalogue.rdf.quads import Position

TRIPLES: Final = ".nt.gz"
_SHAPE: Final[Mapping[str, type]] = {
    "file": str, "size": int, "store": str, "change": int, "edition": str, "triples": int, "items": dict,
    "cohorts": dict, "written": str,
}  # fmt: skip
_FOLLOWED: Final = "followed"
_POSITION: Final[Mapping[str, type]] = {"store": str, "change": int, "edition": str}
_WHAT: Final = "The files of triples"
_BUFFER: Final = 1 << 18
_RUN: Final = 1 << 25


class DamagedFileError(StorageError):
    """A file of triples is not whole any more."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            Message("Un fichier de triplets est endommagé.", f"The file of triples {path.name} is damaged."),
            next_step=Message(
                "L’administrateur le refait par « catalogue rdf rebuild » ; réessayez ensuite.",
                "The administrator makes it anew by catalogue rdf rebuild; try again then.",
            ),
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """The triples of one item, as lines of N-Triples.

    Attributes:
        type: the item's type.
        cohorts: paths (``/agency/identifier``) of the cohorts that it belongs to.
    """

    type: str
    cohorts: tuple[str, ...]
    lines: bytes


@dataclass(frozen=True, slots=True)
class GraphFile:
    """The triples of one revision.

    Attributes:
        position: the state of the store of record that it was made from, and how.
        items: how many items of each type are in it.
        cohorts: how many of them belong to each cohort, by path.
    """

    revision: str
    path: Path
    position: Position
    triples: int
    items: Mapping[str, int]
    cohorts: Mapping[str, int]
    written: datetime

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return self.path.stat().st_size


class GraphFiles:
    """A folder of them. One writer at a time; any number of readers."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, revision: str) -> GraphFile | None:
        """The file of a revision; None where there is none that can be relied upon."""
        return self._read(self.root / f"{revision}.json")

    def all(self) -> dict[str, GraphFile]:
        """Every file, by revision."""
        found = (self._read(path) for path in sorted(self.root.glob("*.json")))
        return {one.revision: one for one in found if one is not None}

    def followed(self) -> Position | None:
        """Up to where each file is true or newer; None where it is not known."""
        found = read_sealed(self.root / _FOLLOWED, _POSITION)
        return Position(**{name: found[name] for name in _POSITION}) if found else None

    def note_followed(self, position: Position) -> None:
        """Every file there is, is true at this position or newer, and they are all. Raises StorageError."""
        with storage(_WHAT):
            self.root.mkdir(parents=True, exist_ok=True)
            write_sealed(self.root / _FOLLOWED, {**asdict(position), "bytes": self._bytes()})

    def are_all(self, position: Position) -> bool:
        """Whether they are true at a position, and none is lost or cut."""
        found = read_sealed(self.root / _FOLLOWED, {"bytes": int})
        return self.followed() == position and found is not None and found["bytes"] == self._bytes()

    def _bytes(self) -> int:
        return sum(_size(path) or 0 for path in self.root.glob(f"*{TRIPLES}"))

    def write(self, revision: str, position: Position, pieces: Iterable[Piece]) -> GraphFile:
        """Write the file of a revision, in place of the one before. Raises StorageError."""
        with storage(_WHAT):
            self.root.mkdir(parents=True, exist_ok=True)
            path = self.root / f"{revision}.{position.change}-{_digest(position)}{TRIPLES}"
            with replacing(path) as temporary:
                counts = _write(temporary, pieces)
            content = {"file": path.name, "size": path.stat().st_size, "written": datetime.now(UTC).isoformat()}
            write_sealed(self.root / f"{revision}.json", {**content, **asdict(position), **counts})
            self._sweep(revision, path)
        found = self.get(revision)
        assert found is not None  # it was just written
        return found

    def remove(self, revision: str) -> None:
        """Remove the file of a revision, if there is one."""
        with storage(_WHAT):
            (self.root / f"{revision}.json").unlink(missing_ok=True)
            self._sweep(revision)

    def keep_only(self, revisions: Collection[str]) -> None:
        """Remove the files of all others, and what killed writers left."""
        for revision in self.all().keys() - set(revisions):
            self.remove(revision)
        with storage(_WHAT):
            for path in self.root.glob(f"{TEMPORARY}*"):
                path.unlink(missing_ok=True)

    def _sweep(self, revision: str, kept: Path | None = None) -> None:
        """The other files of a revision: of older states, and what was derived from any."""
        for path in self.root.glob(f"{revision}.*.*.gz"):
            if path != kept:
                path.unlink(missing_ok=True)

    def _read(self, sidecar: Path) -> GraphFile | None:
        found = read_sealed(sidecar, _SHAPE)
        if found is None or _size(self.root / found["file"]) != found["size"]:
            return None
        return GraphFile(
            revision=sidecar.stem,
            path=self.root / found["file"],
            position=Position(found["store"], found["change"], found["edition"]),
            triples=found["triples"],
            items=found["items"],
            cohorts=found["cohorts"],
            written=datetime.fromisoformat(found["written"]),
        )


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _digest(position: Position) -> str:
    return hashlib.blake2b(f"{position.store} {position.edition}".encode(), digest_size=6).hexdigest()


def _write(path: Path, pieces: Iterable[Piece]) -> dict[str, Any]:
    """Write the triples; gives what was counted."""
    triples, items, cohorts = 0, Counter[str](), Counter[str]()

    def lines() -> Iterator[bytes]:
        for piece in pieces:
            items[piece.type] += 1
            cohorts.update(piece.cohorts)
            yield from io.BytesIO(piece.lines)

    with path.open("wb") as file:
        with compressing(file) as stream:
            buffered = io.BufferedWriter(stream, _BUFFER)
            for line in distinct(lines(), path.parent):
                buffered.write(line)
                triples += 1
            buffered.flush()
        file.flush()
        os.fsync(file.fileno())
    return {"triples": triples, "items": dict(items), "cohorts": dict(cohorts)}


def distinct(lines: Iterator[bytes], folder: Path, most: int = _RUN) -> Iterator[bytes]:
    """Lines in the order of their bytes, each once, whatever their number: an external merge sort (Knuth, TAOCP 5.4).

    A graph is a set (RDF 1.1 Concepts, section 3), but items say the same of what they share: a publisher, a category.

    Args:
        lines: each with its end.
        folder: where sorted runs are spooled; they have no name there and go with the process.
        most: bytes of lines in memory at a time; up to twice as many.

    Raises:
        OSError: the folder cannot be written.
    """
    with ExitStack() as spools:
        runs: list[Iterable[bytes]] = []
        run = _run(lines, most)
        while following := _run(lines, most):
            spool = spools.enter_context(TemporaryFile(dir=folder))
            spool.writelines(run)
            spool.seek(0)
            runs.append(spool)
            run = following
        for line, _ in groupby(heapq.merge(*runs, run)):
            yield line


def _run(lines: Iterator[bytes], most: int) -> list[bytes]:
    """The next lines, sorted, each once."""
    taken, size = set[bytes](), 0
    for line in lines:
        if line not in taken:
            taken.add(line)
            size += len(line)
            if size >= most:
                break
    return sorted(taken)
