"""The process that evaluates SPARQL queries over an embedded store, so that it can be killed: ``python -m`` this.

Oxigraph cannot be interrupted, and what it takes of memory cannot be limited but for a whole process. One JSON object
a line comes in on standard input; out go the result in pieces, each behind its length in four bytes, a piece of length
0, and a JSON line that says what it was or why there is none. It ends with its standard input.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import re
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pyoxigraph

from catalogue.durable import locked
from catalogue.errors import CatalogueError
from catalogue.model.report import Message
from catalogue.rdf.quads import (
    Kind,
    MalformedQueryError,
    QueryTooLargeError,
    StoreUnavailableError,
    require_acceptable,
)
from catalogue.rdf.sparql import check, unevaluated

IN_USE: Final = "in-use"
"""A file of a generation; who reads the generation holds its shared lock."""
STORE: Final = "store"
"""The folder of a generation that Oxigraph knows."""
_PIECE: Final = 1 << 16
_MEMORY: Final = 2 << 30
_DAMAGE: Final = re.compile("corrupt|checksum mismatch", re.IGNORECASE)
_RESULTS: Final[Mapping[str, pyoxigraph.QueryResultsFormat]] = {
    "application/sparql-results+json": pyoxigraph.QueryResultsFormat.JSON,
    "application/sparql-results+xml": pyoxigraph.QueryResultsFormat.XML,
    "text/csv": pyoxigraph.QueryResultsFormat.CSV,
    "text/tab-separated-values": pyoxigraph.QueryResultsFormat.TSV,
}
GRAPHS: Final[Mapping[str, pyoxigraph.RdfFormat]] = {
    "text/turtle": pyoxigraph.RdfFormat.TURTLE,
    "application/n-triples": pyoxigraph.RdfFormat.N_TRIPLES,
    "application/rdf+xml": pyoxigraph.RdfFormat.RDF_XML,
    "application/ld+json": pyoxigraph.RdfFormat.JSON_LD,
}


class MovedError(Exception):
    """The generation was taken away: there is a newer one."""


class BrokenError(Exception):
    """The files of the generation are damaged."""


class Generation:
    """An opened generation, which nobody removes while it is open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self._lock = os.open(folder / IN_USE, os.O_RDONLY)
        except OSError as error:
            raise MovedError from error
        if not locked(self._lock, fcntl.LOCK_SH) or not (folder / STORE).is_dir():
            os.close(self._lock)
            raise MovedError
        try:
            self.store = pyoxigraph.Store.read_only(str(folder / STORE))
        except (OSError, RuntimeError, ValueError) as error:
            os.close(self._lock)
            raise BrokenError(str(error)) from error

    def close(self) -> None:
        """Let it go."""
        del self.store
        os.close(self._lock)


class _Pieces(io.RawIOBase):
    """Writes a result in pieces, up to a limit."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._buffer = bytearray()
        self.full = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._left -= len(data)
        if self._left < 0:
            self.full = True
            raise OSError("the answer is too large")
        self._buffer += data
        if len(self._buffer) >= _PIECE:
            self.send()
        return len(data)

    def send(self) -> None:
        """Send what has gathered."""
        if self._buffer:
            sys.stdout.buffer.write(len(self._buffer).to_bytes(4, "big") + self._buffer)
            self._buffer.clear()


def main() -> None:
    """Answer until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    opened: Generation | None = None
    for line in sys.stdin.buffer:
        job = json.loads(line)
        try:
            check(job["text"])
            if job["folder"] is None:
                _end({})
                continue
            opened = _open(opened, Path(job["folder"]))
            _answer(opened.store, job)
        except CatalogueError as error:
            _end(_fault(type(error).__name__, error.said or error.message))
        except (MovedError, BrokenError) as error:
            opened = None
            _end({"error": type(error).__name__, "message": str(error)})
        except (RuntimeError, ValueError, SyntaxError, OSError) as error:
            _end(_fault(_name(error), unevaluated(error)))


def _fault(name: str, said: Message | str) -> dict[str, str]:
    """An error as it is told; ``french`` where it is known in French."""
    if isinstance(said, Message):
        return {"error": name, "message": said.en, "french": said.fr}
    return {"error": name, "message": said}


def _name(error: Exception) -> str:
    """What an exception of Oxigraph's means, which says so in words only."""
    if _DAMAGE.search(str(error)):
        return BrokenError.__name__
    return StoreUnavailableError.__name__ if isinstance(error, OSError) else MalformedQueryError.__name__


def _open(opened: Generation | None, folder: Path) -> Generation:
    if opened is not None and opened.folder == folder:
        return opened
    if opened is not None:
        opened.close()
    return Generation(folder)


def _answer(store: pyoxigraph.Store, job: Mapping[str, Any]) -> None:
    found = store.query(job["text"], **_dataset(job))
    pieces = _Pieces(job["bytes"])
    try:
        kind, media_type = _write(found, job, pieces)
    except OSError as error:
        if pieces.full:
            raise QueryTooLargeError(
                Message(
                    f"La réponse a plus de {job['bytes']} octets.",
                    f"The answer has more than {job['bytes']:,} bytes.",
                )
            ) from error
        raise
    pieces.send()
    _end({"kind": kind, "media_type": media_type})


def _dataset(job: Mapping[str, Any]) -> dict[str, Any]:
    """What the protocol says of the dataset, which is then all there is of it."""
    names = ("default_graph", "named_graphs")
    if not any(job[name] for name in names):
        return {}
    return {name: [pyoxigraph.NamedNode(one) for one in job[name]] for name in names}


def _write(found: Any, job: Mapping[str, Any], out: Any) -> tuple[Kind, str]:
    if isinstance(found, pyoxigraph.QueryTriples):
        media_type = require_acceptable(Kind.GRAPH, job["graph"])
        pyoxigraph.serialize(found, out, GRAPHS[media_type], prefixes=job["prefixes"])
        return Kind.GRAPH, media_type
    kind = Kind.BOOLEAN if isinstance(found, pyoxigraph.QueryBoolean) else Kind.SOLUTIONS
    media_type = require_acceptable(kind, job["results"])
    found.serialize(out, _RESULTS[media_type])
    return kind, media_type


def _end(said: Mapping[str, str]) -> None:
    sys.stdout.buffer.write(bytes(4) + json.dumps(said).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
